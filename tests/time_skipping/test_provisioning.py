"""Clusters at a cloud that takes its time, in production's intervals; see `tests/workflows/clouds.py`."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from krake.models.reasons import ReasonCode
from tests.time_skipping.clock import Clock
from tests.workflows.clouds import refusal, silent
from tests.workflows.stage import Stage
from tests.workflows.test_application import ended, gone, outcome

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CLUSTERS = 50


async def test_fifty_slow_clusters_leave_the_worker_free(scene: Stage, clock: Clock) -> None:
    """Ten minutes of waiting for each hold none of the worker's four slots: what is to be deployed is.

    They are looked at once a minute: every ten seconds, as by default, would double what the test costs.
    """
    scene.cloud.takes, scene.settings.provisioning_interval = 10 * MINUTE, 60.0
    await scene.add_cloud()
    began = await clock.now()
    clusters = [await scene.made_cluster(f"c{number}") for number in range(CLUSTERS)]
    handles = [await scene.wake(cluster) for cluster in clusters]

    async def all_begun() -> bool:
        return len(scene.cloud.clusters) == CLUSTERS

    async def online() -> int:
        records = await scene.store.all_of("Cluster", scene.namespace)
        return sum(record.name != "de" and record.status["state"] == "ONLINE" for record in records)

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


async def test_a_cloud_that_is_silent_for_minutes_is_waited_for(scene: Stage, clock: Clock) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    scene.cloud.plan("create", *[silent() for _ in range(11)])
    handle = await scene.wake(cluster)
    taken = await clock.until("it is made", partial(ended, scene, cluster), 15 * MINUTE)
    assert (await outcome(handle)).startswith("reached")
    assert 7 * MINUTE <= taken <= 10 * MINUTE
    assert len(scene.cloud.clusters) == 1


async def test_a_creation_that_takes_too_long_is_given_up(scene: Stage, clock: Clock) -> None:
    """After an hour; that hour costs fewer than a hundred looks, and the removal is waited for."""
    scene.cloud.takes = 100 * HOUR
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    handle = await scene.wake(cluster)

    async def given_up() -> bool:
        return "delete" in scene.cloud.calls

    taken = await clock.until("it is given up", given_up, 2 * HOUR)
    assert HOUR <= taken <= HOUR + 2 * MINUTE
    assert scene.cloud.calls.count("progress") < 100
    (made,) = scene.cloud.clusters.values()
    made.done_at = await clock.now() + 5 * MINUTE
    await clock.until("it is removed", partial(ended, scene, cluster), 10 * MINUTE)
    assert await outcome(handle) == "failed: CREATE_FAILED"
    reason = (await scene.record(cluster)).status["reason"]
    assert reason["message"] == "not done after 60 minutes; the cloud's last word: 0 steps are left"
    assert scene.cloud.clusters == {}


async def test_a_removal_that_takes_hours_is_told_and_asked_for_again(scene: Stage, clock: Clock) -> None:
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    handle = await scene.wake(cluster)
    await clock.until("it is made", partial(ended, scene, cluster), 2 * MINUTE)
    await outcome(handle)
    scene.cloud.takes = 2 * HOUR
    await scene.delete(cluster)

    async def told() -> bool:
        return bool((await scene.record(cluster)).status.get("reason"))

    taken = await clock.until("it is told", told, 2 * HOUR)
    assert HOUR <= taken <= HOUR + 2 * MINUTE
    reason = (await scene.record(cluster)).status["reason"]
    assert reason == {
        "code": "DELETE_FAILED",
        "message": "not removed after 60 minutes; the cloud's last word: being removed",
    }
    await clock.until("it is gone", partial(gone, scene, cluster), 4 * HOUR)
    assert scene.cloud.calls.count("delete") == 2
    assert scene.cloud.clusters == {}


async def test_a_removal_that_is_refused_is_tried_until_somebody_mends_it(scene: Stage, clock: Clock) -> None:
    """Five minutes apart at most, however long that takes; the status says why."""
    await scene.add_cloud()
    cluster = await scene.made_cluster()
    handle = await scene.wake(cluster)
    await clock.until("it is made", partial(ended, scene, cluster), 2 * MINUTE)
    await outcome(handle)
    refused = refusal(ReasonCode.INVALID_CREDENTIALS, "the password is wrong")
    scene.cloud.plan("delete", *[refused] * 20)
    await scene.delete(cluster)
    await clock.advance(HOUR)
    status = (await scene.record(cluster)).status
    assert (status["state"], status["reason"]["message"]) == ("DELETING", "the password is wrong")
    assert 15 <= scene.cloud.calls.count("delete") <= 18
    await clock.until("it is gone", partial(gone, scene, cluster), 2 * HOUR)
    assert scene.cloud.clusters == {}
