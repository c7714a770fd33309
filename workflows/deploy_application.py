"""Bring one generation of an application onto a cluster."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.deploying import DeployingActivities
    from activities.kubernetes.readying import ReadyingActivities
    from activities.placement import PlacementActivities
    from activities.tosca.translating import TranslatingActivities
    from krake.messages.deploying import Deployment, OnCluster, Placement
    from krake.messages.names import WorkflowName
    from krake.temporal import CLUSTER
    from workflows.errors import cause_of
    from workflows.lifecycle import Operation
    from workflows.options import STORE, UNTIL_DONE, on_cluster

_TRANSLATION_TIME = timedelta(minutes=15)
_APPLY_TIME = timedelta(minutes=5)
_SPARE_TIME = timedelta(minutes=2)


@workflow.defn(name=WorkflowName.DEPLOY_APPLICATION)
class DeployApplication(Operation):
    """Translate where there is a template, place, apply, wait until everything is ready."""

    @workflow.init
    def __init__(self, deployment: Deployment) -> None:
        super().__init__(WorkflowName.DEPLOY_APPLICATION, deployment.attempt)

    @workflow.run
    async def run(self, deployment: Deployment) -> str:
        """Deploy; returns in words what came of it.

        Raises:
            ApplicationError: with a reason code; not retryable where only the user can mend it.
        """
        try:
            return await self._deploy(deployment)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            cause = cause_of(error)
            raise ApplicationError(cause.message, type=cause.code, non_retryable=cause.final) from error

    async def _deploy(self, deployment: Deployment) -> str:
        if deployment.translate:
            await self._translate(deployment)
        self._steps.begin("choose a cluster")
        placement = await workflow.execute_local_activity_method(
            PlacementActivities.place_application, deployment, summary="choose a cluster", **STORE
        )
        if placement.moving:
            return placement.message
        if placement.cluster is None:
            return f"waits: {placement.message}"
        call = _call(deployment, placement)
        name = placement.cluster.name
        workflow.upsert_search_attributes([CLUSTER.value_set(name)])
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

    async def _translate(self, deployment: Deployment) -> None:
        """Make the manifest first: what it asks for decides where it can be placed."""
        self._steps.begin("translate the template")
        await workflow.execute_activity_method(
            TranslatingActivities.translate_application,
            deployment,
            summary="translate the template",
            **on_cluster(_TRANSLATION_TIME),
        )


def _call(deployment: Deployment, placement: Placement) -> OnCluster:
    assert placement.cluster is not None
    return OnCluster(
        target=deployment.target,
        cluster=placement.cluster,
        generation=placement.generation,
        readiness_timeout=placement.readiness_timeout,
        cause=deployment.cause,
    )
