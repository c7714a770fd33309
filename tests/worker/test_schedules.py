"""The schedule that repairs lost wake-ups."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import Client, ScheduleOverlapPolicy

from krake.settings import Settings
from worker.schedules import SWEEP_SCHEDULE, ensure_schedules


async def every(client: Client) -> timedelta:
    """The interval of the sweep."""
    description = await client.get_schedule_handle(SWEEP_SCHEDULE).describe()
    assert description.schedule.policy.overlap == ScheduleOverlapPolicy.SKIP
    return description.schedule.spec.intervals[0].every


async def test_every_worker_may_create_it(client: Client, settings: Settings) -> None:
    await asyncio.gather(*(ensure_schedules(client, settings) for _ in range(4)))
    schedules = [found.id async for found in await client.list_schedules()]
    assert schedules.count(SWEEP_SCHEDULE) <= 1
    assert await every(client) == timedelta(seconds=30)


async def test_a_changed_interval_is_taken_over(client: Client, settings: Settings) -> None:
    await ensure_schedules(client, settings)
    await ensure_schedules(client, settings.model_copy(update={"sweep_interval": 7.0}))
    assert await every(client) == timedelta(seconds=7)
