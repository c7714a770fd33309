"""Applications whose cluster is silent: UNKNOWN wherever they are shown, without a write to any of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from krake.store import Record, Store
from tests.api.documents import APPLICATIONS
from tests.api.test_watch import watching
from tests.support.store import add
from tests.support.waiting import until

LONG_AGO = "2026-01-01T00:00:00+00:00"


def ago(seconds: float) -> str:
    """A moment in the past."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


async def confirm(store: Store, cluster: Record, at: str) -> None:
    """What the observer of a cluster writes."""
    async with store.transaction() as transaction:
        await transaction.write_observation(cluster, {"confirmed_at": at, "observed_at": at, "generation": 1})


async def running(store: Store, cluster: Record, name: str = "echo") -> Record:
    """An application that runs on the cluster and that nobody has looked at for long."""
    status: dict[str, Any] = {
        "state": "RUNNING",
        "scheduled_uid": cluster.uid,
        "observed_generation": 1,
        "observed_at": LONG_AGO,
        "deployed_at": LONG_AGO,
    }
    return await add(store, name, status=status)


@pytest.fixture
async def cluster(store: Store) -> Record:
    """A cluster that was verified long ago."""
    status = {"state": "ONLINE", "observed_generation": 1, "verified_at": LONG_AGO}
    return await add(store, "de", kind="Cluster", status=status)


async def states(client: httpx.AsyncClient) -> set[str]:
    """The state of the application, read in both ways."""
    one = (await client.get(f"{APPLICATIONS}/echo")).json()["status"]["state"]
    pages = [(await client.get(APPLICATIONS, params=query)).json() for query in ({}, {"limit": 1})]
    return {one, *(page["items"][0]["status"]["state"] for page in pages)}


async def test_get_and_list_show_what_nobody_confirms_as_unknown(
    client: httpx.AsyncClient, store: Store, cluster: Record
) -> None:
    await confirm(store, cluster, ago(1))
    app = await running(store, cluster)
    assert await states(client) == {"RUNNING"}
    await confirm(store, cluster, ago(31))

    async def unknown() -> bool:
        return await states(client) == {"UNKNOWN"}

    await until("the application is UNKNOWN", unknown, 5)
    assert (await store.get("Application", "testing", "echo")).revision == app.revision
    status = (await client.get(f"{APPLICATIONS}/echo")).json()["status"]
    assert status["message"].startswith("not confirmed since ")
    assert status["message"].endswith(", was RUNNING then")


async def test_a_watch_tells_when_a_cluster_falls_silent_and_when_it_is_back(
    http: httpx.AsyncClient, store: Store, cluster: Record
) -> None:
    await confirm(store, cluster, ago(1))
    app = await running(store, cluster)
    async with watching(http, since=app.revision) as stream:
        await confirm(store, cluster, ago(31))
        kind, name, shown = await stream.event()
        assert (kind, name, shown["status"]["state"]) == ("MODIFIED", "echo", "UNKNOWN")
        assert shown["metadata"]["revision"] == app.revision
        await confirm(store, cluster, ago(1))
        assert (await stream.event())[2]["status"]["state"] == "RUNNING"


async def test_a_watch_that_begins_later_tells_it_too(
    http: httpx.AsyncClient, store: Store, cluster: Record
) -> None:
    """Its client may have listed before the cluster fell silent."""
    await confirm(store, cluster, ago(31))
    app = await running(store, cluster)
    for _ in range(2):
        async with watching(http, since=app.revision, name="echo") as stream:
            assert (await stream.event())[2]["status"]["state"] == "UNKNOWN"
