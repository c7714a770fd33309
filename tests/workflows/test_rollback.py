"""An application's life on a real Temporal: failed updates are undone, and each transition is told once."""

from __future__ import annotations

import asyncio

from krake.models.events import Event
from krake.store import NewEvent
from tests.support.waiting import until
from tests.workflows.failures import refused, unreachable
from tests.workflows.stage import Stage
from tests.workflows.test_application import gone, outcome


async def test_a_failed_update_is_rolled_back_in_the_same_run(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(rollback=True)
    await outcome(await scene.wake(app))
    scene.clusters.plan("apply_manifest", refused())
    await scene.update(app, readiness_timeout=7)
    handle = scene.client.get_workflow_handle(app.workflow_id)
    assert await outcome(handle) == "runs on de"
    record = await scene.record(app)
    assert (record.generation, record.status["observed_generation"]) == (3, 3)
    assert record.status["state"] == "RUNNING"
    assert record.spec["readiness_timeout"] is None
    assert record.status["rolled_back"]["reason"] == "INVALID_RESOURCE: ConfigMap/settings: invalid"
    assert scene.clusters.calls[-3:] == [("apply_manifest", 2), ("apply_manifest", 3), ("await_ready", 3)]


async def test_a_rollback_that_fails_ends_failed(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(rollback=True)
    await outcome(await scene.wake(app))
    scene.clusters.plan("apply_manifest", refused(), refused())
    await scene.update(app, readiness_timeout=7)
    handle = scene.client.get_workflow_handle(app.workflow_id)
    assert await outcome(handle) == "failed: INVALID_RESOURCE"
    record = await scene.record(app)
    assert (record.generation, record.status["state"]) == (3, "FAILED")
    assert scene.clusters.count("apply_manifest") == 3


async def test_an_update_during_a_rollback_wins(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(rollback=True)
    await outcome(await scene.wake(app))
    scene.clusters.plan("apply_manifest", refused())
    hold = scene.clusters.hold("apply_manifest")
    await scene.update(app, readiness_timeout=7)
    await asyncio.wait_for(hold.reached.wait(), 20)
    await scene.update(app, readiness_timeout=8)
    await outcome(scene.client.get_workflow_handle(app.workflow_id))
    record = await scene.record(app)
    assert hold.cancelled
    assert (record.generation, record.spec["readiness_timeout"]) == (4, 8)
    assert (record.status["state"], record.status["rolled_back"]) == ("RUNNING", None)


async def test_a_life_is_told_with_each_transition_once_by_whom_and_why(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(rollback=True, backoff_limit=1)
    await outcome(await scene.wake(app))
    scene.clusters.plan("apply_manifest", *unreachable(1))
    await change(scene, app.name, "request 2", readiness_timeout=7)
    await outcome(await scene.wake(app))
    scene.clusters.plan("apply_manifest", refused())
    await change(scene, app.name, "request 3", readiness_timeout=8)
    await outcome(await scene.wake(app))
    async with scene.store.transaction() as transaction:
        record = await transaction.get("Application", app.namespace, app.name)
        await transaction.mark_deleted(record, NewEvent("DeletionRequested", actor="user", cause="request 4"))
    await scene.wake(app)
    await until("it is gone", lambda: gone(scene, app))

    events = await scene.store.events(uid=app.uid)
    assert [told(event) for event in events] == [
        ("Created", "tester", "request-1"),
        ("Scheduled", "krake", "request-1"),
        ("Deployed", "krake", "request-1"),
        ("Updated", "user", "request 2"),
        ("Reconciling", "krake", "request 2"),
        ("Retrying", "krake", "request 2"),
        ("Deployed", "krake", "request 2"),
        ("Updated", "user", "request 3"),
        ("Reconciling", "krake", "request 3"),
        ("Failed", "krake", "request 3"),
        ("RolledBack", "krake", "generation 3 failed"),
        ("Reconciling", "krake", "generation 3 failed"),
        ("Deployed", "krake", "generation 3 failed"),
        ("DeletionRequested", "user", "request 4"),
        ("Deleting", "krake", "request 4"),
        ("Deleted", "krake", "request 4"),
    ]
    assert [event.at for event in events] == sorted(event.at for event in events)


def told(event: Event) -> tuple[str, str, str]:
    """What happened, by whom, and why."""
    return event.type, event.actor, event.cause


async def change(scene: Stage, name: str, cause: str, **fields: int) -> None:
    """Change the spec as a user's request does."""
    async with scene.store.transaction() as transaction:
        record = await transaction.get("Application", scene.namespace, name)
        event = NewEvent("Updated", actor="user", cause=cause)
        await transaction.update_spec(record, labels={}, spec={**record.spec, **fields}, event=event)
