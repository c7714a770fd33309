"""The lifecycle of one application, and the lock on it."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ChildWorkflowError

with workflow.unsafe.imports_passed_through():
    from activities.store.applications import ApplicationStoreActivities
    from krake.messages.base import Target
    from krake.messages.deploying import Deployment
    from krake.messages.lifecycle import Ask, Failure, Plan, Retry, Step
    from krake.messages.names import WorkflowName
    from krake.payloads import Plain
    from krake.temporal import search_attributes
    from workflows.errors import Cause, cause_of
    from workflows.lifecycle import Lifecycle
    from workflows.options import STORE, pause_after, retries_left

_ENDLESS = Retry(limit=-1, factor=2)


@workflow.defn(name=WorkflowName.APPLICATION)
class Application(Lifecycle):
    """Runs one operation after the other until what is, is what should be; then completes.

    Its workflow id makes it the only one to act for the application. An idle application has no open run.
    """

    @workflow.init
    def __init__(self, target: Target) -> None:
        super().__init__(WorkflowName.APPLICATION)

    @workflow.run
    async def run(self, target: Target) -> str:
        """Do what is to be done; returns in words what was done last."""
        outcome = "nothing to do"
        while True:
            self._steps.begin("compare what is with what should be")
            plan = await self._ask(target, self._wakes.take())
            if plan.step == Step.WAIT:
                outcome = plan.message
                await self._woken_within(plan.wait, plan.message)
            elif plan.step != Step.NOTHING:
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
        """Run the operation until it succeeds, may not be tried again, or something newer is to be done.

        Retries are made here and not by the child's retry policy: a child that waits for its next attempt
        does not hear of a cancellation before that begins.
        """
        endless = plan.step in (Step.DELETE, Step.MIGRATE)
        retry = _ENDLESS if endless else plan.retry
        attempt = 1
        while True:
            self._steps.begin(plan.step.value if attempt == 1 else f"{plan.step.value}, attempt {attempt}")
            child = await self._start(plan, attempt)
            if await self._superseded(plan, child):
                return "superseded"
            try:
                return await child
            except ChildWorkflowError as error:
                cause = cause_of(error)
            pause = None if cause.final and not endless else pause_after(retry, attempt)
            await self._record(plan, cause, pause, retries_left(retry, attempt))
            if pause is None:
                return f"failed: {cause.code}"
            if await self._woken_within(pause):
                return f"interrupted: {cause.code}"
            attempt += 1

    async def _superseded(self, plan: Plan, child: workflow.ChildWorkflowHandle[Any, str]) -> bool:
        """Wait for the child. When the desired state changes meanwhile it is cancelled for the newer one."""
        while True:
            await workflow.wait_condition(lambda: child.done() or self._wakes.fresh)
            if child.done():
                return False
            newer = await self._ask(plan.target, self._wakes.look())
            if _is_outdated(plan, newer):
                child.cancel()
                await workflow.wait_condition(child.done)
                return True

    async def _woken_within(self, seconds: float, step: str = "") -> bool:
        self._steps.begin(step or f"wait {seconds:g} s before the next attempt")
        try:
            await workflow.wait_condition(
                lambda: self._wakes.fresh,
                timeout=seconds,
                timeout_summary=Plain("pause before the next try"),
            )
        except TimeoutError:
            return False
        return True

    async def _start(self, plan: Plan, attempt: int) -> workflow.ChildWorkflowHandle[Any, str]:
        operation, suffix = _operation(plan)
        return await workflow.start_child_workflow(
            operation,
            Deployment(
                target=plan.target,
                generation=plan.generation,
                trigger=plan.trigger,
                attempt=attempt,
                migration=plan.migration,
                cause=plan.cause,
                translate=plan.translate,
                shutdown_hook=plan.shutdown_hook,
            ),
            id=f"{plan.target.workflow_id}/{suffix}",
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            search_attributes=search_attributes(plan.target, operation),
            static_summary=f"{plan.target.namespace}/{plan.target.name}: {plan.trigger}",
            result_type=str,
        )

    async def _record(self, plan: Plan, cause: Cause, pause: float | None, left: int | None) -> None:
        failure = Failure(
            target=plan.target,
            generation=plan.generation,
            code=cause.code,
            message=cause.message,
            retry_in=pause,
            retries_left=left,
            cause=plan.cause,
        )
        await workflow.execute_local_activity_method(
            ApplicationStoreActivities.record_failure, failure, summary="record the failure", **STORE
        )


def _operation(plan: Plan) -> tuple[WorkflowName, str]:
    """The workflow that carries out a plan, and what its id ends in."""
    match plan.step:
        case Step.DELETE:
            return WorkflowName.DELETE_APPLICATION, "delete"
        case Step.MIGRATE:
            return WorkflowName.MIGRATE_APPLICATION, f"migrate/{plan.migration}"
        case _:
            return WorkflowName.DEPLOY_APPLICATION, f"deploy/{plan.generation}"


def _is_outdated(plan: Plan, newer: Plan) -> bool:
    """Whether what is being done has to give way.

    A move takes the newest generation when it begins. From then on the store says whether it may be undone.
    """
    if newer.step in (Step.NOTHING, Step.WAIT):
        return False
    if plan.step == newer.step == Step.MIGRATE and plan.migration == newer.migration:
        return newer.interrupt
    return (newer.step, newer.generation) != (plan.step, plan.generation)
