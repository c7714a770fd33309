"""Streams that are open when a token is revoked or expires, or roles are withdrawn: they end, and say why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from api.app import create_app
from krake.secrets import Cipher, new_key
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from krake.tokens import issue
from tests.api.authorization.callers import MASTERS, binding, role, rule
from tests.api.conftest import served
from tests.api.documents import APPLICATIONS, application
from tests.api.test_watch import Stream, watching

EVENTS = f"{APPLICATIONS}/echo/events"


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(sqlite_url, Cipher.from_keys([new_key()])) as opened:
        yield opened


@pytest.fixture
async def http(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """The API with tokens and roles, behind a real server; its client may do everything."""
    monkeypatch.setattr("api.authorization.standing.RECHECK", 0.3)
    changes = {"authentication": [AuthenticationWay.TOKENS], "authorization": "rbac"}
    made = create_app(settings.model_copy(update=changes), store, await connect(settings, lazy=True))
    headers = {"Authorization": f"Bearer {await given_out(store, 'root', MASTERS)}"}
    async with (
        served(made) as base_url,
        httpx.AsyncClient(base_url=base_url, trust_env=False, headers=headers) as client,
    ):
        await client.post(APPLICATIONS, json=application())
        yield client


async def given_out(store: Store, name: str, *groups: str, **more: timedelta) -> str:
    """The secret of a new token."""
    secret, token = issue(name, name, groups, **more)
    await store.tokens.add(token)
    return secret


def of(client: httpx.AsyncClient, secret: str, accept: str = "*/*") -> httpx.AsyncClient:
    """A client with another token."""
    headers = {"Authorization": f"Bearer {secret}", "Accept": accept}
    return httpx.AsyncClient(base_url=client.base_url, trust_env=False, headers=headers)


async def last_word(stream: Stream) -> tuple[int, str]:
    """Status and words of the problem with which the stream ends."""
    while True:
        line = (await stream.line()).removeprefix("data: ")
        if line.startswith('{"type":"ERROR"'):
            problem = json.loads(line)["object"]
            assert problem["request_id"] == stream.response.headers["x-request-id"]
            assert problem["instance"] == stream.response.url.path
            if "event-stream" in stream.response.headers["content-type"]:
                assert await stream.line() == ""
            assert await stream.ended()
            return problem["status"], problem["detail"]


async def test_streams_end_when_their_token_is_revoked(http: httpx.AsyncClient, store: Store) -> None:
    secret = await given_out(store, "alice", MASTERS)
    async with (
        of(http, secret) as lines,
        of(http, secret, "text/event-stream") as browser,
        watching(lines, heartbeat=0) as watch,
        watching(browser, "/kubernetes/applications") as events,
        watching(lines, EVENTS) as history,
        watching(http) as other,
    ):
        await history.line()
        await store.tokens.remove("alice")
        for stream in (watch, events, history):
            status, words = await last_word(stream)
            assert status == 401 and "revoked" in words
        await http.post(APPLICATIONS, json=application("later"))
        assert (await other.event())[1] == "later"


async def test_a_watch_ends_when_its_token_expires(http: httpx.AsyncClient, store: Store) -> None:
    secret = await given_out(store, "brief", MASTERS, lifetime=timedelta(seconds=1))
    async with of(http, secret) as client, watching(client) as watch:
        assert await last_word(watch) == (401, "The token 'brief' has expired; ask for a new one")


async def test_streams_and_waits_end_when_roles_are_withdrawn(http: httpx.AsyncClient, store: Store) -> None:
    reads = rule("list,watch,get,update", "applications")
    await http.post("/core/roles", json=role("reader", reads))
    await http.post("/core/rolebindings", json=binding("reader", "reader", ["bob"]))
    async with (
        of(http, await given_out(store, "bob")) as client,
        watching(client) as watch,
        watching(client, EVENTS) as history,
    ):
        await history.line()
        await http.delete("/core/rolebindings/reader")
        for stream in (watch, history):
            status, words = await last_word(stream)
            assert status == 403 and "User 'bob' may not" in words
    assert (await http.get("/metrics")).text.count("\nkrake_api_watches 0.0")


async def test_an_answer_that_is_held_back_is_refused_when_the_token_is_revoked(
    http: httpx.AsyncClient, store: Store
) -> None:
    async def revoke() -> None:
        async with watching(http, EVENTS) as history:
            while "Updated" not in await history.line():
                pass
        await store.tokens.remove("carol")

    secret = await given_out(store, "carol", MASTERS)
    async with of(http, secret) as client, asyncio.TaskGroup() as tasks:
        tasks.create_task(revoke())
        path, query = f"{APPLICATIONS}/echo", {"blocking": "RUNNING"}
        answer = await client.put(path, json=application(backoff=2), params=query, timeout=10)
    assert answer.status_code == 401 and "revoked" in answer.json()["detail"]
