"""What is noticed of clouds and of clusters there: see clouds.py for what is scripted, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from krake.messages.base import Target
from krake.messages.names import WorkflowName
from krake.messages.observing import ObservedClouds
from krake.models.reasons import ReasonCode
from krake.provisioning.orphans import left_at_cloud
from krake.store import NewEvent
from tests.support.waiting import until
from tests.workflows.clouds import refusal, silent
from tests.workflows.stage import Stage
from tests.workflows.test_application import outcome
from tests.workflows.test_provisioning import made


@pytest.fixture(autouse=True)
def _wakes_reach_this_worker(scene: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lifecycles that are woken run on the test's own task queue."""
    monkeypatch.setattr("krake.temporal.TASK_QUEUE", scene.queue)


async def until_status(scene: Stage, cluster: Target, what: str, holds: Callable[[Any], bool]) -> None:
    """Wait until the cluster's status shows something."""

    async def shows() -> bool:
        return holds((await scene.record(cluster)).status)

    await until(what, shows)


async def observed(scene: Stage) -> ObservedClouds:
    """One look at everything."""
    found: ObservedClouds = await scene.client.execute_workflow(
        WorkflowName.OBSERVE_CLOUDS,
        id=f"clouds-{uuid4()}",
        task_queue=scene.queue,
        result_type=ObservedClouds,
    )
    return found


async def set_status(scene: Stage, target: Target, **changes: object) -> None:
    """Write into a status."""
    async with scene.store.transaction() as transaction:
        await transaction.write_status(await scene.record(target), changes)


async def machines(scene: Stage, cluster: Target, **changes: object) -> None:
    """Change what the cluster should be, without waking it."""
    async with scene.store.transaction() as transaction:
        record = await scene.record(cluster)
        spec = {**record.spec, "infrastructure": {**record.spec["infrastructure"], **changes}}
        record = await transaction.update_spec(record, labels={}, spec=spec, event=NewEvent("Updated"))
        await transaction.write_status(record, {"observed_generation": record.generation})


async def test_what_a_cloud_offers_is_shown(scene: Stage) -> None:
    cloud = await scene.add_cloud()
    assert await observed(scene) == ObservedClouds(clouds=1, reachable=1)
    status = (await scene.record(cloud)).status
    assert (status["state"], status["flavors"][0]["name"]) == ("ONLINE", "small")
    assert status["quotas"] == [{"resource": "clusters", "limit": 10, "used": 0}]


async def test_a_silent_cloud_is_unreachable_until_it_answers(scene: Stage) -> None:
    cloud = await scene.add_cloud()
    scene.cloud.plan("survey", silent())
    assert (await observed(scene)).reachable == 0
    status = (await scene.record(cloud)).status
    assert (status["state"], status["reason"]["code"]) == ("UNREACHABLE", "CLOUD_NOT_REACHABLE")
    await observed(scene)
    status = (await scene.record(cloud)).status
    assert (status["state"], status["reason"]) == ("ONLINE", None)
    assert {"Unreachable", "Reachable"} <= set(await scene.events(cloud))


async def test_a_cluster_that_vanished_is_shown_and_not_touched(scene: Stage) -> None:
    cluster = await made(scene)
    del scene.cloud.clusters[cluster.uid]
    assert (await observed(scene)).troubled == 1
    trouble = (await scene.record(cluster)).status["provisioning"]["trouble"]
    assert trouble["code"] == ReasonCode.NOT_FOUND
    assert "Drifted" in await scene.events(cluster)
    assert await outcome(await scene.wake(cluster, "sweep")) == "nothing to do"
    assert scene.cloud.clusters == {}


async def test_a_cluster_that_heals_is_made_again(scene: Stage) -> None:
    cluster = await made(scene)
    await machines(scene, cluster, heal=True)
    del scene.cloud.clusters[cluster.uid]
    assert (await observed(scene)).troubled == 1
    await until_status(scene, cluster, "it is made again", lambda status: bool(status["verified_at"]))
    assert set(scene.cloud.clusters) == {cluster.uid}


async def test_nodes_that_vanished_are_shown_and_made_again_where_it_heals(scene: Stage) -> None:
    cluster = await made(scene, nodes=3)
    scene.cloud.clusters[cluster.uid].nodes = 1
    await observed(scene)
    provisioning = (await scene.record(cluster)).status["provisioning"]
    assert provisioning["trouble"]["message"] == "1 of 3 nodes are left at the cloud"
    assert provisioning["nodes"] == 1

    await machines(scene, cluster, heal=True)
    await observed(scene)
    await until_status(
        scene, cluster, "it has them again", lambda status: status["provisioning"]["nodes"] == 3
    )
    assert scene.cloud.clusters[cluster.uid].nodes == 3


async def test_whoever_only_looks_does_no_step_of_a_change(scene: Stage) -> None:
    cluster = await made(scene)
    scene.cloud.clusters[cluster.uid].looks = 1
    await observed(scene)
    assert scene.cloud.clusters[cluster.uid].looks == 1


async def test_credentials_are_renewed_before_they_end(scene: Stage) -> None:
    cluster = await made(scene)
    await set_status(scene, cluster, credentials_expire=(datetime.now(UTC) + timedelta(days=3)).isoformat())
    before = (await scene.record(cluster)).status["kubeconfig_at"]
    await observed(scene)
    await until_status(scene, cluster, "they are new", lambda status: status["kubeconfig_at"] != before)
    assert (await scene.events(cluster)).count("CredentialsFetched") == 2


async def until_refused(scene: Stage, cluster: Target, asked: int) -> None:
    """Wait until the cloud was asked for so many kubeconfigs, and the status says why the last one failed."""

    def shows(status: Any) -> bool:
        return scene.cloud.calls.count("kubeconfig") == asked and not status["rotation_requested"]

    await until_status(scene, cluster, "the rotation failed", shows)
    status = (await scene.record(cluster)).status
    assert status["rotation_failure"] == {"code": "RETRIEVE_FAILED", "message": "the CA is gone"}


async def test_a_renewal_that_fails_again_and_again_is_told_once(scene: Stage) -> None:
    cluster = await made(scene)
    await set_status(scene, cluster, credentials_expire=(datetime.now(UTC) + timedelta(days=3)).isoformat())
    refused = refusal(ReasonCode.RETRIEVE_FAILED, "the CA is gone")
    scene.cloud.plan("kubeconfig", refused, refused)
    for count in (2, 3):
        await observed(scene)
        await until_refused(scene, cluster, count)
    events = await scene.events(cluster)
    assert (events.count("RotationRequested"), events.count("RotationFailed")) == (1, 1)


async def test_refused_credentials_are_renewed(scene: Stage) -> None:
    cluster = await made(scene)
    await set_status(scene, cluster, reason={"code": "INVALID_CREDENTIALS", "message": "rejected"})
    before = (await scene.record(cluster)).status["kubeconfig_at"]
    await observed(scene)
    await until_status(scene, cluster, "they are new", lambda status: status["kubeconfig_at"] != before)


async def test_what_was_forgotten_by_force_is_removed_at_the_cloud(scene: Stage) -> None:
    cluster = await made(scene)
    record = await scene.record(cluster)
    async with scene.store.transaction() as transaction:
        orphan = left_at_cloud(record, "deleted by force")
        assert orphan is not None
        await transaction.add_orphan(orphan)
        await transaction.remove(record, NewEvent("Deleted", "by force"))
    for _ in range(4):
        await observed(scene)
    assert scene.cloud.clusters == {}
    assert await scene.store.orphans() == []


async def test_a_cloud_deleted_with_its_clusters_goes_when_they_are_gone(scene: Stage) -> None:
    cluster = await made(scene)
    cloud = Target(kind="Cloud", namespace=scene.namespace, name="cloud")
    async with scene.store.transaction() as transaction:
        await transaction.mark_deleted(await scene.record(cloud), NewEvent("DeletionRequested"), stay=True)
    await observed(scene)
    assert await scene.store.find("Cloud", scene.namespace, "cloud") is not None
    await scene.delete(cluster)

    handle = scene.client.get_workflow_handle(cluster.workflow_id)
    await handle.result()
    assert scene.cloud.clusters == {}
    assert await scene.store.find("Cloud", scene.namespace, "cloud") is None
