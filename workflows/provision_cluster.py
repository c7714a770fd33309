"""Make a cluster: choose a cloud, have it made, wait, fetch its credentials."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.provisioning.choosing import ChoosingActivities
    from activities.provisioning.making import MakingActivities
    from activities.provisioning.removing import RemovingFromCloudActivities
    from krake.messages.names import WorkflowName
    from krake.models.reasons import ReasonCode
    from krake.provisioning.messages import ClusterOrder, Provisioned, ProvisioningFailure
    from krake.provisioning.provider import Stage
    from workflows.at_cloud import CALL_TIME, PATIENT, remove_from_cloud, until_settled
    from workflows.errors import Cause, cause_of
    from workflows.lifecycle import Operation
    from workflows.options import STORE, on_cluster


@workflow.defn(name=WorkflowName.PROVISION_CLUSTER)
class ProvisionCluster(Operation):
    """Makes the cluster at the cloud that fits best.

    Where that fails, what was made is removed again. A cancellation, for a deletion, removes nothing: the
    deletion does that.
    """

    @workflow.init
    def __init__(self, order: ClusterOrder) -> None:
        super().__init__(WorkflowName.PROVISION_CLUSTER)

    @workflow.run
    async def run(self, order: ClusterOrder) -> Provisioned:
        """Make the cluster, or find that this is not possible now."""
        self._steps.begin("choose a cloud")
        chosen = await workflow.execute_local_activity_method(
            ChoosingActivities.choose_cloud, order, summary="choose a cloud", **STORE
        )
        if chosen.cloud is None:
            return Provisioned(words=f"waits for a cloud: {chosen.message}")
        try:
            await self._make(order, chosen.cloud.name)
        except (ActivityError, ApplicationError) as error:
            if is_cancelled_exception(error):
                raise
            return await self._give_up(order, cause_of(error))
        return Provisioned(words=f"made on {chosen.cloud.name}", settled=False)

    async def _make(self, order: ClusterOrder, place: str) -> None:
        self._steps.begin(f"have it made on {place}")
        await workflow.execute_activity_method(
            MakingActivities.create_cluster,
            order,
            summary=f"have it made on {place}",
            **on_cluster(CALL_TIME, PATIENT),
        )
        answer = await until_settled(self._steps, order)
        if answer.stage is not Stage.READY:
            words = answer.message or "the cluster vanished at the cloud"
            code = answer.code or ReasonCode.CREATE_FAILED
            raise ApplicationError(words, type=code, non_retryable=True)
        self._steps.begin("fetch its credentials")
        await workflow.execute_activity_method(
            MakingActivities.fetch_credentials,
            order,
            summary="fetch its credentials",
            **on_cluster(CALL_TIME, PATIENT),
        )

    async def _give_up(self, order: ClusterOrder, cause: Cause) -> Provisioned:
        """Remove what was made, as far as that can be done now, and say why it failed."""
        left_behind = False
        try:
            await remove_from_cloud(self._steps, order)
        except (ActivityError, ApplicationError) as error:
            if is_cancelled_exception(error):
                raise
            left_behind = True
        await workflow.execute_local_activity_method(
            RemovingFromCloudActivities.record_provisioning_failure,
            ProvisioningFailure(
                target=order.target,
                generation=order.generation,
                code=cause.code,
                message=cause.message,
                cause=order.cause,
                left_behind=left_behind,
            ),
            summary="record the failure",
            **STORE,
        )
        return Provisioned(words=f"failed: {cause.code}")
