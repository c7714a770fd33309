"""Magnum clusters on a real Temporal: what the cloud does is scripted, see clouds.py."""

from __future__ import annotations

from typing import Any

from activities.magnum_clusters.mirroring import out_of_step
from krake.messages.base import Target
from krake.models.reasons import ReasonCode
from krake.store import NewEvent
from tests.support.waiting import until
from tests.workflows.clouds import refusal
from tests.workflows.stage import Stage
from tests.workflows.test_application import gone, outcome


async def made(scene: Stage, **fields: Any) -> Target:
    """A Magnum cluster that runs."""
    await scene.add_project(place="edge", tier="none")
    magnum = await scene.magnum_cluster(**fields)
    assert await outcome(await scene.wake(magnum)) == "RUNNING"
    return magnum


async def cluster_of(scene: Stage, magnum: Target) -> Target:
    """The Kubernetes cluster that carries it out."""
    place = (await scene.record(magnum)).status["cluster"]
    return Target(
        kind="Cluster",
        namespace=place["namespace"],
        name=place["name"],
        uid=(await scene.store.get("Cluster", place["namespace"], place["name"])).uid,
    )


async def observed(scene: Stage, cluster: Target) -> None:
    """Wait until the Kubernetes cluster's own lifecycle is done."""

    async def done() -> bool:
        record = await scene.record(cluster)
        return bool(record.status["observed_generation"] == record.generation)

    await until(f"{cluster.name} is observed", done)


async def test_it_is_made_by_a_cluster_of_its_own_in_the_project(scene: Stage) -> None:
    magnum = await made(scene, node_count=2, master_count=3)
    status = (await scene.record(magnum)).status
    cluster = await scene.record(await cluster_of(scene, magnum))
    assert cluster.name == f"shop-{magnum.uid[:7]}"
    assert [(owner["kind"], owner["name"]) for owner in cluster.owners] == [("MagnumCluster", "shop")]
    assert cluster.labels == {"place": "edge", "tier": "gold"}, "its own labels win"
    machines = cluster.spec["infrastructure"]
    sizes = (machines["nodes"], machines["control_plane_nodes"], machines["template"])
    assert sizes == (2, 3, "k8s")
    assert cluster.status["running_on"] == status["project"]
    assert (status["project"]["api"], status["project"]["kind"]) == ("openstack", "Project")
    assert (status["node_count"], status["cluster_id"]) == (2, f"id-{cluster.uid}")
    assert status["api_address"].startswith("https://")
    (decision,) = await scene.store.decisions(magnum.uid, 10)
    assert decision["chosen"]["name"] == "edge"
    assert {"Scheduled", "Creating", "Running"} <= set(await scene.events(magnum))


async def test_without_a_project_that_fits_it_waits(scene: Stage) -> None:
    await scene.add_project("north", place="north")
    magnum = await scene.magnum_cluster(constraints={"project": {"labels": ["place is south"]}})
    assert await outcome(await scene.wake(magnum)) == "waits for a project"
    record = await scene.record(magnum)
    assert (record.status["state"], record.status["reason"]["code"]) == ("PENDING", "NO_SUITABLE_RESOURCE")
    assert "no project fits: north" in record.status["reason"]["message"]
    assert record.uid in {item.uid for item in await scene.store.unobserved(10)}, "the sweep asks again"
    await scene.add_project("south", place="south")
    assert await outcome(await scene.wake(magnum, "sweep")) == "RUNNING"
    assert (await scene.record(magnum)).status["project"]["name"] == "south"


async def test_it_is_resized(scene: Stage) -> None:
    magnum = await made(scene, node_count=1)
    cluster = await cluster_of(scene, magnum)
    await observed(scene, cluster)
    await scene.update(magnum, node_count=4)
    assert await outcome(await scene.wake(magnum)) == "RUNNING"
    record = await scene.record(magnum)
    assert (record.status["node_count"], record.status["observed_generation"]) == (4, record.generation)
    assert scene.cloud.clusters[cluster.uid].nodes == 4
    assert "Reconciling" in await scene.events(magnum)
    assert await out_of_step(scene.store) == []


async def test_its_cluster_goes_before_it(scene: Stage) -> None:
    magnum = await made(scene)
    cluster = await cluster_of(scene, magnum)
    await observed(scene, cluster)
    await scene.delete(magnum)
    await until("it is gone", lambda: gone(scene, magnum))
    assert await gone(scene, cluster)
    assert scene.cloud.clusters == {}
    assert "Deleting" in await scene.events(magnum)


async def test_what_fails_at_the_cloud_fails_it_and_a_retry_stays_in_the_project(scene: Stage) -> None:
    await scene.add_cloud()
    await scene.add_project()
    magnum = await scene.magnum_cluster()
    scene.cloud.plan("create", refusal(ReasonCode.QUOTA_EXCEEDED, "Quota exceeded for cores"))
    assert await outcome(await scene.wake(magnum)) == "FAILED"
    record = await scene.record(magnum)
    assert record.status["reason"] == {"code": "QUOTA_EXCEEDED", "message": "Quota exceeded for cores"}
    assert record.status["observed_generation"] == record.generation
    cluster = await cluster_of(scene, magnum)
    async with scene.store.transaction() as transaction:
        await transaction.write_status(await scene.record(cluster), {"observed_generation": 0})
    await outcome(await scene.wake(cluster, "retried"))
    assert (await scene.record(cluster)).status["running_on"]["kind"] == "Project"
    assert [item.uid for item in await out_of_step(scene.store)] == [magnum.uid], "the sweep wakes it"
    assert await outcome(await scene.wake(magnum, "sweep")) == "RUNNING"


async def test_a_bound_project_that_is_gone_is_not_replaced(scene: Stage) -> None:
    project = await scene.add_project()
    await scene.add_project("other")
    magnum = await scene.magnum_cluster()
    async with scene.store.transaction() as transaction:
        place = {"api": "openstack", "kind": "Project", "namespace": scene.namespace, "name": project.name}
        bound = {"project": place, "template": "k8s"}
        await transaction.write_status(await scene.record(magnum), bound)
        await transaction.remove(await scene.record(project), NewEvent("Deleted"))
    assert await outcome(await scene.wake(magnum)) == "FAILED"
    assert "Unable to find bound project" in (await scene.record(magnum)).status["reason"]["message"]
    assert scene.cloud.clusters == {}


async def test_its_cluster_is_made_in_the_project_or_nowhere(scene: Stage) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    place = {"api": "openstack", "kind": "Project", "namespace": scene.namespace, "name": "gone"}
    async with scene.store.transaction() as transaction:
        await transaction.write_status(await scene.record(cluster), {"scheduled_to": place})
    assert "Unable to find bound cloud: gone" in await outcome(await scene.wake(cluster))
    assert scene.cloud.clusters == {}
