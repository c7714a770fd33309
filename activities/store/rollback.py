"""Returning to the last good generation when the rollout of an update fails."""

from __future__ import annotations

from datetime import UTC, datetime

from krake.messages.lifecycle import Failure
from krake.models.history import RolledBack
from krake.models.reasons import ReasonCode
from krake.store import Generation, NewEvent, Record, Transaction

_NOT_THE_UPDATES_FAULT = frozenset({ReasonCode.CLUSTER_NOT_REACHABLE, ReasonCode.INVALID_CREDENTIALS})
"""Failures that the last good generation would meet as well."""


async def roll_back(transaction: Transaction, record: Record, failure: Failure) -> None:
    """Make the last good generation the desired one again, where the failed update asks for that.

    It becomes a new generation, which the lifecycle then deploys like any other. A rollback that fails is not
    rolled back, and an update that somebody made meanwhile stays.
    """
    good = await _last_good(transaction, record, failure)
    if good is None:
        return
    reason = f"{failure.code}: {failure.message}"
    back = RolledBack(
        from_=record.generation,
        to=good.generation,
        generation=record.generation + 1,
        reason=reason,
        at=datetime.now(UTC),
    )
    event = NewEvent(
        "RolledBack",
        f"from generation {back.from_} to {back.to}: {reason}",
        cause=f"generation {back.from_} failed",
    )
    changes = {"rolled_back": back.model_dump(mode="json", by_alias=True)}
    record = await transaction.write_status(record, changes)
    await transaction.update_spec(record, labels=good.labels, spec=good.spec, event=event)


async def _last_good(transaction: Transaction, record: Record, failure: Failure) -> Generation | None:
    """The generation to return to; None where the failure is not to be answered with a rollback."""
    number = int(record.status.get("last_good_generation") or 0)
    settled = record.deleted is None and not record.status.get("migration")
    wanted = record.spec.get("rollback") and settled
    newest = failure.generation == record.generation
    if not wanted or not newest or not 0 < number < record.generation or is_rollback(record):
        return None
    if failure.code in _NOT_THE_UPDATES_FAULT:
        return None
    good = await transaction.generation(record.uid, number)
    if good is None or (good.spec, good.labels) == (record.spec, record.labels):
        return None
    return good


def is_rollback(record: Record) -> bool:
    """Whether the present generation is one that the lifecycle returned to by itself."""
    back = record.status.get("rolled_back") or {}
    return bool(back.get("generation") == record.generation)
