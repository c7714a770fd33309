"""Moves of an application on a real Temporal: see clusters.py for what is scripted, and why.

After every failure the application is either on the source or on the target, whole, and says why.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from krake.messages import PROGRESS_QUERY, Progress, Target
from krake.models.requests import MigrationStrategy
from krake.moves import CannotMoveError, cancel_migration
from krake.store import NewEvent, Record
from tests.support.manifests import Document
from tests.support.waiting import until
from tests.workflows.failures import refused, unreachable
from tests.workflows.stage import Stage
from tests.workflows.test_application import ended, gone, outcome, reached


async def running(scene: Stage, **fields: Any) -> Target:
    """An application that runs on `de` while `it` is there."""
    await scene.cluster("de")
    app = await scene.app(**fields)
    await outcome(await scene.wake(app))
    await scene.cluster("it")
    scene.clusters.places.clear()
    return app


async def settled(scene: Stage, app: Target) -> Record:
    """The application when nothing works on it any more."""
    await until("its lifecycle ends", lambda: ended(scene, app))
    return await scene.record(app)


def labelled(*constraints: str) -> dict[str, Any]:
    """Constraints on the labels of the cluster; each cluster of a stage has its name as its place."""
    return {"cluster": {"labels": list(constraints)}}


def steps_of(scene: Stage) -> list[tuple[str, str]]:
    """What was done on which cluster, in this order."""
    return list(scene.clusters.places)


def place_of(record: Record) -> str:
    """The one cluster that the status names; fails where it contradicts itself."""
    status = record.status
    assert status.get("migration") is None
    assert status["scheduled_to"]["name"] == status["running_on"]["name"]
    return str(status["running_on"]["name"])


async def test_it_moves_and_only_then_leaves(scene: Stage) -> None:
    app = await running(scene)
    await scene.migrate(app)
    record = await settled(scene, app)
    assert place_of(record) == "it"
    assert (record.status["state"], record.status["services"]) == ("RUNNING", {"echo": "it:80"})
    assert steps_of(scene) == [
        ("apply_manifest", "it"),
        ("await_ready", "it"),
        ("remove_objects", "de"),
    ]
    assert (await scene.events(app))[-4:] == ["MigrationRequested", "Migrating", "HandedOver", "Migrated"]
    last = record.status["last_migration"]
    assert (last["outcome"], last["source"]["name"], last["target"]["name"]) == ("succeeded", "de", "it")


@pytest.mark.parametrize("step", ["apply_manifest", "await_ready"])
async def test_a_failure_before_the_hand_over_leaves_it_where_it_was(scene: Stage, step: str) -> None:
    app = await running(scene)
    scene.clusters.plan(step, refused("NOT_READY"))
    await scene.migrate(app)
    record = await settled(scene, app)
    assert place_of(record) == "de"
    assert record.status["state"] == "RUNNING"
    assert steps_of(scene)[-1] == ("remove_objects", "it")
    last = record.status["last_migration"]
    assert (last["outcome"], last["code"]) == ("failed", "NOT_READY")
    assert await scene.store.orphans() == []


@pytest.mark.parametrize("step", ["apply_manifest", "await_ready"])
async def test_it_can_be_cancelled_before_the_hand_over(scene: Stage, step: str) -> None:
    app = await running(scene)
    hold = scene.clusters.hold(step)
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.cancel(app)
    record = await settled(scene, app)
    assert hold.cancelled
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert steps_of(scene)[-1] == ("remove_objects", "it")
    assert record.status["last_migration"]["outcome"] == "cancelled"


async def test_a_source_that_does_not_answer_is_left_behind(scene: Stage) -> None:
    app = await running(scene)
    scene.clusters.plan("remove_objects", *unreachable(1))
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert [(one.cluster, one.object_name) for one in await scene.store.orphans()] == [("de", "settings")]


@pytest.mark.parametrize("step", ["hand_over", "finish_migration"])
async def test_a_store_that_is_away_for_a_moment_delays_it_only(scene: Stage, step: str) -> None:
    app = await running(scene)
    away = ApplicationError("the database is busy", type="Unavailable")
    scene.clusters.plan(step, away, away)
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert scene.clusters.count(step) == 3
    assert (await scene.events(app)).count("HandedOver") == 1


async def test_what_cannot_be_reached_at_the_target_is_remembered(scene: Stage) -> None:
    app = await running(scene)
    scene.clusters.plan("await_ready", refused("NOT_READY"))
    scene.clusters.plan("remove_objects", *unreachable(1))
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert [(one.cluster, one.object_name) for one in await scene.store.orphans()] == [("it", "settings")]
    assert "left behind on it" in record.status["last_migration"]["message"]


async def test_a_cancellation_between_readiness_and_hand_over_is_in_time(scene: Stage) -> None:
    """The store decides, not the signal: here the signal is lost."""
    app = await running(scene)
    hold = scene.clusters.hold("await_ready")
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    async with scene.store.transaction() as transaction:
        record = await transaction.get(app.kind, app.namespace, app.name)
        await cancel_migration(transaction, record, NewEvent("MigrationCancelRequested"))
    hold.released.set()
    record = await settled(scene, app)
    assert (place_of(record), record.status["last_migration"]["outcome"]) == ("de", "cancelled")
    assert "HandedOver" not in await scene.events(app)


async def test_after_the_hand_over_it_only_goes_forward(scene: Stage) -> None:
    app = await running(scene)
    hold = scene.clusters.hold("remove_objects")
    handle = await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    with pytest.raises(CannotMoveError, match="cannot be cancelled any more"):
        await scene.cancel(app)
    await scene.update(app, readiness_timeout=9)
    progress = await handle.query(PROGRESS_QUERY, result_type=Progress)
    assert progress.step == "migrate"
    status = (await scene.record(app)).status
    assert (status["running_on"]["name"], status["migration"]["source"]["name"]) == ("it", "de")
    assert status["migration"]["objects"] and status["objects"]
    assert not hold.cancelled
    hold.released.set()
    record = await settled(scene, app)
    assert (place_of(record), record.status["observed_generation"]) == ("it", 2)
    assert steps_of(scene)[-1] == ("await_ready", "it")


async def test_a_run_that_is_lost_is_taken_up_where_it_was(scene: Stage) -> None:
    app = await running(scene)
    hold = scene.clusters.hold("remove_objects")
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    move = (await scene.record(app)).status["migration"]["id"]
    await scene.client.get_workflow_handle(f"{app.workflow_id}/migrate/{move}").terminate("by hand")
    record = await settled(scene, app)
    assert place_of(record) == "it"
    assert record.status["last_migration"]["outcome"] == "succeeded"
    assert scene.clusters.count("apply_manifest") == 2, "the first deployment and the one of the move"


async def test_a_source_that_refuses_is_asked_again_and_the_status_says_so(scene: Stage) -> None:
    app = await running(scene)
    scene.clusters.plan("remove_objects", refused("KUBERNETES_ERROR"))
    await scene.migrate(app)
    await reached(scene, app, "RUNNING")
    record = await settled(scene, app)
    assert place_of(record) == "it"
    assert "Retrying" in await scene.events(app)
    assert steps_of(scene)[-1] == ("remove_objects", "de")
    assert await scene.store.orphans() == []


async def test_nowhere_to_go(scene: Stage) -> None:
    await scene.cluster("de")
    app = await scene.app()
    await outcome(await scene.wake(app))
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    last = record.status["last_migration"]
    assert (last["outcome"], last["code"]) == ("failed", "NO_SUITABLE_RESOURCE")
    assert "de (the application moves away from it)" in last["message"]


async def test_the_cluster_that_was_asked_for_does_not_fit(scene: Stage) -> None:
    app = await running(scene)
    await scene.cluster("fr", status={"state": "OFFLINE"})
    await scene.migrate(app, "fr")
    record = await settled(scene, app)
    assert place_of(record) == "de"
    assert record.status["last_migration"]["message"] == "fr does not fit: OFFLINE, wanted ONLINE"


async def test_a_changed_constraint_moves_it(scene: Stage) -> None:
    app = await running(scene)
    await scene.update(app, constraints=labelled("place is it"))
    record = await settled(scene, app)
    assert (place_of(record), record.status["observed_generation"]) == ("it", 2)
    assert ("apply_manifest", "de") not in steps_of(scene)


async def test_a_changed_constraint_does_not_move_what_may_not(scene: Stage) -> None:
    app = await running(scene)
    await scene.update(app, constraints={**labelled("place is it"), "migration": False})
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert "it (migration is not allowed, " in record.status["reason"]["message"]


async def test_a_move_for_a_constraint_that_fails_is_tried_again_after_a_while(scene: Stage) -> None:
    app = await running(scene, backoff_limit=-1)
    scene.clusters.plan("apply_manifest", refused())
    await scene.update(app, constraints=labelled("place is it"))
    await reached(scene, app, "DEGRADED")
    reason = (await scene.record(app)).status["reason"]
    assert "the move to it failed: INVALID_RESOURCE: ConfigMap/settings: invalid" in reason["message"]
    assert "next attempt at" in reason["message"]
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert record.status["migration_backoff"] is None


async def test_a_cancelled_move_for_a_constraint_is_not_made_again(scene: Stage) -> None:
    app = await running(scene)
    hold = scene.clusters.hold("await_ready")
    await scene.update(app, constraints=labelled("place is it"))
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.cancel(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert "the move to it was cancelled by a user" in record.status["reason"]["message"]
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")


async def test_a_newer_version_interrupts_the_move(scene: Stage) -> None:
    app = await running(scene)
    hold = scene.clusters.hold("await_ready")
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.update(app, readiness_timeout=9)
    record = await settled(scene, app)
    assert hold.cancelled
    assert (place_of(record), record.status["observed_generation"]) == ("de", 2)
    assert record.status["last_migration"]["outcome"] == "cancelled"
    assert ("remove_objects", "it") in steps_of(scene)


async def test_a_deletion_interrupts_the_move_and_leaves_nothing_anywhere(scene: Stage) -> None:
    app = await running(scene)
    hold = scene.clusters.hold("await_ready")
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.delete(app)
    await until("it is gone", lambda: gone(scene, app))
    assert steps_of(scene)[-2:] == [("remove_objects", "it"), ("remove_objects", "de")]


async def test_a_deletion_after_the_hand_over_waits_for_the_move(scene: Stage) -> None:
    app = await running(scene)
    hold = scene.clusters.hold("remove_objects")
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.delete(app)
    hold.released.set()
    await until("it is gone", lambda: gone(scene, app))
    assert steps_of(scene)[-2:] == [("remove_objects", "de"), ("remove_objects", "it")]


async def test_delete_first(scene: Stage) -> None:
    app = await running(scene, migration_strategy="delete-first")
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert steps_of(scene) == [
        ("remove_objects", "de"),
        ("apply_manifest", "it"),
        ("await_ready", "it"),
    ]


async def test_delete_first_goes_back_when_the_target_fails(scene: Stage) -> None:
    app = await running(scene)
    scene.clusters.plan("await_ready", refused("NOT_READY"))
    await scene.migrate(app, strategy=MigrationStrategy.DELETE_FIRST)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert steps_of(scene)[-3:] == [
        ("remove_objects", "it"),
        ("apply_manifest", "de"),
        ("await_ready", "de"),
    ]
    assert record.status["last_migration"]["code"] == "NOT_READY"


async def test_delete_first_stays_when_the_source_cannot_be_removed(scene: Stage) -> None:
    app = await running(scene)
    scene.clusters.plan("remove_objects", *unreachable(1))
    await scene.migrate(app, strategy=MigrationStrategy.DELETE_FIRST)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert ("apply_manifest", "it") not in steps_of(scene)
    assert await scene.store.orphans() == []


async def test_who_has_to_leave_tries_the_others_first_and_then_again(scene: Stage) -> None:
    app = await running(scene)
    await scene.cluster("fr")
    scene.clusters.plan("apply_manifest", refused(), refused())
    await scene.migrate(app, leave=True, trigger="cluster de is drained")
    record = await settled(scene, app)
    assert record.status["state"] == "RUNNING"
    tried = [cluster for name, cluster in steps_of(scene) if name == "apply_manifest"]
    assert sorted(tried[:2]) == ["fr", "it"]
    assert place_of(record) == tried[2] != "de"


async def test_who_has_to_leave_and_fits_nowhere_waits_for_a_cluster(scene: Stage) -> None:
    await scene.cluster("de")
    app = await scene.app()
    await outcome(await scene.wake(app))
    await scene.migrate(app, leave=True, trigger="cluster de is drained")
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert record.status["reason"]["message"].startswith("cluster de is drained: no cluster fits")
    assert app.uid not in {one.uid for one in await scene.store.unobserved(10)}
    await scene.cluster("it")
    await scene.wake(app, "cluster it is ONLINE")
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")


async def evicted(scene: Stage, app: Target) -> None:
    """Removed from `de`, which is gone when that is done."""
    hold = scene.clusters.hold("remove_objects")
    await scene.migrate(app, leave=True, evict=True, trigger="cluster de is deleted")
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.set_state("de", "OFFLINE")
    hold.released.set()


async def test_who_is_evicted_and_fits_nowhere_is_removed_and_waits(scene: Stage) -> None:
    await scene.cluster("de")
    app = await scene.app(constraints=labelled("place is de"))
    await outcome(await scene.wake(app))
    await evicted(scene, app)
    status = (await settled(scene, app)).status
    assert (status["state"], status["scheduled_to"], status["objects"]) == ("PENDING", None, [])
    assert status["reason"]["code"] == "NO_SUITABLE_RESOURCE"
    assert steps_of(scene)[-1] == ("remove_objects", "de")


async def test_who_is_evicted_and_was_not_to_move_is_placed_anew(scene: Stage) -> None:
    app = await running(scene, constraints={"migration": False})
    await evicted(scene, app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert scene.clusters.places[0] == ("remove_objects", "de")


async def test_a_dead_source_is_not_asked_for_anything(scene: Stage) -> None:
    app = await running(scene)
    await scene.set_state("de", "OFFLINE")
    await scene.migrate(app, leave=True, failover=True, trigger="cluster de does not answer")
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert ("remove_objects", "de") not in steps_of(scene)
    assert [one.cluster for one in await scene.store.orphans()] == ["de"]


async def test_a_fail_over_is_dropped_when_the_cluster_answers_again(scene: Stage) -> None:
    app = await running(scene)
    await scene.migrate(app, leave=True, failover=True, trigger="cluster de does not answer")
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert "MigrationDropped" in await scene.events(app)
    assert ("apply_manifest", "it") not in steps_of(scene)


@pytest.mark.parametrize("allowed", [False, True])
async def test_what_keeps_data_waits_for_its_dead_cluster_unless_it_may_do_without(
    scene: Stage, allowed: bool
) -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}
    app = await running(scene, failover_without_data=allowed)
    await scene.update(app, manifest=[claim])
    await settled(scene, app)
    await scene.set_state("de", "OFFLINE")
    await scene.migrate(app, leave=True, failover=True, trigger="cluster de does not answer")
    record = await settled(scene, app)
    assert place_of(record) == ("it" if allowed else "de")
    assert allowed or "the data in its volumes is out of reach" in record.status["reason"]["message"]


def with_data() -> list[Document]:
    """A manifest that keeps data: a Pod and its claim."""
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    container = {"name": "main", "image": "app", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    return [
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}},
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "db"},
            "spec": {"volumes": [volume], "containers": [container]},
        },
    ]


async def test_data_is_not_removed_before_it_is_copied(scene: Stage) -> None:
    """A constraint asks for the move, the strategy forbids it: that is said, not tried again and again."""
    app = await running(scene, migration_strategy="delete-first")
    await scene.update(app, manifest=with_data(), constraints=labelled("place is it"))
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert "nothing to copy the data of its volumes from" in record.status["reason"]["message"]


async def test_an_update_does_not_move_it_off_a_cluster_that_may_come_back(scene: Stage) -> None:
    app = await running(scene)
    await scene.set_state("de", "OFFLINE")
    await scene.update(app, readiness_timeout=9)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert "the application waits for de, which is OFFLINE" in record.status["reason"]["message"]


async def test_a_request_for_what_runs_nowhere_deploys_it(scene: Stage) -> None:
    app = await scene.app()
    await outcome(await scene.wake(app))
    await scene.cluster("de")
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["request"]) == ("de", None)
