"""A browser is lent the right to decrypt: by a link that counts once, from the Temporal UI's pages only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payloads

from api.app import create_app
from api.authentication import browser
from api.authentication.browser import BrowserLogins
from api.deps import Services
from api.problems import ProblemError
from krake.messages.base import Target
from krake.secrets import Cipher, new_key
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from krake.tokens import issue
from tests.api.authorization.callers import MASTERS

DECODE, TICKET, LOGIN = (f"/temporal/codec/{name}" for name in ("decode", "ticket", "login"))
UI = {"Origin": "http://127.0.0.1:8233"}
TARGET = Target(kind="Application", namespace="shop", name="web", uid="1")


@pytest.fixture
def url(sqlite_url: str) -> str:
    """The store does not matter here."""
    return sqlite_url


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Tokens and roles, as by default."""
    return settings.model_copy(update={"authentication": [AuthenticationWay.TOKENS], "authorization": "rbac"})


async def given_out(store: Store, name: str, *groups: str) -> dict[str, str]:
    """The header with a new token."""
    secret, token = issue(name, name, groups)
    await store.tokens.add(token)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
async def payloads(app: FastAPI) -> dict[str, Any]:
    """A payload as Temporal keeps it."""
    parts: Services = app.state.services
    return MessageToDict(Payloads(payloads=await parts.temporal.data_converter.encode([TARGET])))


@pytest.fixture
async def browsing(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: it keeps cookies, and has no token."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as made:
        yield made


async def test_a_browser_decrypts_in_the_name_of_whoever_lent_it_the_right(
    client: httpx.AsyncClient, browsing: httpx.AsyncClient, store: Store, payloads: dict[str, Any]
) -> None:
    alice = await given_out(store, "alice", MASTERS)
    ticket = (await client.post(TICKET, headers=alice)).json()
    assert ticket["ui"] == "http://127.0.0.1:8233" and ticket["seconds"] == 60
    assert (await browsing.post(DECODE, json=payloads, headers=UI)).status_code == 401
    page = await browsing.get(ticket["path"])
    assert page.status_code == 200 and "Include cross-origin credentials" in page.text
    cookie = page.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/temporal/codec"))
    assert page.headers["cache-control"] == "no-store" and "'none'" in page.headers["content-security-policy"]
    assert alice["Authorization"].split()[1] not in cookie
    shown = await browsing.post(DECODE, json=payloads, headers=UI)
    assert shown.status_code == 200 and shown.json() != payloads
    assert shown.headers["access-control-allow-credentials"] == "true"
    # The cookie opens nothing else, and counts for no other page.
    cookies = {"Cookie": cookie.partition(";")[0]}
    assert (await client.get("/me", headers={**cookies, **UI})).status_code == 401
    for origin in ("http://127.0.0.1:3000", "http://evil.example", "null"):
        answer = await browsing.post(DECODE, json=payloads, headers={"Origin": origin})
        assert answer.status_code == 401
    assert (await browsing.post(DECODE, json=payloads)).status_code == 401
    await store.tokens.remove("alice")
    assert (await browsing.post(DECODE, json=payloads, headers=UI)).status_code == 401


async def test_a_ticket_counts_once_and_is_no_cookie(
    client: httpx.AsyncClient, browsing: httpx.AsyncClient, store: Store, payloads: dict[str, Any]
) -> None:
    bob = await given_out(store, "bob", MASTERS)
    path = (await client.post(TICKET, headers=bob)).json()["path"]
    ticket = path.partition("=")[2]
    sent = {"Cookie": f"{browser.COOKIE}={ticket}", **UI}
    assert (await client.post(DECODE, json=payloads, headers=sent)).status_code == 401
    assert (await browsing.get(path)).status_code == 200
    again = await client.get(path)
    assert again.status_code == 401 and "used before" in again.json()["detail"]
    assert "set-cookie" not in again.headers
    changed = path[:-5] + ("AAAAA" if not path.endswith("AAAAA") else "BBBBB")
    for wrong in (LOGIN, f"{LOGIN}?ticket=", f"{LOGIN}?ticket=é", changed):
        assert (await client.get(wrong)).status_code == 401


async def test_who_may_not_decrypt_gets_no_ticket(client: httpx.AsyncClient, store: Store) -> None:
    answer = await client.post(TICKET, headers=await given_out(store, "carol"))
    assert answer.status_code == 403
    assert (await client.post(TICKET)).status_code == 401


async def test_without_encryption_there_is_nothing_to_lend(settings: Settings, store: Store) -> None:
    plain = settings.model_copy(update={"temporal_encryption": False})
    app = create_app(plain, store, await connect(plain, lazy=True))
    headers = await given_out(store, "dave", MASTERS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        answer = await client.post(TICKET, headers=headers)
    assert answer.status_code == 409 and "not encrypted" in answer.json()["detail"]


def test_tickets_and_cookies_end(monkeypatch: pytest.MonkeyPatch) -> None:
    logins = BrowserLogins(Cipher.from_keys([new_key()]), [UI["Origin"]])
    now = 1_000_000.0
    monkeypatch.setattr("api.authentication.browser.time.time", lambda: now)
    late, cookie = logins.ticket("secret"), logins.redeem(logins.ticket("secret"))
    headers = [(b"cookie", f"{browser.COOKIE}={cookie}".encode()), (b"origin", UI["Origin"].encode())]
    scope = {"type": "http", "method": "POST", "path": DECODE, "headers": headers}
    assert logins.token_of(scope) == "secret"
    assert logins.token_of({**scope, "method": "GET"}) == ""
    assert logins.token_of({**scope, "path": "/kubernetes/clusters"}) == ""
    now += browser.TICKET_SECONDS + 1
    with pytest.raises(ProblemError):
        logins.redeem(late)
    now += browser.COOKIE_SECONDS
    assert logins.token_of(scope) == ""
    assert logins.ticket("x" * 4000) == ""
