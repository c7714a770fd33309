"""The lifecycle of a cluster on a real Temporal: see clusters.py for what is scripted, and why."""

from __future__ import annotations

import asyncio

from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError

from krake.messages.base import Target
from krake.store import NewEvent
from tests.support.store import set_status
from tests.support.waiting import until
from tests.workflows.failures import UNREACHABLE, refused
from tests.workflows.stage import Stage
from tests.workflows.test_application import gone, outcome, reached

NEW = {"state": "PENDING"}


async def observed(scene: Stage, cluster: Target) -> bool:
    """Whether somebody observes the cluster."""
    handle = scene.client.get_workflow_handle(f"{cluster.workflow_id}/observe")
    return (await handle.describe()).status == WorkflowExecutionStatus.RUNNING


async def test_a_new_cluster_is_reached_and_observed(scene: Stage) -> None:
    cluster = await scene.cluster(status=NEW)
    assert await outcome(await scene.wake(cluster)) == "reached: Kubernetes v1.33.4, 1 of 1 nodes ready"
    assert await observed(scene, cluster)
    assert scene.clusters.woken == ["de"]


async def test_observing_goes_on_when_the_lifecycle_looks_again(scene: Stage) -> None:
    cluster = await scene.cluster(status=NEW)
    await outcome(await scene.wake(cluster))
    assert await outcome(await scene.wake(cluster, "sweep")) == "nothing to do"
    assert await observed(scene, cluster)
    assert scene.clusters.count("observe_cluster") == 1


async def test_a_silent_cluster_is_tried_again(scene: Stage) -> None:
    cluster = await scene.cluster(status=NEW, backoff_limit=3)
    silent = ApplicationError("cluster de does not answer", type=UNREACHABLE)
    scene.clusters.plan("verify_cluster", silent, silent)
    assert (await outcome(await scene.wake(cluster))).startswith("reached")
    assert scene.clusters.count("verify_cluster") == 3


async def test_a_silent_cluster_is_given_up_after_its_limit(scene: Stage) -> None:
    cluster = await scene.cluster(status=NEW, backoff_limit=1)
    silent = ApplicationError("cluster de does not answer", type=UNREACHABLE)
    scene.clusters.plan("verify_cluster", *[silent] * 3)
    assert await outcome(await scene.wake(cluster)) == "failed: CLUSTER_NOT_REACHABLE"
    assert scene.clusters.count("verify_cluster") == 2
    assert (await scene.record(cluster)).status["state"] == "OFFLINE"


async def test_refused_credentials_are_not_tried_again(scene: Stage) -> None:
    cluster = await scene.cluster(status=NEW, backoff_limit=-1)
    scene.clusters.plan("verify_cluster", refused("INVALID_CREDENTIALS"))
    assert await outcome(await scene.wake(cluster)) == "failed: INVALID_CREDENTIALS"
    assert (await scene.record(cluster)).status["state"] == "FAILED"
    assert scene.clusters.count("verify_cluster") == 1


async def test_new_credentials_do_not_wait_for_the_retries_of_the_old(scene: Stage) -> None:
    cluster = await scene.cluster(status=NEW, backoff_limit=-1, backoff_delay=3600)
    silent = ApplicationError("cluster de does not answer", type=UNREACHABLE)
    scene.clusters.plan("verify_cluster", silent)
    handle = await scene.wake(cluster)

    async def tried() -> bool:
        return scene.clusters.count("verify_cluster") == 1

    await until("it was tried", tried)
    await scene.update(cluster, kubeconfig={"new": True})
    assert (await outcome(handle)).startswith("reached")
    assert scene.clusters.calls[1] == ("verify_cluster", 2)


async def test_a_deletion_interrupts_reaching(scene: Stage) -> None:
    cluster = await scene.cluster(status=NEW)
    hold = scene.clusters.hold("verify_cluster")
    handle = await scene.wake(cluster)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.delete(cluster)
    assert await outcome(handle) == "deleted"
    assert hold.cancelled
    assert await gone(scene, cluster)


async def test_a_deletion_ends_the_observation(scene: Stage) -> None:
    cluster = await scene.cluster(status=NEW)
    await outcome(await scene.wake(cluster))
    await scene.delete(cluster)
    await until("it is gone", lambda: gone(scene, cluster))

    async def quiet() -> bool:
        return not await observed(scene, cluster)

    await until("nobody observes it", quiet)


async def test_a_deletion_waits_for_the_applications(scene: Stage) -> None:
    cluster = await scene.cluster()
    app = await scene.app()
    await outcome(await scene.wake(app))
    await scene.delete(cluster)
    await reached(scene, cluster, "DELETING")
    handle = scene.client.get_workflow_handle(cluster.workflow_id)
    assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING

    async with scene.store.transaction() as transaction:
        await transaction.remove(await scene.record(app), NewEvent("Deleted"))
    await scene.wake(cluster, "application echo is gone")
    await until("it is gone", lambda: gone(scene, cluster))


async def test_a_cluster_that_nobody_could_observe_is_forgotten_all_the_same(scene: Stage) -> None:
    cluster = await scene.cluster()
    await set_status(scene.store, await scene.record(cluster), state="FAILED")
    await scene.delete(cluster)
    await until("it is gone", lambda: gone(scene, cluster))
