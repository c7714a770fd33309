"""Remove an application from its cluster and from the store."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.removing import RemovingActivities
    from activities.store.applications import ApplicationStoreActivities
    from activities.store.giving_up import GivingUpActivities
    from activities.waking import WakingActivities
    from krake.messages.base import Target
    from krake.messages.deploying import Deployment, OnCluster
    from krake.messages.lifecycle import Ask
    from krake.messages.names import WorkflowName
    from krake.messages.removing import Leftover
    from workflows.errors import cause_of
    from workflows.lifecycle import Operation
    from workflows.options import STORE, on_cluster
    from workflows.shutting_down import shut_down

_REMOVAL_TIME = timedelta(minutes=10)


@workflow.defn(name=WorkflowName.DELETE_APPLICATION)
class DeleteApplication(Operation):
    """Have it shut down where it asked for that, remove the objects, wait until they are gone, forget it.

    A cluster that does not answer is tried again for a while, and not for long when it is being deleted
    itself. What is left on it then is recorded as orphans, to be collected when it answers again.
    """

    @workflow.init
    def __init__(self, deletion: Deployment) -> None:
        super().__init__(WorkflowName.DELETE_APPLICATION, deletion.attempt)

    @workflow.run
    async def run(self, deletion: Deployment) -> str:
        """Delete; returns in words what came of it.

        Raises:
            ApplicationError: the objects could not be removed this time.
        """
        self._steps.begin("look up where it runs")
        cluster = await workflow.execute_local_activity_method(
            ApplicationStoreActivities.begin_deletion,
            deletion.target,
            summary="look up where it runs",
            **STORE,
        )
        if cluster is not None and deletion.shutdown_hook:
            shutdown = await shut_down(self._steps, deletion.target, cluster, "delete", deletion.generation)
            if not shutdown.proceed:
                return f"gave up: {shutdown.message}"
        try:
            if cluster is not None:
                await self._remove_objects(deletion, cluster)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            cause = cause_of(error)
            if not await self._give_up(deletion, cluster, cause.message):
                raise ApplicationError(cause.message, type=cause.code) from error
        self._steps.begin("forget the application")
        owners = await workflow.execute_local_activity_method(
            ApplicationStoreActivities.remove_application, deletion.target, summary="forget it", **STORE
        )
        for waiting in [cluster, *owners]:
            if waiting is not None:
                await self._tell(waiting, deletion.target.name)
        return "deleted"

    async def _remove_objects(self, deletion: Deployment, cluster: Target) -> None:
        self._steps.begin(f"remove its objects from {cluster.name}", cluster.name)
        await workflow.execute_activity_method(
            RemovingActivities.remove_objects,
            OnCluster(target=deletion.target, cluster=cluster, generation=deletion.generation),
            summary=f"remove its objects from {cluster.name}",
            **on_cluster(_REMOVAL_TIME),
        )

    async def _give_up(self, deletion: Deployment, cluster: Target | None, why: str) -> bool:
        """Whether nobody tries any more to remove the objects, and they are recorded as orphans."""
        assert cluster is not None
        return await workflow.execute_local_activity_method(
            GivingUpActivities.release_orphans,
            Leftover(target=deletion.target, cluster=cluster, attempt=deletion.attempt, message=why),
            summary=f"leave them behind on {cluster.name}?",
            **STORE,
        )

    async def _tell(self, cluster: Target, name: str) -> None:
        await workflow.execute_local_activity_method(
            WakingActivities.wake_cluster,
            Ask(target=cluster, causes=[f"application {name} is gone"]),
            summary=f"tell {cluster.name}",
            **STORE,
        )
