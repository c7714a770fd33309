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

from krake.messages.names import TASK_QUEUE, WorkflowName
from krake.messages.observing import PassOrder
from krake.settings import Settings

SWEEP_SCHEDULE = "sweep"
SAMPLING_SCHEDULE = "sample-metrics"
CLOUDS_SCHEDULE = "observe-clouds"
REBALANCE_SCHEDULE = "rebalance"


async def ensure_schedules(client: Client, settings: Settings) -> None:
    """Create the schedules, or bring them up to these settings."""
    await _ensure(client, SWEEP_SCHEDULE, _every(WorkflowName.SWEEP, "sweep", settings.sweep_interval))
    sampling = _every(WorkflowName.SAMPLE_METRICS, SAMPLING_SCHEDULE, settings.metrics_interval)
    await _ensure(client, SAMPLING_SCHEDULE, sampling)
    clouds = _every(WorkflowName.OBSERVE_CLOUDS, CLOUDS_SCHEDULE, settings.cloud_interval)
    await _ensure(client, CLOUDS_SCHEDULE, clouds)
    order = PassOrder(only_news=True)
    looking = _every(WorkflowName.REBALANCE, REBALANCE_SCHEDULE, settings.reschedule_after, order)
    await _ensure(client, REBALANCE_SCHEDULE, looking)


async def _ensure(client: Client, name: str, schedule: Schedule) -> None:
    try:
        await client.create_schedule(name, schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(name)
        await handle.update(lambda _: ScheduleUpdate(schedule=schedule))
        await handle.trigger(overlap=ScheduleOverlapPolicy.SKIP)


def _every(workflow: WorkflowName, run: str, seconds: float, *order: PassOrder) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(workflow, args=order, id=run, task_queue=TASK_QUEUE),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=seconds))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
