"""Clusters made at clouds, on a real Temporal: see clouds.py for what is scripted, and why."""

from __future__ import annotations

import asyncio

import pytest

from krake.messages.base import Target
from krake.models.reasons import ReasonCode
from krake.store import NewEvent
from tests.support.waiting import until
from tests.workflows.clouds import refusal, silent
from tests.workflows.stage import Stage
from tests.workflows.test_application import gone, outcome

REACHED = "reached: Kubernetes v1.33.4, 1 of 1 nodes ready"
FAULTS = [
    (ReasonCode.INVALID_CREDENTIALS, "Keystone refuses the password of user krake"),
    (ReasonCode.QUOTA_EXCEEDED, "Quota exceeded for cores: 40 of 40 are used"),
    (ReasonCode.INVALID_RESOURCE, "there is no flavor 'huge'"),
    (ReasonCode.INVALID_CLUSTER_TEMPLATE, "there is no cluster template 'k8s'"),
]


async def made(scene: Stage, nodes: int = 1) -> Target:
    """A cluster that was made."""
    await scene.add_cloud()
    cluster = await scene.made_cluster(nodes=nodes)
    assert await outcome(await scene.wake(cluster)) == REACHED
    return cluster


async def phase(scene: Stage, cluster: Target) -> str:
    """What is being done about it at its cloud."""
    return str(((await scene.record(cluster)).status.get("provisioning") or {}).get("phase"))


async def until_called(scene: Stage, call: str) -> None:
    """Wait until the cloud was asked."""

    async def called() -> bool:
        return call in scene.cloud.calls

    await until(f"{call} was called", called)


async def test_a_cluster_is_made_reached_and_observed(scene: Stage) -> None:
    cluster = await made(scene, nodes=2)
    record = await scene.record(cluster)
    status = record.status
    assert (status["scheduled_to"]["name"], status["running_on"]["name"]) == ("cloud", "cloud")
    assert (status["cluster_id"], status["provisioning"]["phase"]) == (f"id-{cluster.uid}", "ready")
    assert (status["provisioning"]["nodes"], status["provisioning"]["applied"]["nodes"]) == (2, 2)
    assert await scene.store.secret(cluster.uid, "kubeconfig") is not None
    events = await scene.events(cluster)
    assert {"Scheduled", "CreationRequested", "CredentialsFetched"} <= set(events)
    (decision,) = await scene.store.decisions(cluster.uid, 10)
    assert decision["chosen"]["name"] == "cloud"


@pytest.mark.parametrize(("code", "words"), FAULTS)
async def test_what_somebody_has_to_mend_is_told_and_nothing_is_left(
    scene: Stage, code: ReasonCode, words: str
) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    scene.cloud.plan("create", refusal(code, words))
    assert await outcome(await scene.wake(cluster)) == f"failed: {code}"
    status = (await scene.record(cluster)).status
    assert (status["state"], status["reason"]) == ("FAILED", {"code": code, "message": words})
    assert (status["running_on"], scene.cloud.clusters) == (None, {})


async def test_what_failed_at_the_cloud_is_removed_there(scene: Stage) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    scene.cloud.plan("create", "Resource CREATE failed: no valid host")
    assert await outcome(await scene.wake(cluster)) == "failed: CREATE_FAILED"
    status = (await scene.record(cluster)).status
    assert status["reason"]["message"] == "Resource CREATE failed: no valid host"
    assert (status["cluster_id"], scene.cloud.clusters) == ("", {})
    # A retry, as the API's, begins anew.
    async with scene.store.transaction() as transaction:
        await transaction.write_status(await scene.record(cluster), {"observed_generation": 0})
    assert await outcome(await scene.wake(cluster, "retried")) == REACHED


async def test_what_cannot_be_removed_after_a_failure_stays_known(scene: Stage) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    scene.cloud.plan("create", "it broke")
    scene.cloud.plan("delete", refusal(ReasonCode.DELETE_FAILED, "locked"))
    assert await outcome(await scene.wake(cluster)) == "failed: CREATE_FAILED"
    status = (await scene.record(cluster)).status
    assert "still on cloud cloud" in status["reason"]["message"]
    assert status["running_on"]["name"] == "cloud"
    await scene.delete(cluster)
    await until("it is gone", lambda: gone(scene, cluster))
    assert scene.cloud.clusters == {}


async def test_a_cloud_that_is_away_in_between_is_waited_for(scene: Stage) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    scene.cloud.plan("progress", silent(), silent())
    assert await outcome(await scene.wake(cluster)) == REACHED
    assert len(scene.cloud.clusters) == 1


async def test_a_cloud_that_goes_on_at_each_look_is_looked_at_soon(scene: Stage) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    scene.cloud.stepwise, scene.settings.provisioning_interval = True, 600.0
    assert await outcome(await scene.wake(cluster)) == REACHED


async def test_a_deletion_interrupts_the_making_and_leaves_nothing(scene: Stage) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    held = asyncio.Event()
    scene.cloud.plan("create", held)
    await scene.wake(cluster)
    await until_called(scene, "create")
    await scene.delete(cluster)
    held.set()
    await until("it is gone", lambda: gone(scene, cluster))
    assert scene.cloud.clusters == {}


async def test_a_cluster_grows_and_is_upgraded_one_after_the_other(scene: Stage) -> None:
    cluster = await made(scene, nodes=1)
    machines = {**(await scene.record(cluster)).spec["infrastructure"], "nodes": 3}
    await scene.update(cluster, infrastructure={**machines, "kubernetes_version": "v1.34.0"})

    async def changed() -> bool:
        record = await scene.record(cluster)
        return bool(record.status["observed_generation"] == record.generation)

    await until("it is changed and reached", changed)
    assert [call for call in scene.cloud.calls if call in ("scale", "upgrade")] == ["scale", "upgrade"]
    there = scene.cloud.clusters[cluster.uid]
    assert (there.nodes, there.version) == (3, "v1.34.0")
    assert {"Scaled", "Upgraded"} <= set(await scene.events(cluster))


async def test_a_failed_change_leaves_the_cluster_in_use(scene: Stage) -> None:
    cluster = await made(scene)
    scene.cloud.plan("scale", "no more room")
    machines = {**(await scene.record(cluster)).spec["infrastructure"], "nodes": 5}
    await scene.update(cluster, infrastructure=machines)

    async def failed() -> bool:
        return await phase(scene, cluster) == "failed"

    await until("the change failed", failed)
    status = (await scene.record(cluster)).status
    assert (status["state"], status["reason"]["code"]) == ("ONLINE", "RECONCILE_FAILED")
    assert status["provisioning"]["applied"]["nodes"] == 1


async def test_a_deletion_goes_on_until_the_cloud_finds_nothing(scene: Stage) -> None:
    cluster = await made(scene)
    scene.cloud.plan("delete", silent())
    await scene.delete(cluster)
    await until("it is gone", lambda: gone(scene, cluster))
    assert scene.cloud.clusters == {}
    assert "RemovedFromCloud" in await scene.events(cluster)


async def test_a_cloud_that_loses_the_removal_is_asked_again(scene: Stage) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    assert await outcome(await scene.wake(cluster)) == REACHED
    scene.cloud.plan("delete", "accepted, and lost")
    await scene.delete(cluster)
    await until("it is gone", lambda: gone(scene, cluster))
    assert scene.cloud.calls.count("delete") == 2
    assert scene.cloud.clusters == {}


async def test_a_deletion_by_force_ends_the_removal(scene: Stage) -> None:
    cluster = await made(scene)
    scene.cloud.slow = 10_000
    await scene.delete(cluster)
    await until_called(scene, "delete")
    async with scene.store.transaction() as transaction:
        await transaction.remove(await scene.record(cluster), NewEvent("Deleted", "by force"))
    handle = await scene.wake(cluster, "deleted")
    assert await outcome(handle) in ("superseded", "nothing to do")


async def test_new_credentials_are_fetched_on_request(scene: Stage) -> None:
    cluster = await made(scene)
    before = (await scene.record(cluster)).status["kubeconfig_at"]
    async with scene.store.transaction() as transaction:
        record = await scene.record(cluster)
        await transaction.write_status(record, {"rotation_requested": "2026-11-25T00:00:00+00:00"})
    assert await outcome(await scene.wake(cluster, "rotate")) == REACHED
    status = (await scene.record(cluster)).status
    assert status["kubeconfig_at"] != before
    assert status["rotation_requested"] is None


async def test_credentials_that_cannot_be_had_leave_the_old_ones(scene: Stage) -> None:
    cluster = await made(scene)
    scene.cloud.plan("kubeconfig", refusal(ReasonCode.RETRIEVE_FAILED, "the CA is gone"))
    async with scene.store.transaction() as transaction:
        record = await scene.record(cluster)
        await transaction.write_status(record, {"rotation_requested": "2026-11-25T00:00:00+00:00"})
    assert await outcome(await scene.wake(cluster, "rotate")) == "no new credentials: RETRIEVE_FAILED"
    assert "RotationFailed" in await scene.events(cluster)
    status = (await scene.record(cluster)).status
    assert (status["state"], status["rotation_requested"]) == ("ONLINE", None)
    assert status["rotation_failure"] == {"code": "RETRIEVE_FAILED", "message": "the CA is gone"}
    async with scene.store.transaction() as transaction:
        record = await scene.record(cluster)
        await transaction.write_status(record, {"rotation_requested": "2026-11-25T00:00:00+00:00"})
    assert await outcome(await scene.wake(cluster, "rotate")) == REACHED
    assert (await scene.record(cluster)).status["rotation_failure"] is None
