"""Clusters that are made for applications by themselves, with production's patience and retention.

The schedule of the sweep, which this server has not, is played: its activity is run twice a minute. Nobody
but the sweep tells an application that its cluster has come.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.sweeping import SweepingActivities
from krake.messages.base import Target
from tests.time_skipping.clock import Clock
from tests.workflows.stage import Stage
from tests.workflows.test_application import gone

MINUTE = timedelta(minutes=1)


class Sweeps:
    """The clock, with a sweep at every step."""

    def __init__(self, scene: Stage, clock: Clock) -> None:
        self._scene = scene
        self._clock = clock
        self._every = timedelta(seconds=scene.settings.sweep_interval)
        self._activities = SweepingActivities(scene.store, scene.client, scene.settings)

    async def until_state(self, target: Target, state: str, within: timedelta) -> timedelta:
        """Let time pass until the resource has the state; returns how long that took."""

        async def has() -> bool:
            return await self._swept() and (await self._scene.record(target)).status.get("state") == state

        return await self._clock.until(f"{target.name} is {state}", has, within, self._every)

    async def until_gone(self, target: Target, within: timedelta) -> timedelta:
        """Let time pass until the resource is forgotten; returns how long that took."""

        async def is_gone() -> bool:
            return await self._swept() and await gone(self._scene, target)

        return await self._clock.until(f"{target.name} is gone", is_gone, within, self._every)

    async def _swept(self) -> bool:
        await ActivityEnvironment().run(self._activities.sweep)
        return True


@pytest.fixture
def sweeps(scene: Stage, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Sweeps:
    """Sweeps that wake the workflows of the test's own worker."""
    monkeypatch.setattr("krake.temporal.TASK_QUEUE", scene.queue)
    return Sweeps(scene, clock)


async def awaited(scene: Stage, app: Target) -> Target:
    """The cluster that an application waits for."""
    name = (await scene.record(app)).status["auto_cluster_create_started"]
    record = await scene.store.get("Cluster", scene.namespace, name)
    return Target(kind="Cluster", namespace=scene.namespace, name=name, uid=record.uid)


async def test_an_automatic_cluster_is_made_used_and_removed_when_it_is_idle(
    scene: Stage, clock: Clock, sweeps: Sweeps
) -> None:
    scene.cloud.takes = 10 * MINUTE
    await scene.add_cloud()
    app, began = await scene.app(auto_cluster_create=True), await clock.now()
    await scene.wake(app)
    await sweeps.until_state(app, "WAITING_FOR_CLUSTER_CREATION", MINUTE)
    cluster = await awaited(scene, app)
    await sweeps.until_state(app, "RUNNING", 20 * MINUTE)
    assert 10 * MINUTE <= await clock.now() - began <= 14 * MINUTE
    assert (await scene.record(app)).status["running_on"]["name"] == cluster.name
    await clock.advance(30 * MINUTE)
    await scene.delete(app)
    await sweeps.until_gone(app, MINUTE)
    taken = await sweeps.until_state(cluster, "DELETING", 15 * MINUTE)
    assert 10 * MINUTE <= taken <= 12 * MINUTE
    await sweeps.until_gone(cluster, 15 * MINUTE)
    assert scene.cloud.clusters == {}


async def test_a_cluster_that_does_not_come_is_given_up_and_another_one_made(
    scene: Stage, clock: Clock, sweeps: Sweeps
) -> None:
    scene.cloud.takes = 100 * MINUTE
    await scene.add_cloud()
    app, began = await scene.app(auto_cluster_create=True), await clock.now()
    await scene.wake(app)
    await sweeps.until_state(app, "WAITING_FOR_CLUSTER_CREATION", MINUTE)
    first = await awaited(scene, app)
    await sweeps.until_state(app, "PENDING", 60 * MINUTE)
    assert 30 * MINUTE <= await clock.now() - began <= 32 * MINUTE
    status = (await scene.record(app)).status
    assert "it was not ready within 1800 s" in status["auto_cluster_failure"]
    scene.cloud.takes = 5 * MINUTE
    given_up = datetime.fromisoformat(status["auto_cluster_retry_at"]) - 5 * MINUTE
    await sweeps.until_state(app, "WAITING_FOR_CLUSTER_CREATION", 10 * MINUTE)
    assert 5 * MINUTE <= await clock.now() - given_up <= 7 * MINUTE
    second = await awaited(scene, app)
    await sweeps.until_state(app, "RUNNING", 10 * MINUTE)
    assert (await scene.record(app)).status["running_on"]["name"] == second.name != first.name

    # Its record stays here: this server never answers who cancels an observation that did not begin.
    async def removed() -> bool:
        return list(scene.cloud.clusters) == [second.uid]

    await clock.until("the first one is removed", removed, 120 * MINUTE, step=MINUTE)
