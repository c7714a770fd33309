"""What is reserved on clusters: never more than there is, and nothing once a deployment has ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from activities.placement import PlacementActivities
from krake.messages import Deployment, Placement
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.manifests import deployment
from tests.support.store import add, remove, set_status

ALLOCATABLE = {"cpu": "10", "memory": "64Gi", "pods": "110"}


def node(**allocatable: str) -> dict[str, Any]:
    """A ready node."""
    return {
        "metadata": {"name": "node"},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "allocatable": allocatable or ALLOCATABLE,
        },
    }


def asking_for(cpu: str) -> dict[str, Any]:
    """A Deployment whose one Pod asks for so much."""
    document = deployment("echo")
    document["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    return document


async def place(store: Store, folder: Path, app: Record) -> Placement:
    """Place an application as a worker does."""
    activities = PlacementActivities(store, Settings(state_dir=folder))
    return await run(activities.place_application, Deployment(target=target_of(app), generation=1))


async def reserved(store: Store, cluster: Record, dimension: str = "cpu") -> int:
    """What is reserved on a cluster."""
    return dict((await store.reserved(NAMESPACE)).get(cluster.uid, ())).get(dimension, 0)


async def test_thirty_placements_at_once_on_room_for_twenty(
    store: Store, other_store: Store, tmp_path: Path
) -> None:
    clusters = []
    for name in ("a", "b"):
        cluster = await register(store, name, nowhere())
        clusters.append(await set_status(store, cluster, nodes=[node()]))
    spec = application_spec(asking_for("1"))
    apps = [await add(store, f"app-{at}", NAMESPACE, spec=spec) for at in range(30)]
    stores = (store, other_store)
    answers = await asyncio.gather(*(place(stores[at % 2], tmp_path, app) for at, app in enumerate(apps)))
    placed = [answer for answer in answers if answer.cluster]
    refused = [answer for answer in answers if answer.cluster is None]
    assert (len(placed), len(refused)) == (20, 10)
    for answer in refused:
        assert "cpu: needs 1, free 0 of 10 (reserved 10)" in answer.message
    for cluster in clusters:
        assert await reserved(store, cluster) == 10_000
        assert await reserved(store, cluster, "pods") == 10

    without = {app.name for app, answer in zip(apps, answers, strict=True) if answer.cluster is None}
    assert {record.name for record in await store.waiting(NAMESPACE, 100)} == without
    assert len(await store.waiting(NAMESPACE, 3)) == 3
    gone = next(app for app, answer in zip(apps, answers, strict=True) if answer.cluster)
    waiting = next(app for app, answer in zip(apps, answers, strict=True) if not answer.cluster)
    await remove(store, gone)
    assert (await place(other_store, tmp_path, waiting)).cluster is not None


async def test_a_reservation_goes_with_the_deployment_whatever_ends_it(store: Store, tmp_path: Path) -> None:
    a, b = await register(store, "a", nowhere()), await register(store, "b", nowhere())
    for cluster in (a, b):
        await set_status(store, cluster, nodes=[node()])
    app = await add(store, "echo", NAMESPACE, spec=application_spec(asking_for("4")))
    placement = await place(store, tmp_path, app)
    assert placement.cluster is not None
    here, there = (a, b) if placement.cluster.uid == a.uid else (b, a)
    amounts = {"cpu": 4000}

    move = {"source_uid": here.uid, "target_uid": there.uid}
    both = {here.uid: amounts, there.uid: amounts}
    await set_status(store, app, migration=move, reserved=both)
    assert (await reserved(store, here), await reserved(store, there)) == (4000, 4000)
    await set_status(store, app, migration=None)
    assert (await reserved(store, here), await reserved(store, there)) == (4000, 0)
    await set_status(store, app, migration=move)
    await set_status(store, app, scheduled_uid=there.uid, migration=None)
    assert (await reserved(store, here), await reserved(store, there)) == (0, 4000)
    await set_status(store, app, scheduled_uid=None)
    assert (await store.reserved(NAMESPACE)) == {}
    await set_status(store, app, scheduled_uid=here.uid)
    await remove(store, app)
    assert (await store.reserved(NAMESPACE)) == {}


async def test_an_update_counts_what_it_holds_as_free(store: Store, tmp_path: Path) -> None:
    cluster = await set_status(store, await register(store, "a", nowhere()), nodes=[node()])
    app = await add(store, "echo", NAMESPACE, spec=application_spec(asking_for("8")))
    assert (await place(store, tmp_path, app)).cluster is not None
    assert (await place(store, tmp_path, app)).cluster is not None
    assert await reserved(store, cluster) == 8000
    other = await add(store, "other", NAMESPACE, spec=application_spec(asking_for("16")))
    answer = await place(store, tmp_path, other)
    assert "a Pod needs cpu 16 on one node, the largest node has cpu 10" in answer.message


async def test_only_nodes_that_take_its_pods_count(store: Store, tmp_path: Path) -> None:
    tainted = {**node(), "spec": {"taints": [{"key": "gpu", "effect": "NoSchedule"}]}}
    cordoned = {**node(), "spec": {"unschedulable": True}}
    lame = {**node()}
    lame["status"] = {**lame["status"], "conditions": [{"type": "Ready", "status": "False"}]}
    cluster = await register(store, "a", nowhere())
    await set_status(store, cluster, nodes=[tainted, cordoned, lame])
    app = await add(store, "echo", NAMESPACE, spec=application_spec(asking_for("1")))
    assert "cpu: needs 1, there is none" in (await place(store, tmp_path, app)).message
    tolerant = asking_for("1")
    tolerant["spec"]["template"]["spec"]["tolerations"] = [{"key": "gpu", "operator": "Exists"}]
    other = await add(store, "other", NAMESPACE, spec=application_spec(tolerant))
    assert (await place(store, tmp_path, other)).cluster is not None


async def test_cordoned_and_tainted_clusters_say_why_not(store: Store, tmp_path: Path) -> None:
    taint = {"key": "edge", "value": "", "effect": "NoSchedule"}
    for name, fields in (("a", {"cordoned": True}), ("b", {"taints": [taint]})):
        cluster = await register(store, name, nowhere())
        async with store.transaction() as transaction:
            spec = {**cluster.spec, **fields}
            await transaction.update_spec(cluster, labels={}, spec=spec, event=NewEvent("Updated"))
    app = await add(store, "echo", NAMESPACE, spec=application_spec(asking_for("1")))
    message = (await place(store, tmp_path, app)).message
    assert "a (cordoned: it takes no new applications)" in message
    assert "b (taint edge:NoSchedule is not tolerated)" in message
