"""Sample the metrics that clusters are ranked by, on a schedule."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.sampling import SamplingActivities
    from krake.messages.names import WorkflowName
    from krake.messages.observing import Sampled
    from workflows.options import QUICK_RETRIES, on_cluster


@workflow.defn(name=WorkflowName.SAMPLE_METRICS)
class SampleMetrics:
    """One sample of everything."""

    @workflow.run
    async def run(self) -> Sampled:
        """Ask every provider once."""
        return await workflow.execute_activity_method(
            SamplingActivities.sample_metrics,
            summary="ask the providers for the metrics in use",
            **on_cluster(timedelta(minutes=6), QUICK_RETRIES),
        )
