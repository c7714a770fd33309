"""What is reserved on clusters: never more than there is, and nothing once a deployment has ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from activities.moving.beginning import BeginningActivities
from activities.moving.undoing import UndoingActivities
from activities.placement import PlacementActivities
from krake.messages.deploying import Deployment, Placement
from krake.messages.moving import Move, MoveStep
from krake.moves import request_migration
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
    assert "b (taint edge:NoSchedule is not tolerated, tolerated: nothing)" in message


async def test_a_move_reserves_at_its_target_and_keeps_the_source_until_it_has_left(
    store: Store, tmp_path: Path
) -> None:
    settings = Settings(state_dir=tmp_path)
    source = await set_status(store, await register(store, "a", nowhere()), nodes=[node()])
    app = await add(store, "echo", NAMESPACE, spec=application_spec(asking_for("4")))
    await place(store, tmp_path, app)
    target = await set_status(store, await register(store, "b", nowhere()), nodes=[node(cpu="5", pods="9")])
    await set_status(store, app, state="RUNNING", observed_generation=1, running_on={"name": "a"})

    async def move() -> Move:
        async with store.transaction() as transaction:
            record = await transaction.get("Application", NAMESPACE, "echo")
            record = await request_migration(transaction, record, trigger="asked for", actor="me")
        order = Deployment(target=target_of(app), generation=1, migration=record.status["request"]["id"])
        return await run(BeginningActivities(store, settings).begin_migration, order)

    other = await add(store, "other", NAMESPACE, spec=application_spec(asking_for("2")))
    async with store.transaction() as transaction:
        held = {target.uid: {"cpu": 2000}}
        await transaction.write_status(other, {"scheduled_uid": target.uid, "reserved": held})
    await move()
    record = await store.get("Application", NAMESPACE, "echo")
    assert record.status.get("migration") is None
    assert "cpu: needs 4, free 3 of 5 (reserved 2)" in str(record.status)

    await remove(store, other)
    begun = await move()
    assert begun.destination == target_of(target)
    assert (await reserved(store, source), await reserved(store, target)) == (4000, 4000)

    step = MoveStep(target=target_of(app), id=begun.id)
    undoing = UndoingActivities(store, settings)
    await run(undoing.begin_undoing, step.model_copy(update={"code": "NOT_READY", "message": "too late"}))
    await run(undoing.finish_undoing, step)
    assert (await reserved(store, source), await reserved(store, target)) == (4000, 0)


async def test_siblings_are_placed_one_after_the_other_in_each_place(store: Store, tmp_path: Path) -> None:
    """Each decision sees those before it, in the transaction that places."""
    for name, location in (("a", "DE"), ("b", "DE"), ("c", "IT")):
        await register(store, name, nowhere(), labels={"location": location})
    spread = {"over": "location", "among": "team"}
    spec = application_spec(asking_for("1"), constraints={"cluster": {"spread": spread}})
    apps = [await add(store, f"app-{at}", NAMESPACE, labels={"team": "web"}, spec=spec) for at in range(4)]
    placed = await asyncio.gather(*(place(store, tmp_path, app) for app in apps))
    names = [answer.cluster.name for answer in placed if answer.cluster]
    assert names.count("c") == 2
    assert len(await store.siblings(apps[0])) == 3
    assert await store.siblings(await add(store, "other", NAMESPACE, labels={"team": "web"})) == []
