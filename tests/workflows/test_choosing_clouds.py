"""Which cloud a cluster is made on, and what it waits for where there is none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from tests.support.waiting import until
from tests.workflows.stage import Stage
from tests.workflows.test_application import outcome
from tests.workflows.test_provisioning import REACHED


async def test_without_a_cloud_it_waits_and_says_so(scene: Stage) -> None:
    cluster = await scene.made_cluster()
    assert (await outcome(await scene.wake(cluster))).startswith("waits for a cloud")
    status = (await scene.record(cluster)).status
    assert (status["state"], status["reason"]["code"]) == ("PENDING", "NO_SUITABLE_RESOURCE")
    await scene.add_cloud()
    assert await outcome(await scene.wake(cluster, "sweep")) == REACHED


async def test_an_unreachable_cloud_is_not_chosen(scene: Stage) -> None:
    await scene.add_cloud("a-dead", state="UNREACHABLE")
    await scene.add_cloud("b-alive")
    cluster = await scene.made_cluster()
    assert await outcome(await scene.wake(cluster)) == REACHED
    assert (await scene.record(cluster)).status["running_on"]["name"] == "b-alive"


async def test_a_cloud_without_room_is_not_chosen_until_it_has_some(scene: Stage) -> None:
    full = {"resource": "clusters", "limit": 4, "used": 4}
    cloud = await scene.add_cloud(state="ONLINE", quotas=[full])
    cluster = await scene.made_cluster()
    assert (await outcome(await scene.wake(cluster))).startswith("waits for a cloud")
    status = (await scene.record(cluster)).status
    assert (status["state"], status["reason"]["code"]) == ("PENDING", "NO_SUITABLE_RESOURCE")
    assert "cloud (quota of clusters: needs 1, 0 of 4 left)" in status["reason"]["message"]
    async with scene.store.transaction() as transaction:
        await transaction.write_status(await scene.record(cloud), {"quotas": [{**full, "used": 3}]})
    assert await outcome(await scene.wake(cluster, "sweep")) == REACHED


async def test_clusters_ordered_at_once_are_made_where_there_is_room_for_all(scene: Stage) -> None:
    told = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    for name, used in (("a-small", 3), ("b-large", 0)):
        quotas = [{"resource": "clusters", "limit": 4, "used": used}]
        await scene.add_cloud(name, state="ONLINE", quotas=quotas, observed_at=told)
    accepted = asyncio.Event()
    scene.cloud.plan("create", accepted, accepted)
    clusters = [await scene.made_cluster(name) for name in ("first", "second")]
    handles = [await scene.wake(cluster) for cluster in clusters]

    async def both_ordered() -> bool:
        return scene.cloud.calls.count("create") == 2

    await until("both are ordered", both_ordered)
    accepted.set()
    assert [await outcome(handle) for handle in handles] == [REACHED, REACHED]
    places = [(await scene.record(cluster)).status["running_on"]["name"] for cluster in clusters]
    assert sorted(places) == ["a-small", "b-large"]
