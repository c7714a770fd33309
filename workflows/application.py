"""The lifecycle of one application, and the lock on it."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ChildWorkflowError

with workflow.unsafe.imports_passed_through():
    from activities.store.applications import ApplicationStoreActivities
    from krake.messages import (
        CLUSTER_IS_BACK,
        PROGRESS_QUERY,
        WAKE_SIGNAL,
        Ask,
        Deployment,
        Failure,
        Plan,
        Progress,
        Retry,
        Step,
        Target,
        Wake,
        WorkflowName,
    )
    from krake.temporal import search_attributes
    from workflows.errors import cause_of
    from workflows.options import STORE, as_policy
    from workflows.progress import Steps
    from workflows.wakes import Wakes

_ENDLESS = Retry(limit=-1, factor=2)


@workflow.defn(name=WorkflowName.APPLICATION)
class Application:
    """Runs one operation after the other until what is, is what should be; then completes.

    Its workflow id makes it the only one to act for the application. An idle application has no open run.
    """

    @workflow.init
    def __init__(self, target: Target) -> None:
        self._steps = Steps(WorkflowName.APPLICATION)
        self._wakes = Wakes()

    @workflow.signal(name=WAKE_SIGNAL)
    def wake(self, message: Wake) -> None:
        """Something changed that concerns the application."""
        self._wakes.add(message.cause)

    @workflow.query(name=PROGRESS_QUERY)
    def progress(self) -> Progress:
        """What the lifecycle is doing now."""
        return self._steps.answer()

    @workflow.run
    async def run(self, target: Target) -> str:
        """Do what is to be done; returns in words what was done last."""
        outcome = "nothing to do"
        while True:
            self._steps.begin("compare what is with what should be")
            plan = await self._ask(target, self._wakes.take())
            if plan.step != Step.NOTHING:
                outcome = await self._carry_out(plan)
            elif self._wakes.empty:
                return outcome
            if workflow.info().is_continue_as_new_suggested() and self._wakes.empty:
                workflow.continue_as_new(target)

    async def _ask(self, target: Target, causes: list[str]) -> Plan:
        return await workflow.execute_local_activity_method(
            ApplicationStoreActivities.next_application_step,
            Ask(target=target, causes=causes),
            summary="what is to be done?",
            **STORE,
        )

    async def _carry_out(self, plan: Plan) -> str:
        """Run the operation. When the desired state changes meanwhile, it is cancelled for the newer one."""
        self._steps.begin(plan.step.value)
        child = await self._start(plan)
        while True:
            await workflow.wait_condition(lambda: child.done() or self._wakes.fresh)
            if child.done():
                return await self._finish(plan, child)
            causes = self._wakes.look()
            newer = await self._ask(plan.target, causes)
            superseded = newer.step != Step.NOTHING and (newer.step, newer.generation) != (
                plan.step,
                plan.generation,
            )
            if superseded or any(cause.startswith(CLUSTER_IS_BACK) for cause in causes):
                child.cancel()
                await workflow.wait_condition(child.done)
                return "superseded"

    async def _start(self, plan: Plan) -> workflow.ChildWorkflowHandle[Any, str]:
        deleting = plan.step == Step.DELETE
        operation = WorkflowName.DELETE_APPLICATION if deleting else WorkflowName.DEPLOY_APPLICATION
        retry = _ENDLESS if deleting else plan.retry
        suffix = "delete" if deleting else f"deploy/{plan.generation}"
        return await workflow.start_child_workflow(
            operation,
            Deployment(target=plan.target, generation=plan.generation, trigger=plan.trigger, retry=retry),
            id=f"{plan.target.workflow_id}/{suffix}",
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            retry_policy=as_policy(retry),
            search_attributes=search_attributes(plan.target, operation),
            static_summary=f"{plan.target.namespace}/{plan.target.name}: {plan.trigger}",
            result_type=str,
        )

    async def _finish(self, plan: Plan, child: workflow.ChildWorkflowHandle[Any, str]) -> str:
        try:
            return await child
        except ChildWorkflowError as error:
            cause = cause_of(error)
        failure = Failure(
            target=plan.target,
            generation=plan.generation,
            code=cause.code,
            message=cause.message,
            retries_left=0,
        )
        await workflow.execute_local_activity_method(
            ApplicationStoreActivities.record_failure, failure, summary="record the failure", **STORE
        )
        return f"failed: {cause.code}"
