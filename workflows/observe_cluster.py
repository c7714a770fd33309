"""Have one cluster watched for as long as it is registered."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.observing import ObservingActivities
    from krake.messages.base import Target
    from krake.messages.names import WorkflowName
    from workflows.lifecycle import Operation
    from workflows.options import UNTIL_DONE

_ONE_ATTEMPT = timedelta(days=7)
_HEARTBEAT = timedelta(seconds=15)
"""A killed worker's observation goes on elsewhere after this time."""


@workflow.defn(name=WorkflowName.OBSERVE_CLUSTER)
class ObserveCluster(Operation):
    """Hosts one long activity: attempts are not recorded, so the history stays at a handful of events."""

    @workflow.init
    def __init__(self, cluster: Target) -> None:
        super().__init__(WorkflowName.OBSERVE_CLUSTER)

    @workflow.run
    async def run(self, cluster: Target) -> str:
        """Observe until the cluster is deleted; returns why it ended."""
        self._steps.begin(f"watch the nodes and applications of {cluster.name}", cluster.name)
        return await workflow.execute_activity_method(
            ObservingActivities.observe_cluster,
            cluster,
            summary=f"watch {cluster.name}",
            start_to_close_timeout=_ONE_ATTEMPT,
            heartbeat_timeout=_HEARTBEAT,
            retry_policy=UNTIL_DONE,
        )
