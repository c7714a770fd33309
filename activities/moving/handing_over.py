"""The steps of a move that change which cluster an application is on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from activities.failures import user_error
from activities.moving.moves import is_interrupted, move_of
from activities.moving.results import orphan, result_of
from activities.store.unchanged import digest
from krake.messages.deploying import Ready
from krake.messages.moving import Move, MoveStep
from krake.models.application import ApplicationState, ContainerHealth
from krake.models.migration import INTERRUPTIBLE, MigrationOutcome, MigrationPhase, MigrationStatus
from krake.models.reasons import ReasonCode
from krake.moves import migration_of
from krake.settings import Settings
from krake.store import NewEvent, Record, Store, Transaction


class HandingOverActivities:
    """Hands over, and ends moves. Every step may be repeated: what is done already is left alone."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @activity.defn(name="note_migration_phase")
    async def note_phase(self, step: MoveStep) -> None:
        """Say how far the move has come."""
        async with self._store.transaction() as transaction:
            record, migration = await _found(transaction, step)
            if record is None or migration is None or migration.phase == MigrationPhase.UNDOING:
                return
            changed = migration.model_copy(update={"phase": MigrationPhase(step.phase)})
            changes = {"migration": changed.model_dump(mode="json"), "message": step.message}
            await transaction.write_status(record, changes)

    @activity.defn(name="hand_over")
    async def hand_over(self, step: MoveStep) -> Move:
        """Make the target's copy the application, in one transaction; the source's is the other copy now.

        Raises:
            ApplicationError: the move was cancelled, or something newer is to be done.
        """
        async with self._store.transaction() as transaction:
            record, migration = await _found(transaction, step)
            if record is None or migration is None or migration.phase == MigrationPhase.UNDOING:
                raise user_error(ReasonCode.INVALID_RESOURCE, "the move is not going on any more")
            if is_interrupted(record, migration):
                raise user_error(ReasonCode.INVALID_RESOURCE, "something newer is to be done")
            if migration.phase in INTERRUPTIBLE:
                migration, changes = _handed_over(record, migration, step.ready or Ready())
                words = f"from {migration.source.name} to {_target(migration)}"
                event = NewEvent("HandedOver", words, cause=migration.trigger)
                record = await transaction.write_status(record, changes, event)
            source = await transaction.get_by_uid(migration.source_uid)
            return move_of(record, migration, source, self._settings)

    @activity.defn(name="vacate_source")
    async def vacate_source(self, step: MoveStep) -> Move:
        """Note that the source is removed, before the target is made; without a target that is the end."""
        async with self._store.transaction() as transaction:
            record, migration = await _found(transaction, step)
            if record is None or migration is None:
                raise user_error(ReasonCode.INVALID_RESOURCE, "the move is not going on any more")
            if migration.target is None:
                await transaction.write_status(record, *_evicted(migration))
                return Move(target=step.target, message=f"waits: {migration.message}")
            if record.status.get("scheduled_uid") != migration.target_uid:
                migration, changes = _vacated(migration)
                record = await transaction.write_status(record, changes)
            source = await transaction.get_by_uid(migration.source_uid)
            return move_of(record, migration, source, self._settings)

    @activity.defn(name="finish_migration")
    async def finish_migration(self, step: MoveStep) -> None:
        """End a move that succeeded. With a message, what is left at the source is remembered as orphans."""
        async with self._store.transaction() as transaction:
            record, migration = await _found(transaction, step)
            if record is None or migration is None:
                return
            if step.message:
                await orphan(transaction, record, migration.source, migration.source_uid, step.message)
            left = f"left behind on {migration.source.name}: {step.message}" if step.message else ""
            changes = {
                "migration": None,
                "last_migration": result_of(migration, MigrationOutcome.SUCCEEDED, message=left),
                "migration_backoff": None,
                "state": migration.state or ApplicationState.RUNNING,
                "reason": None,
                "message": "",
                "retries": None,
                "scheduled_retry": None,
            }
            words = f"from {migration.source.name} to {_target(migration)}"
            event = NewEvent("Migrated", f"{words}; {left}" if left else words, cause=migration.trigger)
            await transaction.write_status(record, changes, event)


async def _found(transaction: Transaction, step: MoveStep) -> tuple[Record | None, MigrationStatus | None]:
    """The application and the move, while it is this one."""
    record = await transaction.get_by_uid(step.target.uid)
    migration = migration_of(record) if record is not None else None
    return record, migration if migration is not None and migration.id == step.id else None


def _handed_over(
    record: Record, migration: MigrationStatus, ready: Ready
) -> tuple[MigrationStatus, dict[str, Any]]:
    now = datetime.now(UTC).isoformat()
    moved = record.status.get("scheduled_uid") == migration.source_uid
    target = migration.target.model_dump() if migration.target else None
    changed = migration.model_copy(
        update={
            "phase": MigrationPhase.HANDED_OVER,
            "state": ready.state,
            "objects": record.status.get("objects") or [] if moved else [],
        }
    )
    changes: dict[str, Any] = {
        "migration": changed.model_dump(mode="json"),
        "reason": None,
        "message": f"handed over to {_target(migration)}",
        "container_health": ContainerHealth.model_validate(ready.health).model_dump(),
        "services": ready.services,
        "running_on": target,
        "observed_generation": migration.generation,
        "applied_digest": digest(record) if record.generation == migration.generation else "",
        "observed_at": now,
        "deployed_at": now,
    }
    if moved:
        changes |= {"objects": migration.objects, **_bound_to_target(migration)}
    return changed, changes


def _vacated(migration: MigrationStatus) -> tuple[MigrationStatus, dict[str, Any]]:
    changed = migration.model_copy(update={"phase": MigrationPhase.APPLYING, "objects": []})
    changes = {
        "migration": changed.model_dump(mode="json"),
        "message": f"applying {len(migration.objects)} objects on {_target(migration)}",
        "objects": migration.objects,
        "running_on": None,
        "services": {},
        "container_health": ContainerHealth().model_dump(),
        **_bound_to_target(migration),
    }
    return changed, changes


def _evicted(migration: MigrationStatus) -> tuple[dict[str, Any], NewEvent]:
    """It is placed anew at once: what was not to move from a cluster may go anywhere when it is on none."""
    changes = {
        **unbound(),
        "migration": None,
        "last_migration": result_of(migration, MigrationOutcome.SUCCEEDED, message=migration.message),
        "migration_backoff": None,
        "state": ApplicationState.PENDING,
        "reason": {"code": ReasonCode.NO_SUITABLE_RESOURCE, "message": migration.message},
        "message": "waiting for a cluster that fits",
        "observed_generation": 0,
    }
    words = f"from {migration.source.name}: {migration.message}"
    return changes, NewEvent("Evicted", words, cause=migration.trigger)


def unbound() -> dict[str, Any]:
    """The fields of an application that is on no cluster."""
    return {
        "scheduled": None,
        "scheduled_to": None,
        "scheduled_uid": None,
        "running_on": None,
        "objects": [],
        "services": {},
        "container_health": ContainerHealth().model_dump(),
    }


def _bound_to_target(migration: MigrationStatus) -> dict[str, Any]:
    return {
        "scheduled": datetime.now(UTC).isoformat(),
        "scheduled_to": migration.target.model_dump() if migration.target else None,
        "scheduled_uid": migration.target_uid,
    }


def _target(migration: MigrationStatus) -> str:
    return migration.target.name if migration.target else "nowhere"
