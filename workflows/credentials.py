"""Fetching new credentials of a cluster from its cloud."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.provisioning.making import MakingActivities
    from krake.messages.lifecycle import Plan
    from krake.provisioning.messages import ClusterOrder, ProvisioningFailure
    from workflows.at_cloud import CALL_TIME
    from workflows.errors import cause_of
    from workflows.options import QUICK_RETRIES, STORE, on_cluster


async def rotate_credentials(plan: Plan) -> str:
    """Have a new kubeconfig put into the secret store; says in words what came of it."""
    order = ClusterOrder(target=plan.target, generation=plan.generation, cause=plan.cause)
    try:
        await workflow.execute_activity_method(
            MakingActivities.fetch_credentials,
            order,
            summary="fetch new credentials",
            **on_cluster(CALL_TIME, QUICK_RETRIES),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        cause = cause_of(error)
        failure = ProvisioningFailure(
            target=plan.target,
            generation=plan.generation,
            code=cause.code,
            message=cause.message,
            cause=plan.cause,
        )
        await workflow.execute_local_activity_method(
            MakingActivities.record_rotation_failure, failure, summary="record the failure", **STORE
        )
        return f"no new credentials: {cause.code}"
    return "new credentials"
