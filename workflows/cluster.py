"""The lifecycle of one cluster: have it made, verify, have it observed, delete."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.clearing import ClearingActivities
    from activities.kubernetes.collecting import CollectingActivities
    from activities.kubernetes.verifying import VerifyingActivities
    from activities.store.clusters import ClusterStoreActivities
    from activities.sweeping import observation_id
    from activities.waking import WakingActivities
    from krake.messages.base import Target
    from krake.messages.lifecycle import Ask, Failure, Plan, Step
    from krake.messages.names import WorkflowName
    from krake.messages.removing import Collection
    from krake.payloads import Plain
    from krake.provisioning.messages import ClusterOrder, Provisioned
    from krake.temporal import search_attributes
    from workflows.credentials import rotate_credentials
    from workflows.errors import cause_of
    from workflows.lifecycle import Lifecycle
    from workflows.options import STORE, as_policy, on_cluster

_VERIFY_TIME = timedelta(minutes=1)
_COLLECT_TIME = timedelta(minutes=1)
_AT_CLOUD = {
    Step.PROVISION: (WorkflowName.PROVISION_CLUSTER, "provision"),
    Step.SCALE: (WorkflowName.SCALE_CLUSTER, "scale"),
    Step.DELETE: (WorkflowName.DEPROVISION_CLUSTER, "deprovision"),
}
_LOOK_AGAIN = timedelta(minutes=1)
"""When a deletion that waits looks again although nobody woke it."""


@workflow.defn(name=WorkflowName.CLUSTER)
class Cluster(Lifecycle):
    """Does what is to be done for a cluster and completes; observing goes on in a workflow of its own."""

    @workflow.init
    def __init__(self, target: Target) -> None:
        super().__init__(WorkflowName.CLUSTER)

    @workflow.run
    async def run(self, target: Target) -> str:
        """Do what is to be done; returns in words what was done last."""
        outcome = "nothing to do"
        while True:
            plan = await self._ask(target, self._wakes.take())
            if plan.clear:
                await self._clear(plan.target)
            done = await self._carry_out(plan)
            outcome = done.words or outcome
            if done.settled and self._wakes.empty:
                return outcome
            if workflow.info().is_continue_as_new_suggested() and self._wakes.empty:
                workflow.continue_as_new(target)

    async def _carry_out(self, plan: Plan) -> Provisioned:
        if plan.step in (Step.PROVISION, Step.SCALE) or plan.deprovision:
            return await self._at_cloud(plan)
        if plan.step == Step.ROTATE:
            self._steps.begin("fetch new credentials", plan.target.name)
            return Provisioned(words=await rotate_credentials(plan), settled=False)
        if plan.step == Step.VERIFY:
            return Provisioned(words=await self._verify(plan), settled=False)
        if plan.step == Step.DELETE:
            return Provisioned(words=await self._delete(plan), settled=False)
        if plan.step == Step.WAIT:
            await self._wait(plan)
            return Provisioned(words="", settled=False)
        if plan.step == Step.OBSERVE:
            await self._observe(plan.target)
        return Provisioned(words="")

    async def _ask(self, target: Target, causes: list[str]) -> Plan:
        return await workflow.execute_local_activity_method(
            ClusterStoreActivities.next_cluster_step,
            Ask(target=target, causes=causes),
            summary="what is to be done?",
            **STORE,
        )

    async def _verify(self, plan: Plan) -> str:
        """Reach the cluster, as often as its backoff says, until it is changed or deleted meanwhile."""
        self._steps.begin(f"reach the cluster {plan.target.name}", plan.target.name)
        attempt = workflow.start_activity_method(
            VerifyingActivities.verify_cluster,
            plan,
            summary=f"reach {plan.target.name}",
            **on_cluster(_VERIFY_TIME, as_policy(plan.retry)),
        )
        while True:
            await workflow.wait_condition(lambda: attempt.done() or self._wakes.fresh)
            if attempt.done():
                break
            newer = await self._ask(plan.target, self._wakes.look())
            if newer.clear:
                await self._clear(plan.target)
            if (newer.step, newer.generation) != (plan.step, plan.generation):
                attempt.cancel()
                await workflow.wait_condition(attempt.done)
                return "superseded"
        try:
            found = await attempt
        except ActivityError as error:
            return await self._record_failure(plan, error)
        await workflow.execute_activity_method(
            WakingActivities.wake_waiting_applications,
            Ask(target=plan.target),
            summary="wake the applications that wait for a cluster",
            **on_cluster(_VERIFY_TIME),
        )
        return f"reached: Kubernetes {found.version}, {found.ready_nodes} of {found.nodes} nodes ready"

    async def _at_cloud(self, plan: Plan) -> Provisioned:
        """Make, change or remove it at its cloud; a deletion ends what is being made or changed."""
        operation, suffix = _AT_CLOUD[plan.step]
        self._steps.begin(f"{plan.step.value} at its cloud", plan.target.name)
        child: workflow.ChildWorkflowHandle[Any, Provisioned] = await workflow.start_child_workflow(
            operation,
            ClusterOrder(target=plan.target, generation=plan.generation, cause=plan.cause),
            id=f"{plan.target.workflow_id}/{suffix}",
            result_type=Provisioned,
            search_attributes=search_attributes(plan.target, operation),
            static_summary=f"{operation} {plan.target.namespace}/{plan.target.name}",
        )
        while True:
            await workflow.wait_condition(lambda: child.done() or self._wakes.fresh)
            if child.done():
                return await child
            newer = await self._ask(plan.target, self._wakes.look())
            if newer.clear:
                await self._clear(plan.target)
            leaves = newer.step in (Step.DELETE, Step.WAIT)
            if newer.step == Step.NOTHING or (leaves and plan.step != Step.DELETE):
                child.cancel()
                await workflow.wait_condition(child.done)
                return Provisioned(words="superseded", settled=False)

    async def _record_failure(self, plan: Plan, error: ActivityError) -> str:
        cause = cause_of(error)
        failure = Failure(
            target=plan.target,
            generation=plan.generation,
            code=cause.code,
            message=cause.message,
            cause=plan.cause,
        )
        await workflow.execute_local_activity_method(
            ClusterStoreActivities.record_failure, failure, summary="record the failure", **STORE
        )
        return f"failed: {cause.code}"

    async def _observe(self, cluster: Target) -> None:
        """See to it that somebody observes the cluster from now on."""
        try:
            await workflow.start_child_workflow(
                WorkflowName.OBSERVE_CLUSTER,
                cluster,
                id=observation_id(cluster),
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                search_attributes=search_attributes(cluster, WorkflowName.OBSERVE_CLUSTER),
                static_summary=f"watches {cluster.namespace}/{cluster.name}",
            )
        except WorkflowAlreadyStartedError:
            return

    async def _clear(self, cluster: Target) -> None:
        """See to it that the applications leave; that goes on in a run of its own."""
        await workflow.execute_local_activity_method(
            ClearingActivities.start_clearing, cluster, summary="have its applications leave", **STORE
        )

    async def _wait(self, plan: Plan) -> None:
        self._steps.begin(plan.message)
        try:
            await workflow.wait_condition(
                lambda: self._wakes.fresh, timeout=_LOOK_AGAIN, timeout_summary=Plain("look again")
            )
        except TimeoutError:
            return

    async def _delete(self, plan: Plan) -> str:
        cluster = plan.target
        if plan.orphans:
            await self._collect(cluster)
        self._steps.begin("stop observing and forget the cluster")
        await self._stop_observing(cluster)
        await workflow.execute_local_activity_method(
            ClusterStoreActivities.remove_cluster, cluster, summary="forget it", **STORE
        )
        return "deleted"

    async def _collect(self, cluster: Target) -> None:
        """Remove what is still owed while the cluster is known; what stays is recorded, and no obstacle."""
        self._steps.begin("collect what was left behind on it")
        try:
            await workflow.execute_activity_method(
                CollectingActivities.collect_orphans,
                Collection(cluster=cluster),
                summary="collect what was left behind",
                **on_cluster(_COLLECT_TIME),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.info("orphans stay: %s", cause_of(error).message)

    async def _stop_observing(self, cluster: Target) -> None:
        try:
            await workflow.get_external_workflow_handle(observation_id(cluster)).cancel()
        except ApplicationError as error:
            workflow.logger.info("nobody observes the cluster: %s", error.message)
