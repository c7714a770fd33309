"""What becomes of Keystone's answers. `tests/keystone` asks a real one; this server can also fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from api.authentication import authenticator
from krake.errors import KrakeError
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from tests.api.authentication.conftest import Open, Opened, bearer, refused

TOKEN = "gAAAAABk-token-of-keystone"


class Answering(ThreadingHTTPServer):
    """Answers with one status and document, and remembers whose token was shown."""

    daemon_threads = True
    status: int
    document: Any
    asked: list[tuple[str, str, str]]

    @property
    def url(self) -> str:
        """The address for the settings."""
        return f"http://127.0.0.1:{self.server_port}/v3"

    def token(self, **changes: Any) -> None:
        """Answer with a valid token from now on."""
        expires = datetime.now(UTC) + timedelta(minutes=5)
        self.status = 200
        self.document = {
            "token": {
                "methods": ["password"],
                "user": {"id": "u1", "name": "alice", "domain": {"id": "default", "name": "Default"}},
                "expires_at": expires.isoformat(),
                **changes,
            }
        }


class _Handler(BaseHTTPRequestHandler):
    server: Answering

    def do_GET(self) -> None:
        """Say what there is to say."""
        shown = (self.path, self.headers["X-Auth-Token"], self.headers["X-Subject-Token"])
        self.server.asked.append(shown)
        content = json.dumps(self.server.document).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def keystone() -> Iterator[Answering]:
    """A server in Keystone's place that knows alice."""
    server = Answering(("127.0.0.1", 0), _Handler)
    server.asked = []
    server.token()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def trusting(opened: Open, keystone: Answering, **more: Any) -> Opened:
    """The API that asks the server, and lets strangers in without a credential."""
    return opened("tokens", "keystone", "anonymous", keystone_url=keystone.url, **more)


@pytest.mark.parametrize(
    "headers",
    [bearer(TOKEN), {"Authorization": TOKEN}, {"X-Auth-Token": TOKEN}],
    ids=["bearer", "raw", "own"],
)
async def test_keystone_is_asked_once_and_believed_for_a_moment(
    opened: Open, keystone: Answering, headers: dict[str, str]
) -> None:
    keystone.token(project={"id": "p1", "name": "shop"}, roles=[{"name": "member"}])
    async with trusting(opened, keystone) as client:
        for _ in range(3):
            me = (await client.get("/me", headers=headers)).json()
            assert me["user"] == "alice"
            assert me["groups"] == ["keystone:p1", "keystone:p1:member", "system:authenticated"]
    assert keystone.asked == [("/v3/auth/tokens", TOKEN, TOKEN)]


async def test_the_word_of_keystone_ends_with_the_token_and_can_be_asked_each_time(
    opened: Open, keystone: Answering
) -> None:
    async with trusting(opened, keystone, keystone_cache_seconds=0) as client:
        assert (await client.get("/me", headers=bearer(TOKEN))).status_code == 200
        keystone.status = 404
        refused(await client.get("/me", headers=bearer(TOKEN)), "Keystone does not know it")
    keystone.token(expires_at=datetime.now(UTC).isoformat())
    async with trusting(opened, keystone) as client:
        for _ in range(2):
            await client.get("/me", headers=bearer(TOKEN))
    assert len(keystone.asked) == 4


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ({"name": "alice", "domain": {"name": "other"}}, "the domain 'Default'"),
        ({"name": "system:admin", "domain": {"name": "Default"}}, "cannot give the name"),
    ],
)
async def test_users_that_are_not_let_in(
    opened: Open, keystone: Answering, user: dict[str, Any], words: str
) -> None:
    keystone.token(user=user)
    async with trusting(opened, keystone) as client:
        answer = await client.get("/me", headers=bearer(TOKEN))
    refused(answer, words)
    assert answer.json()["title"] == "INVALID_KEYSTONE_TOKEN"


@pytest.mark.parametrize(("status", "document"), [(503, {}), (500, {}), (302, {}), (200, {}), (200, [])])
async def test_a_keystone_that_fails_is_no_refusal(
    opened: Open, keystone: Answering, status: int, document: Any
) -> None:
    keystone.status, keystone.document = status, document
    async with trusting(opened, keystone) as client:
        answer = await client.get("/me", headers=bearer(TOKEN))
    assert answer.status_code == 503
    assert "Keystone does not answer" in answer.json()["detail"]
    assert TOKEN not in answer.text


async def test_tokens_of_krake_and_monsters_never_reach_keystone(opened: Open, keystone: Answering) -> None:
    async with trusting(opened, keystone) as client:
        for token in ("krake_" + "A" * 43, "x" * 9000):
            refused(await client.get("/me", headers=bearer(token)))
    assert keystone.asked == []


@pytest.mark.parametrize("address", ["", "http://cloud.example.org:5000/v3", "cloud:5000"])
def test_addresses_that_keystone_cannot_have(address: str, settings: Settings, store: Store) -> None:
    ways = [AuthenticationWay.KEYSTONE]
    with pytest.raises(KrakeError, match="KRAKE_KEYSTONE_URL"):
        authenticator(settings.model_copy(update={"authentication": ways, "keystone_url": address}), store)
