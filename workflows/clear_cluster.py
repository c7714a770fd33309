"""Have the applications of one cluster leave it: it is deleted, drained, or does not answer."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.clearing import ClearingActivities
    from krake.messages.base import Target
    from krake.messages.names import WorkflowName
    from workflows.lifecycle import Lifecycle
    from workflows.options import STORE, UNTIL_DONE, on_cluster

_ONE_ATTEMPT = timedelta(days=7)


@workflow.defn(name=WorkflowName.CLEAR_CLUSTER)
class ClearCluster(Lifecycle):
    """Hosts one long activity that sends the applications away; each of them moves in its own lifecycle."""

    @workflow.init
    def __init__(self, cluster: Target) -> None:
        super().__init__(WorkflowName.CLEAR_CLUSTER)

    @workflow.run
    async def run(self, cluster: Target) -> str:
        """Clear until nothing has to leave any more; returns in words what came of it."""
        while True:
            self._wakes.take()
            self._steps.begin(f"send the applications of {cluster.name} away", cluster.name)
            outcome = await workflow.execute_activity_method(
                ClearingActivities.clear_cluster,
                cluster,
                summary=f"send the applications of {cluster.name} away",
                **on_cluster(_ONE_ATTEMPT, UNTIL_DONE),
            )
            await workflow.execute_local_activity_method(
                ClearingActivities.wake_lifecycle, cluster, summary=f"tell {cluster.name}", **STORE
            )
            if self._wakes.empty:
                return outcome
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(cluster)
