"""The lifecycle of an application on a real Temporal: see clusters.py for what is scripted, and why."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import ApplicationError

from krake.messages.base import Target
from krake.messages.lifecycle import Progress
from krake.messages.names import PROGRESS_QUERY
from tests.support.waiting import until
from tests.workflows.failures import refused, unreachable
from tests.workflows.stage import Stage

Lifecycle = WorkflowHandle[object, str]


async def outcome(handle: Lifecycle, seconds: float = 30) -> str:
    """What the lifecycle says it did last."""
    return await asyncio.wait_for(handle.result(), seconds)


async def reached(scene: Stage, target: Target, state: str) -> None:
    """Wait for a state."""

    async def there() -> bool:
        return bool((await scene.record(target)).status.get("state") == state)

    await until(f"{target.name} is {state}", there)


async def test_from_pending_to_running(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app()
    assert await outcome(await scene.wake(app)) == "runs on de"
    assert (await scene.record(app)).status["state"] == "RUNNING"
    assert scene.clusters.calls == [("apply_manifest", 1), ("await_ready", 1)]
    assert await scene.events(app) == ["Created", "Scheduled", "Deployed"]


async def test_an_idle_application_is_left_alone(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app()
    await outcome(await scene.wake(app))
    assert await outcome(await scene.wake(app, "sweep")) == "nothing to do"
    assert scene.clusters.count("apply_manifest") == 1


async def test_an_application_that_is_not_there(scene: Stage) -> None:
    ghost = Target(kind="Application", namespace=scene.namespace, name="ghost")
    assert await outcome(await scene.wake(ghost)) == "nothing to do"


async def test_without_a_cluster_it_waits_with_no_open_workflow_until_one_appears(scene: Stage) -> None:
    app = await scene.app()
    assert "no cluster" in await outcome(await scene.wake(app))
    assert (await scene.record(app)).status["state"] == "PENDING"
    await scene.cluster()
    assert await outcome(await scene.wake(app, "cluster de is ONLINE")) == "runs on de"


@pytest.mark.parametrize("step", ["apply_manifest", "await_ready"])
async def test_an_update_cancels_a_deployment_of_the_old_spec(scene: Stage, step: str) -> None:
    await scene.cluster()
    app = await scene.app()
    hold = scene.clusters.hold(step)
    handle = await scene.wake(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.update(app, readiness_timeout=7)
    assert await outcome(handle) == "runs on de"
    assert hold.cancelled
    record = await scene.record(app)
    assert (record.status["state"], record.status["observed_generation"]) == ("RUNNING", 2)
    assert scene.clusters.calls[-2:] == [("apply_manifest", 2), ("await_ready", 2)]


async def test_many_updates_during_a_deployment_end_in_the_last(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app()
    hold = scene.clusters.hold("apply_manifest")
    handle = await scene.wake(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    for seconds in range(10, 20):
        await scene.update(app, readiness_timeout=seconds)
    await outcome(handle)
    assert (await scene.record(app)).status["observed_generation"] == 11
    assert scene.clusters.calls[-1] == ("await_ready", 11)
    assert scene.clusters.count("await_ready") < 10


async def test_a_wake_that_changes_nothing_disturbs_nothing(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app()
    hold = scene.clusters.hold("apply_manifest")
    handle = await scene.wake(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    for cause in ("sweep", "cluster de is ONLINE", "sweep"):
        await scene.wake(app, cause)
    hold.released.set()
    assert await outcome(handle) == "nothing to do" or (await scene.record(app)).status["state"] == "RUNNING"
    assert not hold.cancelled
    assert scene.clusters.count("apply_manifest") == 1


async def test_a_wake_while_it_is_placed_is_not_lost(scene: Stage) -> None:
    """The update is committed and signalled at once after the start: before, during or after placement."""
    await scene.cluster()
    for number in range(10):
        app = await scene.app(f"echo-{number}")
        handle = await scene.wake(app)
        await asyncio.sleep(number * 0.01)
        await scene.update(app, readiness_timeout=9)
        await until("its lifecycle ends", partial(ended, scene, app))
        assert (await scene.record(app)).status["observed_generation"] == 2
        assert handle.id == app.workflow_id


async def ended(scene: Stage, target: Target) -> bool:
    """Whether nothing works on it any more."""
    description = await scene.client.get_workflow_handle(target.workflow_id).describe()
    return description.status != WorkflowExecutionStatus.RUNNING


async def test_a_deletion_interrupts_a_deployment(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app()
    hold = scene.clusters.hold("await_ready")
    handle = await scene.wake(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.delete(app)
    await outcome(handle)
    assert hold.cancelled
    assert await scene.store.find("Application", app.namespace, app.name) is None
    assert scene.clusters.calls[-1][0] == "remove_objects"
    assert "de" in scene.clusters.woken


async def test_a_deletion_of_what_was_never_placed_asks_no_cluster(scene: Stage) -> None:
    app = await scene.app()
    await scene.delete(app)
    await until("it is gone", lambda: ended(scene, app))
    assert await scene.store.find("Application", app.namespace, app.name) is None
    assert scene.clusters.calls == []


async def test_a_failure_that_passes_is_tried_again(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(backoff_limit=3)
    scene.clusters.plan("apply_manifest", *unreachable(1))
    handle = await scene.wake(app)
    await reached(scene, app, "DEGRADED")
    status = (await scene.record(app)).status
    assert (status["reason"]["code"], status["retries"]) == ("CLUSTER_NOT_REACHABLE", 3)
    assert status["scheduled_retry"]
    assert await outcome(handle) == "runs on de"
    assert await scene.events(app) == ["Created", "Scheduled", "Retrying", "Deployed"]


async def test_a_deletion_does_not_wait_for_the_next_retry(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(backoff_delay=3600, backoff_limit=-1)
    scene.clusters.plan("apply_manifest", *unreachable(1))
    handle = await scene.wake(app)
    await reached(scene, app, "DEGRADED")
    progress = await handle.query(PROGRESS_QUERY, result_type=Progress)
    assert progress.step == "wait 3600 s before the next attempt"
    await scene.delete(app)
    await outcome(handle)
    assert await scene.store.find("Application", app.namespace, app.name) is None


async def test_an_update_does_not_wait_for_the_next_retry(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(backoff_delay=3600, backoff_limit=-1)
    scene.clusters.plan("apply_manifest", *unreachable(1))
    handle = await scene.wake(app)
    await reached(scene, app, "DEGRADED")
    await scene.update(app, readiness_timeout=9)
    assert await outcome(handle) == "runs on de"


async def test_the_last_retry_failing_leaves_it_failed(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(backoff_limit=1)
    scene.clusters.plan("apply_manifest", *unreachable(2))
    assert await outcome(await scene.wake(app)) == "failed: CLUSTER_NOT_REACHABLE"
    status = (await scene.record(app)).status
    assert (status["state"], status["retries"], status["observed_generation"]) == ("FAILED", 0, 1)
    assert (await scene.events(app))[-2:] == ["Retrying", "Failed"]


async def test_an_error_of_the_user_is_not_tried_again(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(backoff_limit=-1)
    scene.clusters.plan("apply_manifest", refused())
    assert await outcome(await scene.wake(app)) == "failed: INVALID_RESOURCE"
    assert scene.clusters.count("apply_manifest") == 1
    status = (await scene.record(app)).status
    assert (status["state"], status["reason"]["message"]) == ("FAILED", "ConfigMap/settings: invalid")


async def test_an_error_that_nobody_foresaw_says_so(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app()
    bug = ApplicationError("division by zero", type="ZeroDivisionError")
    scene.clusters.plan("apply_manifest", *[bug] * 4)
    assert await outcome(await scene.wake(app)) == "failed: INTERNAL_ERROR"
    assert (await scene.record(app)).status["reason"]["code"] == "INTERNAL_ERROR"


async def test_a_deletion_is_tried_again_whatever_the_application_says(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(backoff_limit=0)
    await outcome(await scene.wake(app))
    scene.clusters.plan("remove_objects", refused("KUBERNETES_ERROR"))
    await scene.delete(app)
    await until("it is gone", lambda: gone(scene, app))
    assert "Retrying" in await scene.events(app)


async def gone(scene: Stage, target: Target) -> bool:
    """Whether the store has forgotten it."""
    return await scene.store.find(target.kind, target.namespace, target.name) is None


async def test_what_is_on_a_cluster_that_leaves_is_let_go(scene: Stage) -> None:
    cluster = await scene.cluster()
    app = await scene.app()
    await outcome(await scene.wake(app))
    scene.clusters.plan("remove_objects", *unreachable(3))
    await scene.delete(cluster)
    await scene.delete(app)
    await until("it is gone", lambda: gone(scene, app))
    assert (await scene.events(app))[-2:] == ["Orphaned", "Deleted"]
    assert [orphan.object_name for orphan in await scene.store.orphans()] == ["settings"]


async def test_an_operation_ended_by_an_operator_is_recorded(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app()
    hold = scene.clusters.hold("apply_manifest")
    handle = await scene.wake(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    child = scene.client.get_workflow_handle(f"{app.workflow_id}/deploy/1")
    await child.terminate("by hand")
    assert await outcome(handle) == "failed: INTERNAL_ERROR"
    status = (await scene.record(app)).status
    assert (status["state"], status["reason"]["code"]) == ("FAILED", "INTERNAL_ERROR")
    assert status["reason"]["message"]


async def test_progress_names_operation_and_step(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app()
    hold = scene.clusters.hold("await_ready")
    handle = await scene.wake(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    child = scene.client.get_workflow_handle(f"{app.workflow_id}/deploy/1")
    progress = await child.query(PROGRESS_QUERY, result_type=Progress)
    assert (progress.operation, progress.step, progress.cluster, progress.attempt) == (
        "DeployApplication",
        "wait until everything is ready on de",
        "de",
        1,
    )
    hold.released.set()
    await outcome(handle)
