"""Deleting by policy and by force, draining, owners and finalizers, and orphans, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from krake.moves import request_migration
from krake.store import NewEvent, Record, Store
from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster
from tests.support.store import set_status

DE, ECHO = f"{CLUSTERS}/de", f"{APPLICATIONS}/echo"
ORPHANS = "/core/namespaces/testing/orphans"
BOUND = {"api": "kubernetes", "kind": "Cluster", "namespace": "testing", "name": "de"}
OBJECTS = [{"api_version": "v1", "kind": "ConfigMap", "namespace": "default", "name": "settings"}]

Document = dict[str, Any]


def reference(name: str) -> Document:
    """An application as an owner."""
    return {"api": "kubernetes", "kind": "Application", "namespace": "testing", "name": name}


@pytest.fixture
async def de(client: httpx.AsyncClient, store: Store) -> Record:
    """A cluster that was reached."""
    assert (await client.post(CLUSTERS, json=cluster())).status_code == 201
    record = await store.get("Cluster", "testing", "de")
    return await set_status(store, record, state="ONLINE", observed_generation=1)


async def deployed(client: httpx.AsyncClient, store: Store, on: Record, name: str = "echo") -> Record:
    """An application that runs on a cluster."""
    assert (await client.post(APPLICATIONS, json=application(name))).status_code == 201
    record = await store.get("Application", "testing", name)
    return await set_status(
        store,
        record,
        state="RUNNING",
        observed_generation=1,
        scheduled_to={**BOUND, "name": on.name},
        scheduled_uid=on.uid,
        objects=OBJECTS,
    )


async def events(store: Store, record: Record) -> list[tuple[str, str]]:
    """What happened to the resource."""
    return [(event.type, event.message) for event in await store.events(uid=record.uid)]


async def test_a_cluster_keeps_the_policy_of_its_deletion(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    shown = (await client.delete(DE)).json()
    assert shown["metadata"]["deleted"]
    assert (shown["status"]["clearing"]["purpose"], shown["status"]["clearing"]["policy"]) == (
        "delete",
        "drain",
    )
    changed = (await client.delete(DE, params={"policy": "cascade"})).json()
    assert changed["status"]["clearing"]["policy"] == "cascade"
    assert (await client.delete(DE)).json() == changed
    refused = await client.delete(DE, params={"policy": "explode"})
    assert (refused.status_code, "policy" in refused.json()["detail"]) == (422, True)


async def test_only_clusters_take_a_policy(client: httpx.AsyncClient, store: Store, de: Record) -> None:
    await deployed(client, store, de)
    refused = await client.delete(ECHO, params={"policy": "drain"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "policy")


@pytest.mark.parametrize("spelling", ["True", "true"])
async def test_force_removes_an_application_and_remembers_what_it_leaves(
    client: httpx.AsyncClient, store: Store, de: Record, spelling: str
) -> None:
    echo = await deployed(client, store, de)
    answer = await client.delete(ECHO, params={"force": spelling})
    assert (answer.status_code, bool(answer.json()["metadata"]["deleted"])) == (200, True)
    assert (await client.get(ECHO)).status_code == 404
    listed = (await client.get(ORPHANS)).json()
    assert (listed["kind"], len(listed["items"])) == ("OrphanList", 1)
    found = listed["items"][0]
    assert (found["object_name"], found["cluster_uid"], found["application_uid"]) == (
        "settings",
        de.uid,
        echo.uid,
    )
    assert (await events(store, echo))[-1] == ("Deleted", "by force; recorded as orphans: ConfigMap/settings")
    assert (await client.get("/core/orphans", params={"cluster": "de"})).json()["items"] == [found]
    assert (await client.get("/core/orphans", params={"cluster": "it"})).json()["items"] == []


async def test_force_is_true_or_false(client: httpx.AsyncClient, store: Store, de: Record) -> None:
    await deployed(client, store, de)
    assert (await client.delete(ECHO, params={"force": "maybe"})).status_code == 422
    assert (await client.delete(ECHO, params={"force": "False"})).status_code == 200
    assert (await client.get(ECHO)).status_code == 200


async def test_a_cluster_removed_by_force_lets_its_applications_go(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    echo = await deployed(client, store, de)
    moving = await deployed(client, store, de, "moving")
    await set_status(store, moving, migration={"source_uid": de.uid, "target_uid": "it"})
    assert (await client.delete(DE, params={"force": "True"})).status_code == 200
    assert (await client.get(DE)).status_code == 404
    shown = (await client.get(ECHO)).json()["status"]
    assert (shown["state"], shown["scheduled_to"], shown["observed_generation"]) == ("PENDING", None, 0)
    assert [item.application for item in await store.orphans(cluster_uid=de.uid)] == ["echo"]
    assert (await events(store, echo))[-1][0] == "LetGo"
    left = await store.get("Application", "testing", "moving")
    assert left.status["scheduled_uid"] == de.uid


async def test_what_an_application_owns_is_deleted_with_it(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    await deployed(client, store, de)
    for name, owner in (("part", "echo"), ("detail", "part")):
        document = application(name)
        document["metadata"]["owners"] = [reference(owner)]
        shown = (await client.post(APPLICATIONS, json=document)).json()
        assert shown["metadata"]["owners"] == [reference(owner)]
    await client.delete(ECHO)
    for name in ("part", "detail"):
        record = await store.get("Application", "testing", name)
        assert record.deleted is not None
        assert (await events(store, record))[-1] == (
            "DeletionRequested",
            "together with Application/echo, which owns it",
        )


async def test_the_binding_is_shown_as_an_owner_but_does_not_become_one(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    await deployed(client, store, de)
    shown = (await client.get(ECHO)).json()
    assert shown["metadata"]["owners"] == [BOUND]
    unchanged = await client.put(ECHO, json=shown)
    assert unchanged.json() == shown
    shown["metadata"]["owners"].append(reference("base"))
    assert (await client.put(ECHO, json=shown)).json()["metadata"]["owners"] == [reference("base"), BOUND]
    assert (await store.get("Application", "testing", "echo")).owners == [reference("base")]


async def test_finalizers_can_only_be_taken_away_while_a_resource_is_deleted(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    document = application()
    document["metadata"]["finalizers"] = ["one", "two"]
    assert (await client.post(APPLICATIONS, json=document)).json()["metadata"]["finalizers"] == ["one", "two"]
    shown = (await client.delete(ECHO)).json()
    for wanted in (["one", "two"], ["one", "three"], ["one", "two", "three"]):
        shown["metadata"]["finalizers"] = wanted
        refused = await client.put(ECHO, json=shown)
        assert (refused.status_code, refused.json()["title"]) == (409, "UPDATE_ERROR")
        assert "Finalizers can only be removed" in refused.json()["detail"]
    shown["metadata"]["finalizers"] = ["two"]
    assert (await client.put(ECHO, json=shown)).json()["metadata"]["finalizers"] == ["two"]


async def test_cordoning_is_no_reason_to_verify_a_cluster_anew(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    async with store.transaction() as transaction:
        await transaction.write_observation(de, {"generation": 1, "state": "ONLINE"})
    for _ in range(2):
        shown = (await client.put(f"{DE}/cordon")).json()
        assert shown["spec"]["cordoned"] is True
        assert shown["metadata"]["generation"] == shown["status"]["observed_generation"] == 2
    assert (await store.get("Cluster", "testing", "de")).observation["generation"] == 2
    shown = (await client.put(f"{DE}/uncordon")).json()
    assert (shown["spec"]["cordoned"], shown["metadata"]["generation"]) == (False, 3)
    assert [name for name, _ in await events(store, de)][-2:] == ["Cordoned", "Uncordoned"]


@pytest.mark.parametrize("failover", [False, True], ids=["drained", "silent"])
async def test_who_found_no_other_cluster_stays_when_a_draining_is_taken_back(
    client: httpx.AsyncClient, store: Store, de: Record, failover: bool
) -> None:
    app = await deployed(client, store, de)
    await client.put(f"{DE}/drain")
    async with store.transaction() as transaction:
        asked = await request_migration(
            transaction, app, leave=True, failover=failover, trigger="drained", actor="krake"
        )
        parked = {**asked.status["request"], "parked": True}
        await transaction.write_status(app, {"state": "DEGRADED", "request": parked})
    await client.put(f"{DE}/uncordon")
    record = await store.get("Application", app.namespace, app.name)
    assert bool(record.status["request"]) is failover
    assert (record.uid in {one.uid for one in await store.unobserved(10)}) is not failover
    assert ("MigrationDropped" in [name for name, _ in await events(store, app)]) is not failover


async def test_draining_cordons_until_it_is_taken_back(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    shown = (await client.put(f"{DE}/drain")).json()
    assert shown["spec"]["cordoned"] is True
    assert (shown["status"]["clearing"]["purpose"], shown["status"]["clearing"]["actor"]) == (
        "drain",
        "tester",
    )
    assert (await client.put(f"{DE}/drain")).json() == shown
    assert (await client.put(f"{DE}/uncordon")).json()["status"]["clearing"] is None
    await client.delete(DE)
    for action in ("cordon", "uncordon", "drain"):
        assert (await client.put(f"{DE}/{action}")).status_code == 409
        assert (await client.put(f"{CLUSTERS}/none/{action}")).status_code == 404


async def test_collecting_says_what_nobody_can_collect(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    echo = await deployed(client, store, de)
    await client.delete(ECHO, params={"force": "True"})
    async with store.transaction() as transaction:
        await transaction.remove(de, NewEvent("Deleted"))
    answer = await client.put(f"{ORPHANS}/collect")
    assert answer.status_code == 202
    item = answer.json()["items"][0]
    assert (item["cluster"], item["orphans"], item["operation"]) == ("de", 1, None)
    assert "register it again" in item["message"]
    assert (await client.put(f"{ORPHANS}/collect", params={"cluster": "de"})).status_code == 404
    assert echo.uid


async def test_collecting_needs_temporal_and_says_so(
    client: httpx.AsyncClient, store: Store, de: Record
) -> None:
    await deployed(client, store, de)
    await client.delete(ECHO, params={"force": "True"})
    answer = await client.put("/core/orphans/collect")
    assert (answer.status_code, "Temporal" in answer.json()["detail"]) == (503, True)


async def test_an_owner_elsewhere_is_refused(client: httpx.AsyncClient, store: Store, de: Record) -> None:
    await deployed(client, store, de)
    document = application("parasite")
    document["metadata"] |= {"owners": [reference("echo")], "finalizers": ["never"]}
    answer = await client.post("/kubernetes/namespaces/elsewhere/applications", json=document)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "metadata.owners[0].namespace"
    document = {**document, "metadata": {**document["metadata"], "owners": []}}
    made = (await client.post("/kubernetes/namespaces/elsewhere/applications", json=document)).json()
    made["metadata"]["owners"] = [reference("echo")]
    answer = await client.put("/kubernetes/namespaces/elsewhere/applications/parasite", json=made)
    assert answer.status_code == 422
