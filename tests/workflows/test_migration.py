"""Moves of an application on a real Temporal: see clusters.py for what is scripted, and why.

After every failure the application is either on the source or on the target, whole, and says why.
"""

from __future__ import annotations

import asyncio

import pytest
from temporalio.exceptions import ApplicationError

from krake.messages.lifecycle import Progress
from krake.messages.names import PROGRESS_QUERY
from krake.moves import CannotMoveError, cancel_migration
from krake.store import NewEvent
from tests.support.waiting import until
from tests.workflows.failures import refused, unreachable
from tests.workflows.moving import place_of, running, settled, steps_of
from tests.workflows.stage import Stage
from tests.workflows.test_application import gone, outcome, reached


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


async def test_a_request_for_what_runs_nowhere_deploys_it(scene: Stage) -> None:
    app = await scene.app()
    await outcome(await scene.wake(app))
    await scene.cluster("de")
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["request"]) == ("de", None)
