"""What becomes of a request for a move that cannot be made now."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.moving.backoff import next_backoff
from activities.waking import target_of
from krake.messages.moving import Move
from krake.models.application import ApplicationState
from krake.models.metadata import ResourceRef
from krake.models.migration import MigrationOutcome, MigrationResult
from krake.models.reasons import ReasonCode
from krake.models.requests import Request
from krake.moves import drop_request
from krake.settings import Settings
from krake.store import NewEvent, Record, Transaction


async def refuse(
    transaction: Transaction, record: Record, request: Request, why: str, settings: Settings
) -> Move:
    """The application stays as it is, and the one who asked is told why."""
    now = datetime.now(UTC)
    result = MigrationResult(
        id=request.id,
        source=ResourceRef.model_validate(record.status["scheduled_to"]),
        source_uid=record.status["scheduled_uid"],
        outcome=MigrationOutcome.FAILED,
        code=ReasonCode.NO_SUITABLE_RESOURCE,
        message=why,
        trigger=request.trigger,
        started=now,
        finished=now,
    )
    backoff = next_backoff(record, settings, f"the move was refused: {why}", leave=False)
    changes = {
        "request": None,
        "last_migration": result.model_dump(mode="json"),
        "migration_backoff": backoff.model_dump(mode="json"),
    }
    event = NewEvent("MigrationFailed", f"{ReasonCode.NO_SUITABLE_RESOURCE}: {why}", cause=request.trigger)
    await transaction.write_status(record, changes, event)
    return Move(target=target_of(record), message=f"not moved: {why}")


async def park(transaction: Transaction, record: Record, request: Request, why: str) -> Move:
    """The application should leave and cannot: it stays bound, says so, and waits for a cluster."""
    parked = request.model_copy(update={"parked": True, "not_before": None, "cluster": None})
    message = f"{request.trigger}: {why}"
    changes = {
        "request": parked.model_dump(mode="json"),
        "state": ApplicationState.DEGRADED,
        "reason": {"code": ReasonCode.NO_SUITABLE_RESOURCE, "message": message},
        "message": "waiting for a cluster to move to",
    }
    event = None if request.parked else NewEvent("Unplaced", message, cause=request.trigger)
    await transaction.write_status(record, changes, event)
    return Move(target=target_of(record), message=f"waits: {message}")


async def wait_until(transaction: Transaction, record: Record, request: Request, moment: datetime) -> Move:
    """The clusters that are left have just failed: they are tried again later."""
    waiting = request.model_copy(update={"not_before": moment, "parked": False})
    await transaction.write_status(record, {"request": waiting.model_dump(mode="json")})
    return Move(target=target_of(record), message=f"waits until {moment:%H:%M:%S} for the next attempt")


async def drop(transaction: Transaction, record: Record, why: str) -> Move:
    """Nobody needs the move any more."""
    await drop_request(transaction, record, NewEvent("MigrationDropped", why))
    return Move(target=target_of(record), message=f"stays: {why}")
