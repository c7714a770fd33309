"""The lifecycle of one Magnum cluster: a Kubernetes cluster carries it out, and its status shows how."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.magnum_clusters.steps import MagnumClusterActivities
    from krake.messages.base import Target
    from krake.messages.lifecycle import Ask, Wake
    from krake.messages.names import WAKE_SIGNAL, WorkflowName
    from krake.payloads import Plain
    from krake.temporal import search_attributes
    from workflows.lifecycle import Lifecycle
    from workflows.options import STORE

_TRIES = 3
"""How often a lifecycle that ends just then is woken again; the sweep finds what is left."""


@workflow.defn(name=WorkflowName.MAGNUM_CLUSTER)
class MagnumCluster(Lifecycle):
    """Does what is to be done for a Magnum cluster, waits for its Kubernetes cluster, and completes."""

    @workflow.init
    def __init__(self, target: Target) -> None:
        super().__init__(WorkflowName.MAGNUM_CLUSTER)

    @workflow.run
    async def run(self, target: Target) -> str:
        """Do what is to be done; returns in words what came of it."""
        while True:
            step = await workflow.execute_local_activity_method(
                MagnumClusterActivities.next_magnum_cluster_step,
                Ask(target=target, causes=self._wakes.take()),
                summary="what is to be done?",
                **STORE,
            )
            self._steps.begin(f"its cluster is {step.words}", target.name)
            for other in step.wake:
                await self._set_going(other)
            if step.pause:
                await self._wait(step.pause)
            elif self._wakes.empty:
                return step.words
            if workflow.info().is_continue_as_new_suggested() and self._wakes.empty:
                workflow.continue_as_new(target)

    async def _wait(self, seconds: float) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._wakes.fresh,
                timeout=timedelta(seconds=seconds),
                timeout_summary=Plain("look again"),
            )
        except TimeoutError:
            return

    async def _set_going(self, cluster: Target) -> None:
        """Start the cluster's own lifecycle, or tell the one that runs."""
        for _ in range(_TRIES):
            try:
                await workflow.start_child_workflow(
                    WorkflowName.CLUSTER,
                    cluster,
                    id=cluster.workflow_id,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    parent_close_policy=ParentClosePolicy.ABANDON,
                    search_attributes=search_attributes(cluster, WorkflowName.CLUSTER),
                    static_summary=f"{WorkflowName.CLUSTER} {cluster.namespace}/{cluster.name}",
                )
            except WorkflowAlreadyStartedError:
                if await self._tell(cluster):
                    return
            else:
                return

    async def _tell(self, cluster: Target) -> bool:
        try:
            handle = workflow.get_external_workflow_handle(cluster.workflow_id)
            await handle.signal(WAKE_SIGNAL, Wake(cause="its Magnum cluster changed"))
        except ApplicationError as error:
            workflow.logger.info("the cluster's lifecycle has ended: %s", error.message)
            return False
        return True
