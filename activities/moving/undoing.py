"""The steps that undo a move: the target is cleaned and the source is what it was."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from temporalio import activity

from activities.moving.backoff import next_backoff
from activities.moving.handing_over import unbound
from activities.moving.moves import move_of
from activities.moving.results import orphan, result_of
from krake.messages.moving import Move, MoveStep
from krake.models.application import ApplicationState
from krake.models.migration import (
    INTERRUPTIBLE,
    MigrationBackoff,
    MigrationOutcome,
    MigrationPhase,
    MigrationStatus,
)
from krake.models.reasons import ReasonCode
from krake.moves import backoff_of, migration_of, request_of
from krake.settings import Settings
from krake.store import NewEvent, Record, Store


class UndoingActivities:
    """Undoes moves. Every step may be repeated."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @activity.defn(name="begin_undoing")
    async def begin_undoing(self, step: MoveStep) -> Move:
        """Settle that the move is undone, and why. A move that has been handed over is left alone."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(step.target.uid)
            migration = migration_of(record) if record is not None else None
            if record is None or migration is None or migration.id != step.id:
                return Move(target=step.target, message="the move is over")
            if _can_be_undone(record, migration):
                outcome, code, message = _why(record, migration, step)
                there = [] if _is_untouched(record, migration) else migration.objects
                update = {"phase": MigrationPhase.UNDOING, "outcome": outcome, "objects": there}
                migration = migration.model_copy(update={**update, "code": code, "message": message})
                where = f"removing its objects from {migration.target.name}: " if migration.target else ""
                changes = {"migration": migration.model_dump(mode="json"), "message": where + message}
                record = await transaction.write_status(record, changes)
            source = await transaction.get_by_uid(migration.source_uid)
            return move_of(record, migration, source, self._settings)

    @activity.defn(name="finish_undoing")
    async def finish_undoing(self, step: MoveStep) -> str:
        """End a move that was undone. With a message, what is left at the target is remembered as orphans."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(step.target.uid)
            migration = migration_of(record) if record is not None else None
            if record is None or migration is None or migration.id != step.id:
                return "the move is over"
            if step.message and migration.target is not None:
                await orphan(transaction, record, migration.target, migration.target_uid, step.message)
            outcome = migration.outcome or MigrationOutcome.FAILED
            left = _left(step, migration)
            backoff = self._backoff(record, migration)
            changes: dict[str, Any] = {
                **_state_after(record, migration),
                **_reinstated(record, migration),
                "migration": None,
                "last_migration": result_of(
                    migration, outcome, code=migration.code, message=migration.message + left
                ),
                "migration_backoff": backoff.model_dump(mode="json") if backoff else None,
            }
            words = f"{migration.code}: {migration.message}" if migration.code else migration.message
            event = NewEvent(f"Migration{outcome.title()}", words + left, cause=migration.trigger)
            await transaction.write_status(record, changes, event)
        return words

    def _backoff(self, record: Record, migration: MigrationStatus) -> MigrationBackoff | None:
        """One that gave way to something newer is no failure."""
        if record.deleted is not None or record.generation != migration.generation:
            return backoff_of(record)
        return next_backoff(
            record,
            self._settings,
            _short(migration),
            target_uid=migration.target_uid,
            ends=migration.cancel_requested,
            leave=migration.leave,
        )


def _can_be_undone(record: Record, migration: MigrationStatus) -> bool:
    """Whether the source is still the application, or nothing is while the target is being made."""
    return migration.phase in INTERRUPTIBLE or _is_untouched(record, migration)


def _is_untouched(record: Record, migration: MigrationStatus) -> bool:
    """Whether the target is, because the source has to be removed before."""
    removing = migration.phase in (MigrationPhase.SHUTTING_DOWN, MigrationPhase.REMOVING)
    on_source = record.status.get("scheduled_uid") == migration.source_uid
    return migration.delete_first and removing and on_source


def _why(record: Record, migration: MigrationStatus, step: MoveStep) -> tuple[MigrationOutcome, str, str]:
    cancelled = MigrationOutcome.CANCELLED
    if migration.cancel_requested:
        return cancelled, "", "cancelled by a user"
    if record.deleted is not None:
        return cancelled, "", "the application is to be deleted"
    if record.generation != migration.generation:
        return cancelled, "", "a newer version of the application is to be deployed"
    if step.cancelled:
        return cancelled, "", "stopped by an operator"
    return MigrationOutcome.FAILED, step.code or ReasonCode.INTERNAL_ERROR, step.message


def _state_after(record: Record, migration: MigrationStatus) -> dict[str, Any]:
    """With the source untouched the application is what it was; else it is placed and deployed anew."""
    if record.status.get("scheduled_uid") != migration.source_uid:
        return {
            **unbound(),
            "state": ApplicationState.PENDING,
            "reason": {"code": migration.code, "message": migration.message} if migration.code else None,
            "message": f"going back to {migration.source.name}",
            "observed_generation": 0,
        }
    if migration.request.failover:
        message = f"{migration.trigger}; the move away failed: {migration.message}"
        reason = {"code": ReasonCode.CLUSTER_NOT_REACHABLE, "message": message}
        return {"state": ApplicationState.DEGRADED, "reason": reason, "message": ""}
    again = {"observed_generation": 0} if migration.delete_first else {}
    return {**migration.before, "message": "", **again}


def _reinstated(record: Record, migration: MigrationStatus) -> dict[str, Any]:
    """Who has to leave tries again, with other clusters first; a newer request has its turn."""
    if not migration.leave or record.deleted is not None or request_of(record) is not None:
        return {}
    request = migration.request.model_copy(update={"id": str(uuid4()), "cluster": None, "not_before": None})
    return {"request": request.model_dump(mode="json")}


def _left(step: MoveStep, migration: MigrationStatus) -> str:
    if not step.message or migration.target is None:
        return ""
    return f"; left behind on {migration.target.name}: {step.message}"


def _short(migration: MigrationStatus) -> str:
    where = f"the move to {migration.target.name}" if migration.target else "leaving"
    if migration.outcome is MigrationOutcome.CANCELLED:
        return f"{where} was {migration.message}"
    return f"{where} failed: {migration.code}: {migration.message}"
