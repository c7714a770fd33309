"""Move an application from one cluster to another."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.deploying import DeployingActivities
    from activities.kubernetes.readying import ReadyingActivities
    from activities.kubernetes.removing import RemovingActivities
    from activities.moving.beginning import BeginningActivities
    from activities.moving.handing_over import HandingOverActivities
    from activities.moving.undoing import UndoingActivities
    from activities.waking import WakingActivities
    from krake.messages import (
        PROGRESS_QUERY,
        Ask,
        Deployment,
        Move,
        MoveStep,
        OnCluster,
        Progress,
        Ready,
        Target,
        WorkflowName,
    )
    from krake.models.migration import INTERRUPTIBLE, MigrationPhase
    from krake.models.reasons import ReasonCode
    from krake.temporal import CLUSTER
    from workflows.errors import Cause, cause_of
    from workflows.options import STORE, UNTIL_DONE, on_cluster
    from workflows.progress import Steps
    from workflows.uncancelled import uncancelled

_APPLY_TIME = timedelta(minutes=5)
_SPARE_TIME = timedelta(minutes=2)
_REMOVAL_TIME = timedelta(minutes=10)
_CLEANING_TIME = timedelta(minutes=2)

_NO_ANSWER = frozenset({ReasonCode.CLUSTER_NOT_REACHABLE, ReasonCode.INVALID_CREDENTIALS})
"""Failures of a cluster that nothing but the cluster itself can mend: it is not waited for."""


@workflow.defn(name=WorkflowName.MIGRATE_APPLICATION)
class MigrateApplication:
    """A saga: up to the hand-over everything can be undone, from there on it only goes forward.

    How far it has come is in the store, so that a run that is lost is taken up by the next one.
    """

    @workflow.init
    def __init__(self, order: Deployment) -> None:
        self._steps = Steps(WorkflowName.MIGRATE_APPLICATION, order.attempt)

    @workflow.query(name=PROGRESS_QUERY)
    def progress(self) -> Progress:
        """What the move is doing now."""
        return self._steps.answer()

    @workflow.run
    async def run(self, order: Deployment) -> str:
        """Move; returns in words what came of it. A move that was undone is an outcome, not an error.

        Raises:
            ApplicationError: what the application has left on its old cluster could not be removed this time.
        """
        self._steps.begin("choose the cluster to move to")
        move = await workflow.execute_local_activity_method(
            BeginningActivities.begin_migration, order, summary="choose the cluster to move to", **STORE
        )
        if not move.id:
            return move.message
        if move.delete_first and move.phase in (MigrationPhase.SHUTTING_DOWN, MigrationPhase.REMOVING):
            move = await uncancelled(self._vacate(move))
        if move.phase in INTERRUPTIBLE:
            move = await self._bring(move)
        if move.phase == MigrationPhase.UNDOING:
            return await uncancelled(self._undo(move))
        return await uncancelled(self._leave_source(move)) if move.id else move.message

    async def _bring(self, move: Move) -> Move:
        """Bring the application to the target, and hand over. What fails, or is cancelled, is undone."""
        try:
            if move.interrupted:
                raise ApplicationError("interrupted", type=ReasonCode.INTERNAL_ERROR)
            await self._apply(move)
            ready = await self._await_ready(move)
            return await uncancelled(self._hand_over(move, ready))
        except (ActivityError, ApplicationError, asyncio.CancelledError) as error:
            return await uncancelled(self._give_up(move, error))

    async def _apply(self, move: Move) -> None:
        name = _name(move.destination)
        workflow.upsert_search_attributes([CLUSTER.value_set(name)])
        self._steps.begin(f"apply {move.objects} objects on {name}", name)
        await workflow.execute_activity_method(
            DeployingActivities.apply_manifest,
            _on(move, move.destination),
            summary=f"apply {move.objects} objects on {name}",
            **on_cluster(_APPLY_TIME),
        )

    async def _await_ready(self, move: Move) -> Ready:
        name = _name(move.destination)
        self._steps.begin(f"wait until everything is ready on {name}", name)
        await self._note(move, MigrationPhase.WAITING, f"waiting until everything is ready on {name}")
        return await workflow.execute_activity_method(
            ReadyingActivities.await_ready,
            _on(move, move.destination),
            summary=f"wait until ready on {name}",
            **on_cluster(timedelta(seconds=move.readiness_timeout) + _SPARE_TIME, UNTIL_DONE),
        )

    async def _hand_over(self, move: Move, ready: Ready) -> Move:
        self._steps.begin(f"hand over to {_name(move.destination)}")
        return await workflow.execute_local_activity_method(
            HandingOverActivities.hand_over,
            MoveStep(target=move.target, id=move.id, ready=ready),
            summary=f"hand over to {_name(move.destination)}",
            **STORE,
        )

    async def _leave_source(self, move: Move) -> str:
        """Remove what is left at the source; when that does not answer, it is remembered instead."""
        name = _name(move.source)
        behind = ""
        if not move.delete_first and not move.source_answers:
            behind = f"cluster {name} does not answer"
        elif not move.delete_first:
            await self._note(move, MigrationPhase.REMOVING, f"removing its objects from {name}")
            behind = await self._remove_from_source(move)
        self._steps.begin("finish")
        await workflow.execute_local_activity_method(
            HandingOverActivities.finish_migration,
            MoveStep(target=move.target, id=move.id, message=behind),
            summary="finish",
            **STORE,
        )
        if not move.delete_first:
            await self._tell(move)
        return f"moved from {name} to {_name(move.destination)}"

    async def _remove_from_source(self, move: Move) -> str:
        """Why something is left there; empty when everything is gone."""
        try:
            await self._remove(move, move.source, _REMOVAL_TIME)
        except ActivityError as error:
            cause = cause_of(error)
            if cause.code not in _NO_ANSWER:
                raise ApplicationError(cause.message, type=cause.code) from error
            return cause.message
        return ""

    async def _vacate(self, move: Move) -> Move:
        """Delete first: remove the source. When that fails, the application stays there."""
        try:
            await self._remove(move, move.source, _REMOVAL_TIME)
        except ActivityError as error:
            return await self._give_up(move, error)
        vacated = await workflow.execute_local_activity_method(
            HandingOverActivities.vacate_source,
            MoveStep(target=move.target, id=move.id),
            summary=f"{_name(move.source)} is free of it",
            **STORE,
        )
        await self._tell(move)
        return vacated

    async def _give_up(self, move: Move, error: BaseException) -> Move:
        """Settle that the move is undone; a hand-over that was committed after all stands."""
        cancelled = is_cancelled_exception(error)
        cause = Cause("", "", False) if cancelled else cause_of(error)
        return await workflow.execute_local_activity_method(
            UndoingActivities.begin_undoing,
            MoveStep(
                target=move.target, id=move.id, code=cause.code, message=cause.message, cancelled=cancelled
            ),
            summary="undo the move",
            **STORE,
        )

    async def _undo(self, move: Move) -> str:
        """Clean the target. What cannot be removed there is remembered: the source must not wait for it."""
        behind = ""
        if move.destination is not None:
            try:
                await self._remove(move, move.destination, _CLEANING_TIME)
            except ActivityError as error:
                behind = cause_of(error).message
        self._steps.begin(f"stay on {_name(move.source)}")
        why = await workflow.execute_local_activity_method(
            UndoingActivities.finish_undoing,
            MoveStep(target=move.target, id=move.id, message=behind),
            summary=f"stay on {_name(move.source)}",
            **STORE,
        )
        return f"not moved: {why}"

    async def _remove(self, move: Move, cluster: Target | None, time: timedelta) -> None:
        name = _name(cluster)
        self._steps.begin(f"remove its objects from {name}", name)
        await workflow.execute_activity_method(
            RemovingActivities.remove_objects,
            _on(move, cluster),
            summary=f"remove its objects from {name}",
            **on_cluster(time),
        )

    async def _note(self, move: Move, phase: MigrationPhase, message: str) -> None:
        await workflow.execute_local_activity_method(
            HandingOverActivities.note_phase,
            MoveStep(target=move.target, id=move.id, phase=phase, message=message),
            summary=message,
            **STORE,
        )

    async def _tell(self, move: Move) -> None:
        """A cluster that is to be deleted may have waited for this."""
        assert move.source is not None
        await workflow.execute_local_activity_method(
            WakingActivities.wake_cluster,
            Ask(target=move.source, causes=[f"application {move.target.name} has left"]),
            summary=f"tell {move.source.name}",
            **STORE,
        )


def _on(move: Move, cluster: Target | None) -> OnCluster:
    assert cluster is not None
    return OnCluster(
        target=move.target,
        cluster=cluster,
        generation=move.generation,
        readiness_timeout=move.readiness_timeout,
    )


def _name(cluster: Target | None) -> str:
    return cluster.name if cluster else "nowhere"
