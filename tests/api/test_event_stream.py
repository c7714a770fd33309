"""Following the events of one resource over HTTP, through real sockets."""

from __future__ import annotations

import json

import httpx

from krake.store import NewEvent, Store
from tests.api.documents import APPLICATIONS, application
from tests.api.test_watch import Stream, watching
from tests.support.store import remove

ECHO = f"{APPLICATIONS}/echo"
EVENTS = f"{ECHO}/events"


async def event(stream: Stream) -> tuple[str, int]:
    """The next event: its type and id."""
    while not (line := await stream.line()):
        pass
    document = json.loads(line)
    return document["type"], document["id"]


async def test_events_are_streamed_as_they_happen_and_go_on_after_the_removal(
    http: httpx.AsyncClient, store: Store
) -> None:
    await http.post(APPLICATIONS, json=application())
    async with watching(http, EVENTS) as stream:
        assert (await event(stream))[0] == "Created"
        await http.post(APPLICATIONS, json=application("other"))
        record = await store.get("Application", "testing", "echo")
        async with store.transaction() as transaction:
            await transaction.add_event(record, NewEvent("Noted"))
        kind, number = await event(stream)
        assert kind == "Noted"
        await http.delete(ECHO)
        assert (await event(stream))[0] == "DeletionRequested"
        await remove(store, await store.get("Application", "testing", "echo"))
        assert (await event(stream))[0] == "Removed"
    async with watching(http, EVENTS, after=number) as stream:
        assert (await event(stream))[0] == "DeletionRequested"


async def test_a_silent_stream_has_heartbeats(http: httpx.AsyncClient) -> None:
    await http.post(APPLICATIONS, json=application())
    async with watching(http, EVENTS, heartbeat=1) as stream:
        await event(stream)
        assert await stream.line() == ""


async def test_a_stream_of_what_never_was(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{APPLICATIONS}/never/events", params={"watch": ""})
    assert answer.status_code == 404
    assert (await http.get(EVENTS, params={"last": 0})).status_code == 422


async def test_the_newest_events_come_oldest_first(http: httpx.AsyncClient) -> None:
    await http.post(APPLICATIONS, json=application())
    await http.put(ECHO, json=application(backoff=2))
    await http.delete(ECHO)
    items = (await http.get(EVENTS, params={"last": 2})).json()["items"]
    assert [item["type"] for item in items] == ["Updated", "DeletionRequested"]
