"""Remove a cluster from its cloud, however often that has to be tried."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.provisioning.removing import RemovingFromCloudActivities
    from krake.messages.lifecycle import Retry
    from krake.messages.names import WorkflowName
    from krake.payloads import Plain
    from krake.provisioning.messages import ClusterOrder, Provisioned, ProvisioningFailure
    from workflows.at_cloud import remove_from_cloud
    from workflows.errors import Cause, cause_of
    from workflows.lifecycle import Operation
    from workflows.options import STORE, pause_after

_ENDLESS = Retry(delay=5, factor=2, limit=-1)
_ATTEMPTS_A_RUN = 50


@workflow.defn(name=WorkflowName.DEPROVISION_CLUSTER)
class DeprovisionCluster(Operation):
    """Removes the cluster and comes back only when the cloud finds nothing of it any more.

    A cloud that does not answer, fails or takes too long is asked again and again, five minutes apart at
    most; the status says why. A deletion by force leaves a record of what may be there instead.
    """

    @workflow.init
    def __init__(self, order: ClusterOrder) -> None:
        super().__init__(WorkflowName.DEPROVISION_CLUSTER, order.attempt)

    @workflow.run
    async def run(self, order: ClusterOrder) -> Provisioned:
        """Remove the cluster from its cloud."""
        tried = order.attempt
        while tried < order.attempt + _ATTEMPTS_A_RUN and not workflow.info().is_continue_as_new_suggested():
            try:
                await remove_from_cloud(self._steps, order)
            except (ActivityError, ApplicationError) as error:
                if is_cancelled_exception(error):
                    raise
                await self._record(order, cause_of(error))
            else:
                return Provisioned(words="removed from its cloud", settled=False)
            pause = pause_after(_ENDLESS, tried) or 0
            self._steps.begin(f"wait {pause:g} s before the next attempt")
            await workflow.sleep(pause, summary=Plain("pause before the next try"))
            tried += 1
        workflow.continue_as_new(order.model_copy(update={"attempt": tried}))

    async def _record(self, order: ClusterOrder, cause: Cause) -> None:
        await workflow.execute_local_activity_method(
            RemovingFromCloudActivities.record_removal_failure,
            ProvisioningFailure(
                target=order.target,
                generation=order.generation,
                code=cause.code,
                message=cause.message,
                cause=order.cause,
            ),
            summary="record the failure",
            **STORE,
        )
