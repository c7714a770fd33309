"""Pauses between attempts as they are in production: minutes, where other tests have moments."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import pairwise

from temporalio.exceptions import ApplicationError

from tests.time_skipping.clock import Clock
from tests.workflows.failures import UNREACHABLE, refused, unreachable
from tests.workflows.moving import labelled, place_of, running
from tests.workflows.stage import Stage
from tests.workflows.test_application import ended, outcome
from tests.workflows.test_cluster import NEW

MINUTE = timedelta(minutes=1)
WORK = 20.0
"""Seconds that the attempts themselves may take: while something is done, time goes on as anywhere."""


async def test_the_pauses_of_a_deployment_grow_to_five_minutes(scene: Stage, clock: Clock) -> None:
    await scene.cluster()
    app = await scene.app(backoff=2, backoff_delay=10, backoff_limit=-1)
    scene.clusters.plan("apply_manifest", *unreachable(8))
    handle = await scene.wake(app)
    await clock.advance(15 * MINUTE)
    status = (await scene.record(app)).status
    assert (status["state"], status["reason"]["code"]) == ("DEGRADED", UNREACHABLE)
    await clock.until("it runs", partial(ended, scene, app), 30 * MINUTE)
    assert await outcome(handle) == "runs on de"
    calls = zip(scene.clusters.calls, scene.clusters.times, strict=True)
    begun = sorted({time for (name, _), time in calls if name == "apply_manifest"})
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(begun)]
    meant = [10, 20, 40, 80, 160, 300, 300, 300]
    assert all(0 <= pause - least < WORK for pause, least in zip(pauses, meant, strict=True)), pauses


async def test_a_silent_cluster_is_looked_for_five_minutes_apart(scene: Stage, clock: Clock) -> None:
    cluster = await scene.cluster(status=NEW, backoff=2, backoff_delay=10, backoff_limit=-1)
    silent = ApplicationError("cluster de does not answer", type=UNREACHABLE)
    scene.clusters.plan("verify_cluster", *[silent] * 16)
    handle = await scene.wake(cluster)
    taken = await clock.until("it is reached", partial(ended, scene, cluster), 80 * MINUTE, step=MINUTE)
    assert (await outcome(handle)).startswith("reached")
    assert scene.clusters.count("verify_cluster") == 17
    assert 60 * MINUTE <= taken <= 62 * MINUTE


async def test_a_move_for_a_constraint_that_fails_is_tried_again_after_a_while(
    scene: Stage, clock: Clock
) -> None:
    """The cool-down is a minute, and longer with each failure in a row."""
    app = await running(scene, backoff_limit=-1)
    scene.clusters.plan("apply_manifest", refused(), refused())
    await scene.update(app, constraints=labelled("place is it"))
    await clock.advance(timedelta(seconds=30))
    reason = (await scene.record(app)).status["reason"]
    assert "the move to it failed: INVALID_RESOURCE: ConfigMap/settings: invalid" in reason["message"]
    assert "next attempt at" in reason["message"]
    taken = await clock.until("it settles", partial(ended, scene, app), 10 * MINUTE)
    assert timedelta(seconds=150) <= taken <= timedelta(seconds=190)
    record = await scene.record(app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert record.status["migration_backoff"] is None
