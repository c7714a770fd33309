"""Watching over HTTP, through real sockets: nothing is missed, nobody waits for another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from krake.store import Store
from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster
from tests.support.store import add, remove, set_status
from tests.support.waiting import until

SECONDS = 10.0


class Stream:
    """The lines of an open watch."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def line(self) -> str:
        """The next line, a heartbeat being an empty one."""
        return await asyncio.wait_for(anext(self._lines), SECONDS)

    async def event(self) -> tuple[str, str, dict[str, Any]]:
        """The next change: its type, the resource's name, the resource."""
        while not (line := await self.line()):
            pass
        event = json.loads(line)
        return event["type"], event["object"]["metadata"]["name"], event["object"]

    async def ended(self) -> bool:
        """Whether the stream comes to its end instead of another line."""
        try:
            await self.line()
        except (StopAsyncIteration, httpx.RemoteProtocolError):
            return True
        return False


@asynccontextmanager
async def watching(
    client: httpx.AsyncClient, path: str = APPLICATIONS, **query: Any
) -> AsyncIterator[Stream]:
    """An open watch; its headers have arrived."""
    async with client.stream("GET", path, params={"watch": "", **query}, timeout=SECONDS) as response:
        assert response.status_code == 200
        yield Stream(response)


async def metric(client: httpx.AsyncClient, name: str) -> float:
    """The value of a metric without labels."""
    lines = (await client.get("/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def test_changes_arrive_as_they_happen(http: httpx.AsyncClient, store: Store) -> None:
    await http.post(APPLICATIONS, json=application("before"))
    async with watching(http) as stream:
        assert stream.response.headers["content-type"] == "application/x-ndjson"
        created = (await http.post(APPLICATIONS, json=application())).json()
        assert await stream.event() == ("ADDED", "echo", created)
        updated = (await http.put(f"{APPLICATIONS}/echo", json=application(backoff=2))).json()
        assert await stream.event() == ("MODIFIED", "echo", updated)
        await http.delete(f"{APPLICATIONS}/echo")
        kind, _, shown = await stream.event()
        assert kind == "MODIFIED"
        assert shown["metadata"]["deleted"]
        await remove(store, await store.get("Application", "testing", "echo"))
        assert (await stream.event())[:2] == ("DELETED", "echo")


async def test_watch_is_narrowed_by_kind_namespace_and_name(http: httpx.AsyncClient, store: Store) -> None:
    async with (
        watching(http) as some,
        watching(http, "/kubernetes/applications") as everything,
        watching(http, name="wanted") as one,
    ):
        await http.post(CLUSTERS, json=cluster())
        await add(store, "first", "elsewhere")
        await add(store, "second")
        await add(store, "wanted")
        assert [(await everything.event())[1] for _ in range(3)] == ["first", "second", "wanted"]
        assert [(await some.event())[1] for _ in range(2)] == ["second", "wanted"]
        assert (await one.event())[1] == "wanted"


async def test_watch_goes_on_from_a_list_without_a_gap(http: httpx.AsyncClient, store: Store) -> None:
    await add(store, "listed")
    gone = await add(store, "gone")
    listed = (await http.get(APPLICATIONS)).json()
    assert len(listed["items"]) == 2
    await add(store, "between")
    await remove(store, gone)
    async with watching(http, since=listed["metadata"]["revision"]) as stream:
        assert (await stream.event())[:2] == ("ADDED", "between")
        assert (await stream.event())[:2] == ("DELETED", "gone")


async def test_nothing_is_missed_by_a_watch_that_breaks_again_and_again(
    http: httpx.AsyncClient, store: Store
) -> None:
    count, breaks = 100, 5

    async def write() -> None:
        for number in range(count):
            await add(store, f"app-{number:03}")

    since = (await http.get(APPLICATIONS)).json()["metadata"]["revision"]
    writer = asyncio.create_task(write())
    seen: list[str] = []
    while len(seen) < count:
        async with watching(http, since=since) as stream:
            for _ in range(min(count // breaks, count - len(seen))):
                kind, name, shown = await stream.event()
                assert kind == "ADDED"
                seen.append(name)
                since = shown["metadata"]["revision"]
    await writer
    assert seen == [f"app-{number:03}" for number in range(count)]


async def test_many_watchers_see_all_changes_of_a_busy_application(
    http: httpx.AsyncClient, store: Store
) -> None:
    record = await add(store)
    last = 50

    async def follow(stream: Stream) -> list[int]:
        seen = [0]
        while seen[-1] < last:
            seen.append((await stream.event())[2]["status"]["retries"])
        return seen

    async with watching(http) as a, watching(http) as b, watching(http, "/kubernetes/applications") as c:
        followers = [asyncio.create_task(follow(stream)) for stream in (a, b, c)]
        for number in range(1, last + 1):
            record = await set_status(store, record, retries=number)
        for seen in await asyncio.gather(*followers):
            assert seen == sorted(seen)


async def test_heartbeats_are_empty_lines(http: httpx.AsyncClient, store: Store) -> None:
    async with watching(http, heartbeat=1) as stream, watching(http, heartbeat=0) as silent:
        assert await stream.line() == ""
        assert await stream.line() == ""
        await add(store)
        assert (await silent.line()).startswith('{"type":"ADDED"')


async def test_revision_that_is_too_old_or_unknown(http: httpx.AsyncClient, store: Store) -> None:
    await remove(store, await add(store))
    await store.prune(datetime.now(UTC) + timedelta(seconds=1))
    for since in (0, 1_000_000):
        refused = await http.get(APPLICATIONS, params={"watch": "", "since": since})
        assert refused.status_code == 410
        assert refused.headers["content-type"] == "application/problem+json"
        assert "List again" in refused.json()["detail"]


async def test_client_that_goes_away_leaves_nothing_behind(http: httpx.AsyncClient) -> None:
    async with watching(http, heartbeat=0), watching(http, heartbeat=0):
        assert await metric(http, "krake_api_watches") == 2

    async def none_left() -> bool:
        return await metric(http, "krake_api_watches") == 0

    await until("the streams are closed", none_left, SECONDS)


async def test_slow_client_holds_up_nobody_and_misses_nothing(http: httpx.AsyncClient, store: Store) -> None:
    filling = {"manifest": [{"data": "x" * 100_000}]}
    count = 60
    async with watching(http) as slow, watching(http) as quick:
        for number in range(count):
            await add(store, f"app-{number:03}", spec=filling)
            assert (await quick.event())[1] == f"app-{number:03}"
        assert [(await slow.event())[1] for _ in range(count)] == [
            f"app-{number:03}" for number in range(count)
        ]
