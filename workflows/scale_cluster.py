"""Scale or upgrade a cluster at its cloud, while it is in use."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.provisioning.changing import ChangingActivities
    from krake.messages.names import WorkflowName
    from krake.models.reasons import ReasonCode
    from krake.provisioning.messages import ClusterOrder, Provisioned, ProvisioningFailure
    from krake.provisioning.provider import Stage
    from workflows.at_cloud import CALL_TIME, PATIENT, until_settled
    from workflows.errors import Cause, cause_of
    from workflows.lifecycle import Operation
    from workflows.options import STORE, on_cluster


@workflow.defn(name=WorkflowName.SCALE_CLUSTER)
class ScaleCluster(Operation):
    """Makes one change after the other until the cluster is what it should be; a failure leaves it as is."""

    @workflow.init
    def __init__(self, order: ClusterOrder) -> None:
        super().__init__(WorkflowName.SCALE_CLUSTER)

    @workflow.run
    async def run(self, order: ClusterOrder) -> Provisioned:
        """Change the cluster."""
        try:
            while await self._change(order):
                answer = await until_settled(self._steps, order)
                if answer.stage is not Stage.READY:
                    code = answer.code or ReasonCode.RECONCILE_FAILED
                    words = answer.message or "the cluster vanished at the cloud"
                    raise ApplicationError(words, type=code, non_retryable=True)
                await workflow.execute_local_activity_method(
                    ChangingActivities.note_changed, order, summary="one change is done", **STORE
                )
        except (ActivityError, ApplicationError) as error:
            if is_cancelled_exception(error):
                raise
            return await self._record(order, cause_of(error))
        return Provisioned(words="changed", settled=False)

    async def _change(self, order: ClusterOrder) -> bool:
        self._steps.begin("have the cloud change the cluster")
        return await workflow.execute_activity_method(
            ChangingActivities.change_cluster,
            order,
            summary=f"have {order.target.name} changed",
            **on_cluster(CALL_TIME, PATIENT),
        )

    async def _record(self, order: ClusterOrder, cause: Cause) -> Provisioned:
        failure = ProvisioningFailure(
            target=order.target,
            generation=order.generation,
            code=cause.code,
            message=cause.message,
            cause=order.cause,
        )
        await workflow.execute_local_activity_method(
            ChangingActivities.record_change_failure, failure, summary="record the failure", **STORE
        )
        return Provisioned(words=f"failed: {cause.code}")
