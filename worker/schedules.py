"""What runs on a schedule."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)

from krake.messages import TASK_QUEUE, WorkflowName
from krake.settings import Settings

SWEEP_SCHEDULE = "sweep"


async def ensure_schedules(client: Client, settings: Settings) -> None:
    """Create the schedules, or bring them up to these settings."""
    schedule = _sweep(settings)
    try:
        await client.create_schedule(SWEEP_SCHEDULE, schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(SWEEP_SCHEDULE)
        await handle.update(lambda _: ScheduleUpdate(schedule=schedule))
        await handle.trigger(overlap=ScheduleOverlapPolicy.SKIP)


def _sweep(settings: Settings) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(WorkflowName.SWEEP, id="sweep", task_queue=TASK_QUEUE),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=settings.sweep_interval))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
