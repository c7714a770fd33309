"""Asking for a move of an application, and taking that back: the one way for everybody who wants one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from krake.errors import KrakeError
from krake.models.migration import INTERRUPTIBLE, MigrationBackoff, MigrationStatus
from krake.models.requests import MigrationStrategy, Request, RequestKind
from krake.store.records import NewEvent, Record
from krake.store.transaction import Transaction


class CannotMoveError(KrakeError):
    """The move cannot be made, or cannot be taken back, as things are."""


def migration_of(record: Record) -> MigrationStatus | None:
    """The move that is going on."""
    found = record.status.get("migration")
    return MigrationStatus.model_validate(found) if found else None


def request_of(record: Record) -> Request | None:
    """The move that is asked for and not begun yet."""
    found = record.status.get("request")
    request = Request.model_validate(found) if found else None
    return request if request and request.kind is RequestKind.MIGRATE else None


def backoff_of(record: Record) -> MigrationBackoff | None:
    """What earlier moves that failed left behind."""
    found = record.status.get("migration_backoff")
    return MigrationBackoff.model_validate(found) if found else None


def held_back(record: Record, now: datetime) -> str:
    """Why no automatic move may be made now that is not needed to leave a cluster; empty when one may."""
    backoff = backoff_of(record)
    if backoff is None or backoff.generation != record.generation:
        return ""
    if backoff.until is None:
        return backoff.message
    if backoff.until <= now:
        return ""
    return f"{backoff.message}; next attempt at {backoff.until.astimezone(UTC):%H:%M:%S} UTC"


def clusters_of(status: dict[str, Any]) -> frozenset[str]:
    """Uids of the clusters on which the application has objects, or is about to have some."""
    migration = status.get("migration") or {}
    uids = (status.get("scheduled_uid"), migration.get("source_uid"), migration.get("target_uid"))
    return frozenset(str(uid) for uid in uids if uid)


def is_deployed(record: Record) -> bool:
    """Whether the application has, or may have, objects on a cluster."""
    return bool(record.status.get("scheduled_uid") and record.status.get("objects"))


async def request_migration(
    transaction: Transaction,
    record: Record,
    *,
    cluster: str | None = None,
    strategy: MigrationStrategy | None = None,
    leave: bool = False,
    evict: bool = False,
    failover: bool = False,
    trigger: str,
    actor: str,
    cause: str = "",
) -> Record:
    """Ask for a move away from the cluster that the application is on. Wake its lifecycle afterwards.

    Nothing is written where the same is asked for or done already. A request to leave a cluster stays one,
    whatever is asked for besides.

    Args:
        transaction: the transaction in which the caller read the application and decided.
        record: the application.
        cluster: name of the cluster to move to; the scheduler chooses another one where it is not given.
        strategy: how to move; as the application's spec says where it is not given.
        leave: it may not stay: try again until it has left.
        evict: where it fits nowhere else, remove it from its cluster.
        failover: its cluster does not answer; the request is void as soon as it does.
        trigger: what led to the request, in words.
        actor: the user, or the part of Krake, that asks.
        cause: what made the actor ask, such as the id of an API request.
    """
    wanted = Request(
        id=str(uuid4()),
        kind=RequestKind.MIGRATE,
        cluster=cluster,
        strategy=strategy,
        leave=leave,
        evict=evict,
        failover=failover,
        trigger=trigger,
        actor=actor,
        at=datetime.now(UTC),
    )
    running, pending = migration_of(record), request_of(record)
    if running is not None and _fulfils(record, running, cluster):
        return await _strengthen(transaction, record, running, wanted) if leave else record
    if pending is not None:
        wanted = _merged(pending, wanted)
        waits = pending.parked or pending.not_before is not None
        if _same(pending, wanted) and (leave or not waits):
            return record
    event = NewEvent("MigrationRequested", _words(wanted), actor=actor, cause=cause)
    return await transaction.write_status(record, {"request": wanted.model_dump(mode="json")}, event)


async def cancel_migration(transaction: Transaction, record: Record, event: NewEvent) -> Record:
    """Take a move back: one that is asked for, or one that is made and not handed over yet.

    Raises:
        CannotMoveError: there is nothing to cancel, or it is too late.
    """
    running, pending = migration_of(record), request_of(record)
    if running is not None:
        if running.phase not in INTERRUPTIBLE:
            raise CannotMoveError(
                f"The migration of '{record.name}' cannot be cancelled any more",
                why=f"It is {running.phase.value.replace('-', ' ')}, and from there it only goes forward",
                fix=f"Wait for its end; then `rok kube app migrate {record.name} --to {running.source.name}`",
            )
        if running.cancel_requested:
            return record
        changed = running.model_copy(update={"cancel_requested": True})
        return await transaction.write_status(record, {"migration": changed.model_dump(mode="json")}, event)
    if pending is None:
        raise CannotMoveError(f"There is no migration of '{record.name}' to cancel")
    if pending.leave:
        raise CannotMoveError(
            f"The migration of '{record.name}' cannot be cancelled",
            why=f"It has to leave its cluster: {pending.trigger}",
        )
    return await transaction.write_status(record, {"request": None}, event)


async def drop_request(transaction: Transaction, record: Record, event: NewEvent) -> Record:
    """Nobody needs the move any more. What runs is looked at anew, because its status may say otherwise."""
    return await transaction.write_status(record, {"request": None, "observed_generation": 0}, event)


def _fulfils(record: Record, running: MigrationStatus, cluster: str | None) -> bool:
    """Whether the move that is going on leads away from where the application is, to the wanted cluster."""
    away = running.source_uid == record.status.get("scheduled_uid")
    there = running.target.name if running.target else None
    return away and cluster in (None, there)


async def _strengthen(
    transaction: Transaction, record: Record, running: MigrationStatus, wanted: Request
) -> Record:
    """The move that is going on fulfils the request; should it fail, it is remembered who must leave."""
    request = _merged(running.request, wanted)
    if _same(request, running.request):
        return record
    changed = running.model_copy(update={"request": request, "leave": request.leave})
    return await transaction.write_status(record, {"migration": changed.model_dump(mode="json")})


def _merged(old: Request, new: Request) -> Request:
    """The new request with the old one's duty to leave. One that both ask for is due at once."""
    if not old.leave:
        return new
    return new.model_copy(
        update={
            "leave": True,
            "evict": old.evict or new.evict,
            "failover": old.failover and (new.failover or not new.leave),
            "trigger": new.trigger if new.leave else old.trigger,
        }
    )


def _same(one: Request, other: Request) -> bool:
    own = {"id", "at", "actor", "trigger", "parked", "not_before"}
    return one.model_dump(exclude=own) == other.model_dump(exclude=own)


def _words(request: Request) -> str:
    where = f"to {request.cluster}" if request.cluster else "to another cluster"
    return f"{where}: {request.trigger}"
