"""Clusters at a cloud that takes its time, in production's intervals; see `tests/workflows/clouds.py`."""

from __future__ import annotations

from datetime import timedelta

from tests.time_skipping.clock import Clock
from tests.workflows.stage import Stage
from tests.workflows.test_application import outcome

MINUTE = timedelta(minutes=1)
CLUSTERS = 50


async def test_fifty_slow_clusters_leave_the_worker_free(scene: Stage, clock: Clock) -> None:
    """Ten minutes of waiting for each hold none of the worker's four slots: what is to be deployed is."""
    scene.cloud.takes = 10 * MINUTE
    await scene.add_cloud()
    began = await clock.now()
    clusters = [await scene.made_cluster(f"c{number}") for number in range(CLUSTERS)]
    handles = [await scene.wake(cluster) for cluster in clusters]

    async def all_begun() -> bool:
        return len(scene.cloud.clusters) == CLUSTERS

    async def online() -> int:
        records = [await scene.record(cluster) for cluster in clusters]
        return sum(record.status["state"] == "ONLINE" for record in records)

    async def all_online() -> bool:
        return await online() == CLUSTERS

    await clock.until("all are being made", all_begun, MINUTE)
    await clock.advance(5 * MINUTE)
    await scene.cluster("de")
    asked = await clock.now()
    deployment = await scene.wake(await scene.app())
    await clock.advance(MINUTE)
    assert await outcome(deployment) == "runs on de"
    assert await online() == 0
    assert (await clock.now()) - asked < 2 * MINUTE
    await clock.until("all are made", all_online, 10 * MINUTE)
    assert 10 * MINUTE <= (await clock.now()) - began <= 12 * MINUTE
    assert {await outcome(handle) for handle in handles} == {
        "reached: Kubernetes v1.33.4, 1 of 1 nodes ready"
    }
