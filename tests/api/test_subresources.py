"""`status`, `binding` and `blocking`: what they do, and what they must not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from krake.store import Record, Store
from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster
from tests.support.store import remove, set_status
from tests.support.waiting import until

ECHO = f"{APPLICATIONS}/echo"
BERLIN = {"cluster": {"api": "kubernetes", "kind": "Cluster", "namespace": "testing", "name": "de"}}


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database is enough here: the contract holds on both."""
    return sqlite_url


async def settled(client: httpx.AsyncClient, store: Store) -> Record:
    """An application that runs, as far as its lifecycle is concerned."""
    await client.post(APPLICATIONS, json=application())
    record = await store.get("Application", "testing", "echo")
    moment = datetime.now(UTC).isoformat()
    return await set_status(store, record, state="RUNNING", observed_generation=1, deployed_at=moment)


async def test_reported_status_is_shown_and_nothing_else_is_touched(
    client: httpx.AsyncClient, store: Store
) -> None:
    before = await settled(client, store)
    document = (await client.get(ECHO)).json()
    document["status"] |= {
        "state": "DEGRADED",
        "reason": {"code": "NOT_READY", "message": "a Pod crashes"},
        "services": {"echo": "10.0.0.1:80"},
        "scheduled_to": {"api": "kubernetes", "kind": "Cluster", "name": "elsewhere"},
        "observed_generation": 7,
    }
    document["metadata"]["labels"] = {"ignored": "yes"}
    document["spec"]["backoff"] = 9
    shown = (await client.put(f"{ECHO}/status", json=document)).json()
    status = shown["status"]
    assert (status["state"], status["reason"]["code"]) == ("DEGRADED", "NOT_READY")
    assert status["services"] == {"echo": "10.0.0.1:80"}
    assert (status["scheduled_to"], status["observed_generation"]) == (None, 1)
    assert (shown["metadata"]["labels"], shown["spec"]["backoff"]) == ({}, 1)
    after = await store.get("Application", "testing", "echo")
    assert after.status == before.status
    assert after.modified == before.modified
    events = (await client.get(f"{ECHO}/events", params={"last": 1})).json()["items"]
    assert (events[0]["type"], events[0]["actor"]) == ("StatusReported", "tester")


@pytest.mark.parametrize("state", ["DELETING", "PENDING", "MIGRATING", "FAILED"])
async def test_state_that_krake_decides_cannot_be_reported(
    client: httpx.AsyncClient, store: Store, state: str
) -> None:
    await settled(client, store)
    document = (await client.get(ECHO)).json()
    document["status"]["state"] = state
    refused = await client.put(f"{ECHO}/status", json=document)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "status.state")


async def test_status_of_what_krake_works_on_cannot_be_reported(client: httpx.AsyncClient) -> None:
    document = (await client.post(APPLICATIONS, json=application())).json()
    assert (await client.put(f"{ECHO}/status", json=document)).status_code == 200
    document["status"]["state"] = "RUNNING"
    assert (await client.put(f"{ECHO}/status", json=document)).status_code == 409


async def test_binding_asks_for_a_placement_there(client: httpx.AsyncClient, store: Store) -> None:
    await client.post(CLUSTERS, json=cluster())
    await client.post(CLUSTERS, json=cluster("it"))
    for name in ("de", "it"):
        record = await store.get("Cluster", "testing", name)
        await set_status(store, record, state="ONLINE", observed_generation=1)
    await client.post(APPLICATIONS, json=application())
    for name in ("it", "de"):
        bound = await client.put(f"{ECHO}/binding", json={"cluster": {"name": name}})
        assert bound.status_code == 200, bound.text
        assert bound.json()["status"]["request"]["cluster"] == name
        decision = (await client.post(f"{ECHO}/decisions", json={})).json()
        assert decision["chosen"]["name"] == name
    events = (await client.get(f"{ECHO}/events", params={"last": 1})).json()["items"]
    assert (events[0]["type"], events[0]["message"]) == ("BindingRequested", "to de")


async def test_binding_of_what_runs_is_a_move(client: httpx.AsyncClient, store: Store) -> None:
    for name in ("de", "it"):
        await client.post(CLUSTERS, json=cluster(name))
        record = await store.get("Cluster", "testing", name)
        await set_status(store, record, state="ONLINE", observed_generation=1)
    here = await store.get("Cluster", "testing", "it")
    ref = {"api": "kubernetes", "kind": "Cluster", "namespace": "testing", "name": "it"}
    thing = {"api_version": "v1", "kind": "ConfigMap", "namespace": "default", "name": "settings"}
    await set_status(
        store, await settled(client, store), scheduled_to=ref, scheduled_uid=here.uid, objects=[thing]
    )
    same = await client.put(f"{ECHO}/binding", json={"cluster": ref})
    assert (same.status_code, same.json()["status"]["request"]) == (200, None)
    moved = await client.put(f"{ECHO}/binding", json=BERLIN)
    assert moved.status_code == 200, moved.text
    request = moved.json()["status"]["request"]
    assert (request["kind"], request["cluster"]) == ("migrate", "de")


@pytest.mark.parametrize(
    "body",
    [{}, {"cluster": {}}, {"cluster": {"name": "de", "namespace": "other"}}, {"cluster": {"name": "x"}}],
)
async def test_binding_to_what_is_not_there(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    await client.post(CLUSTERS, json=cluster())
    await client.post(APPLICATIONS, json=application())
    assert (await client.put(f"{ECHO}/binding", json=body)).status_code == 422


async def test_answer_waits_for_this_resource_and_no_other(client: httpx.AsyncClient, store: Store) -> None:
    asked = asyncio.create_task(client.post(APPLICATIONS, params={"blocking": "running"}, json=application()))

    async def created() -> bool:
        return await store.find("Application", "testing", "echo") is not None

    await until("the application is there", created, 5)
    record = await store.get("Application", "testing", "echo")
    await client.post(APPLICATIONS, json=application("other"))
    other = await store.get("Application", "testing", "other")
    await set_status(store, other, state="RUNNING", observed_generation=1)
    await asyncio.sleep(0.1)
    assert not asked.done()
    await set_status(store, record, state="RUNNING", observed_generation=1)
    answer = await asyncio.wait_for(asked, 5)
    assert (answer.status_code, answer.json()["status"]["state"]) == (201, "RUNNING")


async def test_deletion_waits_until_the_resource_is_gone(client: httpx.AsyncClient, store: Store) -> None:
    await client.post(APPLICATIONS, json=application())
    record = await store.get("Application", "testing", "echo")
    asked = asyncio.create_task(client.delete(ECHO, params={"blocking": "deleted"}))

    async def marked() -> bool:
        return (await store.get("Application", "testing", "echo")).deleted is not None

    await until("the application is marked", marked, 5)
    assert not asked.done()
    await remove(store, record)
    answer = await asyncio.wait_for(asked, 5)
    assert (answer.status_code, answer.json()["status"]["state"]) == (200, "DELETED")
    assert answer.json()["metadata"]["deleted"]


async def test_state_that_there_is_not_is_refused_before_anything_is_done(client: httpx.AsyncClient) -> None:
    refused = await client.post(APPLICATIONS, params={"blocking": "dancing"}, json=application())
    assert refused.status_code == 422
    assert (await client.get(ECHO)).status_code == 404
