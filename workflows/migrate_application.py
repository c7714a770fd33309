"""Move an application from one cluster to another."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from krake.messages.deploying import Deployment
    from krake.messages.moving import Move
    from krake.messages.names import WorkflowName
    from krake.models.migration import INTERRUPTIBLE, MigrationPhase
    from krake.models.reasons import ReasonCode
    from workflows.errors import cause_of
    from workflows.lifecycle import Operation
    from workflows.move_steps import MoveSteps, name_of
    from workflows.uncancelled import uncancelled

_REMOVAL_TIME = timedelta(minutes=10)
_CLEANING_TIME = timedelta(minutes=2)

_NO_ANSWER = frozenset({ReasonCode.CLUSTER_NOT_REACHABLE, ReasonCode.INVALID_CREDENTIALS})
"""Failures of a cluster that nothing but the cluster itself can mend: it is not waited for."""

_NO_SHUTDOWN = ReasonCode.SHUTDOWN_FAILED


@workflow.defn(name=WorkflowName.MIGRATE_APPLICATION)
class MigrateApplication(Operation):
    """A saga: up to the hand-over everything can be undone, from there on it only goes forward.

    How far it has come is in the store, so that a run that is lost is taken up by the next one.
    """

    @workflow.init
    def __init__(self, order: Deployment) -> None:
        super().__init__(WorkflowName.MIGRATE_APPLICATION, order.attempt)
        self._do = MoveSteps(self._steps)

    @workflow.run
    async def run(self, order: Deployment) -> str:
        """Move; returns in words what came of it. A move that was undone is an outcome, not an error.

        Raises:
            ApplicationError: what the application has left on its old cluster could not be removed this time.
        """
        move = await self._do.begin(order)
        if move.delete_first and move.phase in (MigrationPhase.SHUTTING_DOWN, MigrationPhase.REMOVING):
            move = await uncancelled(self._vacate(order, move))
        if move.phase in INTERRUPTIBLE:
            move = await self._bring(move)
        if move.phase == MigrationPhase.UNDOING:
            return await uncancelled(self._undo(move))
        return await uncancelled(self._leave_source(order, move)) if move.id else move.message

    async def _vacate(self, order: Deployment, move: Move) -> Move:
        """Delete first: shut down and remove the source. When that fails, the application stays there."""
        shutdown = await self._do.shut_source_down(order, move)
        if not shutdown.proceed:
            return await self._give_up(move, ApplicationError(shutdown.message, type=_NO_SHUTDOWN))
        try:
            await self._do.remove(move, move.source, _REMOVAL_TIME)
        except ActivityError as error:
            return await self._give_up(move, error)
        vacated = await self._do.vacate(move)
        await self._do.tell_source(move)
        return vacated

    async def _bring(self, move: Move) -> Move:
        """Bring the application to the target, and hand over. What fails, or is cancelled, is undone."""
        try:
            if move.interrupted:
                raise asyncio.CancelledError
            await self._do.apply(move)
            ready = await self._do.await_ready(move)
            if move.data:
                await self._do.copy_data(move)
            return await uncancelled(self._do.hand_over(move, ready))
        except (ActivityError, asyncio.CancelledError) as error:
            return await uncancelled(self._give_up(move, error))

    async def _leave_source(self, order: Deployment, move: Move) -> str:
        """Remove what is left at the source; when that does not answer, it is remembered instead.

        When the copy there does not confirm that it shut down, both stay until the user decides.
        """
        source, behind = name_of(move.source), ""
        if not move.delete_first:
            shutdown = await self._do.shut_source_down(order, move)
            if not shutdown.proceed:
                return f"gave up: {shutdown.message}"
            behind = await self._remove_from_source(move)
        await self._do.finish(move, behind)
        if not move.delete_first:
            await self._do.tell_source(move)
        return f"moved from {source} to {name_of(move.destination)}"

    async def _remove_from_source(self, move: Move) -> str:
        """Why something is left there; empty when everything is gone."""
        source = name_of(move.source)
        if not move.source_answers:
            return f"cluster {source} does not answer"
        await self._do.note(move, MigrationPhase.REMOVING, f"removing its objects from {source}")
        try:
            await self._do.remove(move, move.source, _REMOVAL_TIME)
        except ActivityError as error:
            cause = cause_of(error)
            if cause.code not in _NO_ANSWER:
                raise ApplicationError(cause.message, type=cause.code) from error
            return cause.message
        return ""

    async def _give_up(self, move: Move, error: BaseException) -> Move:
        """Settle that the move is undone; a hand-over that was committed after all stands."""
        return await self._do.begin_undoing(move, None if is_cancelled_exception(error) else cause_of(error))

    async def _undo(self, move: Move) -> str:
        """Clean the target. What cannot be removed there is remembered: the source must not wait for it."""
        behind = ""
        if move.destination is not None:
            try:
                await self._do.remove(move, move.destination, _CLEANING_TIME)
            except ActivityError as error:
                behind = cause_of(error).message
        return f"not moved: {await self._do.finish_undoing(move, behind)}"
