"""Watches that are narrowed, or read as server-sent events."""

from __future__ import annotations

import json
from typing import Any

import httpx

from api.ages import Ages
from api.entries import Entry
from api.narrowing import Narrowing
from api.selectors import selector
from krake.store import Store
from krake.store.records import Change, ChangeType
from tests.api.documents import APPLICATIONS, application
from tests.api.test_watch import Stream, watching
from tests.support.store import add, remove


def labelled(name: str, **labels: str) -> dict[str, Any]:
    """An application with labels."""
    document = application(name)
    document["metadata"]["labels"] = labels
    return document


async def test_who_enters_is_added_and_who_leaves_is_deleted(http: httpx.AsyncClient, store: Store) -> None:
    await http.post(APPLICATIONS, json=labelled("other"))
    since = (await http.get(APPLICATIONS)).json()["metadata"]["revision"]
    async with watching(http, label_selector="tier=gold", since=since) as stream:
        await http.post(APPLICATIONS, json=labelled("silver", tier="silver"))
        await http.post(APPLICATIONS, json=labelled("gold", tier="gold"))
        assert (await stream.event())[:2] == ("ADDED", "gold")
        await http.put(f"{APPLICATIONS}/silver", json=labelled("silver", tier="gold"))
        assert (await stream.event())[:2] == ("ADDED", "silver")
        await http.put(f"{APPLICATIONS}/gold", json=labelled("gold", tier="bronze"))
        assert (await stream.event())[:2] == ("DELETED", "gold")
        await http.put(f"{APPLICATIONS}/gold", json=labelled("gold", tier="silver"))
        await remove(store, await store.get("Application", "testing", "gold"))
        await remove(store, await store.get("Application", "testing", "silver"))
        assert (await stream.event())[:2] == ("DELETED", "silver")


async def test_what_a_resumed_watch_has_not_seen_is_told_once(store: Store) -> None:
    record = await add(store, labels={"tier": "silver"})
    entry = Entry.of(Change(ChangeType.MODIFIED, record), Ages(30.0))
    narrowing = Narrowing(selector("tier=gold", None))
    assert narrowing.told(entry, record.revision) is ChangeType.DELETED
    assert narrowing.told(entry, record.revision) is None
    assert Narrowing(selector("tier=gold", None)).told(entry, record.revision - 1) is None


async def test_server_sent_events_go_on_where_they_ended(http: httpx.AsyncClient, store: Store) -> None:
    record = await add(store, "first")
    await add(store, "second")
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(record.revision)}
    query = {"watch": "", "heartbeat": "1"}
    async with http.stream("GET", APPLICATIONS, params=query, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        identity, data, end = [await stream.line() for _ in range(3)]
        event = json.loads(data.removeprefix("data: "))
        assert identity == f"id: {event['object']['metadata']['revision']}"
        assert (event["type"], event["object"]["metadata"]["name"], end) == ("ADDED", "second", "")
        assert [await stream.line() for _ in range(2)] == [":", ""]
