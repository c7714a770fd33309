"""Observation without looking: an activity that never ends would keep the test server from skipping time."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from krake.messages.base import Target
    from krake.messages.names import WorkflowName


@workflow.defn(name=WorkflowName.OBSERVE_CLUSTER)
class ObserveNothing:
    """Lives as long as the real one, until the cluster's deletion cancels it.

    It must not end before: the server loses count, and skips nothing any more, when a child ends after its
    parent.
    """

    @workflow.run
    async def run(self, cluster: Target) -> str:
        """Wait for the cancellation."""
        await workflow.wait_condition(lambda: False)
        return "never"
