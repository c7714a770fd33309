"""What every request meets: limits for each user, compression, ids that lead through."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from api.app import create_app
from api.problems import ProblemError
from api.ratelimit import RateLimit
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from krake.tokens import issue
from tests.api.conftest import NOWHERE
from tests.api.documents import APPLICATIONS, application, config_map
from tests.support.store import add
from tests.support.waiting import until


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database is enough here: the contract holds on both."""
    return sqlite_url


def test_tokens_are_refilled_at_the_rate_and_no_further_than_the_burst() -> None:
    now = 0.0
    limit = RateLimit(2.0, 3, loopback=True, clock=lambda: now)
    assert [limit.take("a") for _ in range(3)] == [0, 0, 0]
    assert limit.take("a") == 0.5
    assert limit.take("b") == 0
    now = 0.5
    assert [limit.take("a"), limit.take("a")] == [0, 0.5]
    now = 1000.0
    assert [limit.take("a") > 0 for _ in range(4)] == [False, False, False, True]


async def limited(tmp_path: Path, store: Store, **settings: Any) -> httpx.AsyncClient:
    """A client, on another machine, of an API with a limit of two requests at once."""
    made = Settings(
        state_dir=tmp_path,
        temporal_address=NOWHERE,
        authentication=[AuthenticationWay.STATIC],
        api_rate_limit=0.1,
        api_rate_burst=2,
        **settings,
    )
    app = create_app(made, store, await connect(made, lazy=True))
    client = ("192.0.2.7", 1234) if not settings else ("127.0.0.1", 1234)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=client), base_url="http://api")


@pytest.mark.parametrize("settings", [{}, {"api_rate_limit_loopback": True}])
async def test_user_who_asks_too_often_is_told_when_to_come_back(
    tmp_path: Path, store: Store, settings: dict[str, Any]
) -> None:
    async with await limited(tmp_path, store, **settings) as client:
        assert [(await client.get("/me")).status_code for _ in range(2)] == [200, 200]
        refused = await client.get("/me")
        assert refused.status_code == 429
        assert refused.headers["content-type"] == "application/problem+json"
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        assert "more than 0.1 requests a second" in refused.json()["detail"]
        assert (await client.get("/healthz")).status_code == 200


async def test_this_machine_is_not_limited(tmp_path: Path, store: Store) -> None:
    async with await limited(tmp_path, store, api_rate_limit_loopback=False) as client:
        assert {(await client.get("/me")).status_code for _ in range(5)} == {200}


async def test_answers_are_compressed_for_those_who_want_it(client: httpx.AsyncClient) -> None:
    await client.post(APPLICATIONS, json=application(manifest=[config_map(text="x" * 200_000)]))
    url = f"{APPLICATIONS}/echo"
    plain = await client.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    async with client.stream("GET", url, headers={"Accept-Encoding": "br, gzip;q=0.5"}) as packed:
        content = b"".join([part async for part in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) == len(content) < 10_000
    assert gzip.decompress(content) == plain.content
    refused = await client.get(url, headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


async def test_watch_is_not_held_back_by_compression(http: httpx.AsyncClient, store: Store) -> None:
    headers = {"Accept-Encoding": "gzip"}
    async with http.stream("GET", APPLICATIONS, params={"watch": ""}, headers=headers) as response:
        await add(store)
        assert (await anext(response.aiter_lines())).startswith('{"type":"ADDED"')
        assert "content-encoding" not in response.headers


async def test_request_id_leads_from_the_answer_to_the_event_and_to_temporal(
    settings: Settings, store: Store, temporal: Client
) -> None:
    app = create_app(settings, store, temporal)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            made = await client.post(APPLICATIONS, json=application(), headers={"X-Request-ID": "follow-me"})
            assert made.headers["X-Request-ID"] == "follow-me"
            events = (await client.get(f"{APPLICATIONS}/echo/events")).json()["items"]
            assert events[0]["cause"] == "request follow-me"
        handle = temporal.get_workflow_handle(f"application/testing/{made.json()['metadata']['name']}")

        async def told() -> bool:
            try:
                history = await handle.fetch_history()
            except RPCError as error:
                # It is started after the answer.
                assert error.status is RPCStatusCode.NOT_FOUND
                return False
            return any(b"request follow-me" in event.SerializeToString() for event in history.events)

        await until("Temporal knows the request", told, 15)


async def test_refused_credentials_are_counted_by_where_they_come_from(tmp_path: Path, store: Store) -> None:
    made = Settings(
        state_dir=tmp_path, temporal_address=NOWHERE, api_rate_limit=0.1, api_rate_burst=2, api_port=1
    )
    secret, token = issue("friend", "friend")
    await store.tokens.add(token)
    app = create_app(made, store, await connect(made, lazy=True))

    async def ask(source: str, token: str) -> int:
        transport = httpx.ASGITransport(app, client=(source, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code

    assert [await ask("192.0.2.7", f"guess-{number}") for number in range(3)] == [401, 401, 429]
    assert await ask("192.0.2.8", "guess") == 401
    # Whoever shares the address, and has a token, is not kept out.
    assert await ask("192.0.2.7", secret) == 200


def test_strangers_do_not_keep_each_other_out() -> None:
    limit = RateLimit(1.0, 1, loopback=False, clock=lambda: 0.0)
    scopes = [{"type": "http", "path": "/x", "client": (f"192.0.2.{number}", 1)} for number in (7, 8)]
    limit.check("system:anonymous", scopes[0])
    with pytest.raises(ProblemError):
        limit.check("system:anonymous", scopes[0])
    limit.check("system:anonymous", scopes[1])
