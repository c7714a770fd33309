"""Look at all clouds, on a schedule."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.provisioning.observing import ObservingCloudsActivities
    from krake.messages.names import WorkflowName
    from krake.messages.observing import ObservedClouds
    from workflows.options import QUICK_RETRIES, on_cluster


@workflow.defn(name=WorkflowName.OBSERVE_CLOUDS)
class ObserveClouds:
    """One look at everything."""

    @workflow.run
    async def run(self) -> ObservedClouds:
        """Ask every cloud once."""
        return await workflow.execute_activity_method(
            ObservingCloudsActivities.observe_clouds,
            summary="look at the clouds and at what was made there",
            **on_cluster(timedelta(minutes=10), QUICK_RETRIES),
        )
