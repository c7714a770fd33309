"""Repair lost wake-ups, on a schedule."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.sweeping import SweepingActivities
    from krake.messages.names import WorkflowName
    from krake.messages.observing import Swept
    from workflows.options import QUICK_RETRIES, on_cluster


@workflow.defn(name=WorkflowName.SWEEP)
class Sweep:
    """One sweep."""

    @workflow.run
    async def run(self) -> Swept:
        """Wake what should be worked on and is not."""
        return await workflow.execute_activity_method(
            SweepingActivities.sweep,
            summary="wake what nobody works on",
            **on_cluster(timedelta(minutes=5), QUICK_RETRIES),
        )
