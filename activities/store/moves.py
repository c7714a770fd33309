"""Moves among the things that an application's lifecycle has to do."""

from __future__ import annotations

from datetime import datetime

from activities.moving.moves import is_interrupted
from activities.store.manifests import manifest_of
from krake.hooks.shutdown import gave_up
from krake.messages.lifecycle import Plan, Step
from krake.models.application import ApplicationState
from krake.models.hooks import ShutdownPurpose
from krake.models.reasons import ReasonCode
from krake.models.requests import Request
from krake.moves import backoff_of, is_deployed, migration_of, request_of
from krake.store import Record


def with_moves(plan: Plan, record: Record, causes: list[str], now: datetime) -> Plan:
    """The plan, or the move that comes first, or the pause before the next attempt where nothing else is.

    A move that has begun comes before everything: it is finished, or undone, in a bounded time, unless the
    shutdown at its source gave up and waits for the user.
    """
    if gave_up(record, ShutdownPurpose.MIGRATE):
        return plan.model_copy(update={"step": Step.NOTHING})
    running = migration_of(record)
    if running is not None:
        return plan.model_copy(
            update={
                "step": Step.MIGRATE,
                "migration": running.id,
                "trigger": running.trigger,
                "interrupt": is_interrupted(record, running),
            }
        )
    request = request_of(record)
    if plan.step == Step.DELETE or request is None:
        return _or_wait(plan, _next_attempt(record), now)
    if not is_deployed(record) or (plan.step == Step.DEPLOY and not manifest_of(record)):
        # What is not on a cluster, or not translated yet, cannot be moved: it is placed anew.
        return plan.model_copy(update={"step": Step.DEPLOY, "trigger": plan.trigger or request.trigger})
    if _is_due(request, causes, now):
        return plan.model_copy(
            update={"step": Step.MIGRATE, "migration": request.id, "trigger": request.trigger}
        )
    return _or_wait(plan, request.not_before, now)


def _is_due(request: Request, causes: list[str], now: datetime) -> bool:
    if request.parked:
        return bool(causes)
    return request.not_before is None or request.not_before <= now


def _next_attempt(record: Record) -> datetime | None:
    """When an application that should be elsewhere tries again to get there."""
    backoff = backoff_of(record)
    if backoff is None or backoff.generation != record.generation:
        return None
    reason = (record.status.get("reason") or {}).get("code")
    held = record.status.get("state") == ApplicationState.DEGRADED and is_deployed(record)
    return backoff.until if held and reason == ReasonCode.NO_SUITABLE_RESOURCE else None


def _or_wait(plan: Plan, moment: datetime | None, now: datetime) -> Plan:
    if plan.step != Step.NOTHING or moment is None:
        return plan
    if moment <= now:
        again = "the pause after a failed move is over"
        return plan.model_copy(update={"step": Step.DEPLOY, "trigger": again})
    message = f"wait until {moment:%H:%M:%S} before the next attempt to move"
    return plan.model_copy(
        update={"step": Step.WAIT, "wait": (moment - now).total_seconds(), "message": message}
    )
