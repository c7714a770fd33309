"""The events of a namespace: of all kinds that one may see, newest last, and nothing of other namespaces."""

from __future__ import annotations

import httpx

from krake.store import Store
from tests.api.authorization.callers import Guarded, metric, rule
from tests.api.authorization.conftest import guarded, guarded_app, rbac_settings
from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster
from tests.support.store import remove

__all__ = ["guarded", "guarded_app", "rbac_settings"]

EVENTS = "/core/namespaces/testing/events"


async def told(client: httpx.AsyncClient, **query: int) -> list[tuple[str, str, str, int]]:
    """What is told: kind, name, type and id."""
    items = (await client.get(EVENTS, params=query)).json()["items"]
    return [(item["kind"], item["name"], item["type"], item["id"]) for item in items]


async def test_events_of_all_kinds_are_told_in_order(client: httpx.AsyncClient, store: Store) -> None:
    await client.post(APPLICATIONS, json=application())
    await client.post(CLUSTERS, json=cluster())
    await client.post("/kubernetes/namespaces/elsewhere/applications", json=application("other"))
    await remove(store, await store.get("Application", "testing", "echo"))
    everything = await told(client)
    assert [event[:3] for event in everything] == [
        ("Application", "echo", "Created"),
        ("Cluster", "de", "Created"),
        ("Application", "echo", "Removed"),
    ]
    assert await told(client, last=2) == everything[-2:]
    assert await told(client, limit=1) == everything[:1]
    assert await told(client, after=everything[0][3]) == everything[1:]
    assert await told(client, last=5, after=everything[1][3]) == everything[2:]


async def test_only_events_of_what_one_may_see(guarded: Guarded) -> None:
    await guarded.master("POST", "/core/namespaces/testing/metrics", metric("load"))
    await guarded.master("POST", APPLICATIONS, application())
    await guarded.grant("eve", rule("get", "applications", ["testing"]))
    await guarded.grant("part", rule("get", "metrics/events", ["testing"], "core"))
    await guarded.grant("blind", rule("list", "applications", ["testing"]))
    for user, kinds in (("eve", {"Application"}), ("part", {"Metric"})):
        items = (await guarded.ask(user, "GET", EVENTS)).json()["items"]
        assert {item["kind"] for item in items} == kinds
        assert (await guarded.ask(user, "GET", "/core/namespaces/other/events")).status_code == 403
    refused = await guarded.ask("blind", "GET", EVENTS)
    assert refused.status_code == 403 and "may not get the events" in refused.json()["detail"]
    assert (await guarded.ask("system:anonymous", "GET", EVENTS)).status_code == 401
