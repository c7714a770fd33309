"""Bring one generation of an application onto a cluster."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.deploying import DeployingActivities
    from activities.kubernetes.readying import ReadyingActivities
    from activities.placement import PlacementActivities
    from activities.store.applications import ApplicationStoreActivities
    from krake.messages import (
        PROGRESS_QUERY,
        Deployment,
        Failure,
        OnCluster,
        Placement,
        Progress,
        WorkflowName,
    )
    from workflows.errors import cause_of
    from workflows.options import STORE, UNTIL_DONE, on_cluster, pause_after
    from workflows.progress import Steps

_APPLY_TIME = timedelta(minutes=5)
_SPARE_TIME = timedelta(minutes=2)


@workflow.defn(name=WorkflowName.DEPLOY_APPLICATION)
class DeployApplication:
    """Place, apply, wait until everything is ready. Repeated as a whole by its retry policy."""

    @workflow.init
    def __init__(self, deployment: Deployment) -> None:
        self._steps = Steps(WorkflowName.DEPLOY_APPLICATION)

    @workflow.query(name=PROGRESS_QUERY)
    def progress(self) -> Progress:
        """What the deployment is doing now."""
        return self._steps.answer()

    @workflow.run
    async def run(self, deployment: Deployment) -> str:
        """Deploy; returns in words what came of it.

        Raises:
            ApplicationError: with a reason code; not retryable where only the user can mend it.
        """
        try:
            return await self._deploy(deployment)
        except ActivityError as error:
            cause = cause_of(error)
            if is_cancelled_exception(error):
                raise
            await self._record(deployment, cause.code, cause.message, cause.final)
            raise ApplicationError(cause.message, type=cause.code, non_retryable=cause.final) from error

    async def _deploy(self, deployment: Deployment) -> str:
        self._steps.begin("choose a cluster")
        placement = await workflow.execute_local_activity_method(
            PlacementActivities.place_application, deployment, summary="choose a cluster", **STORE
        )
        if placement.cluster is None:
            return f"waits: {placement.message}"
        call = _call(deployment, placement)
        name = placement.cluster.name
        self._steps.begin(f"apply {placement.objects} objects on {name}", name)
        await workflow.execute_activity_method(
            DeployingActivities.apply_manifest,
            call,
            summary=f"apply {placement.objects} objects on {name}",
            **on_cluster(_APPLY_TIME),
        )
        self._steps.begin(f"wait until everything is ready on {name}", name)
        await workflow.execute_activity_method(
            ReadyingActivities.await_ready,
            call,
            summary=f"wait until ready on {name}",
            **on_cluster(timedelta(seconds=placement.readiness_timeout) + _SPARE_TIME, UNTIL_DONE),
        )
        return f"runs on {name}"

    async def _record(self, deployment: Deployment, code: str, message: str, final: bool) -> None:
        """Show the failed attempt while the next is waited for; the last is the lifecycle's to record."""
        attempt = workflow.info().attempt
        pause = None if final else pause_after(deployment.retry, attempt)
        if pause is None:
            return
        limit = deployment.retry.limit
        failure = Failure(
            target=deployment.target,
            generation=deployment.generation,
            code=code,
            message=message,
            retry_in=pause,
            retries_left=limit - attempt + 1 if limit >= 0 else None,
        )
        await workflow.execute_local_activity_method(
            ApplicationStoreActivities.record_failure, failure, summary="record the failed attempt", **STORE
        )


def _call(deployment: Deployment, placement: Placement) -> OnCluster:
    assert placement.cluster is not None
    return OnCluster(
        target=deployment.target,
        cluster=placement.cluster,
        generation=placement.generation,
        readiness_timeout=placement.readiness_timeout,
    )
