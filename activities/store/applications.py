"""What an application's lifecycle reads from the store and writes into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity

from activities.store.dependents import deleted_owners, held_back
from activities.store.manifests import TRANSLATED, needs_translation
from activities.store.moves import with_moves
from activities.store.rollback import is_rollback, roll_back
from activities.store.unchanged import is_deployed_already
from activities.waking import target_of
from krake.hooks.shutdown import gave_up, has_to_shut_down
from krake.leftovers import NOWHERE
from krake.messages.base import Target
from krake.messages.lifecycle import Ask, Failure, Plan, Retry, Step
from krake.models.application import ApplicationState
from krake.models.hooks import ShutdownPurpose
from krake.models.reasons import ReasonCode
from krake.resources import observation_applies
from krake.store import NewEvent, Record, Store

_MENDED_BY_A_CLUSTER = frozenset(
    {
        ReasonCode.CLUSTER_NOT_REACHABLE,
        ReasonCode.KUBERNETES_ERROR,
        ReasonCode.NO_SUITABLE_RESOURCE,
        ReasonCode.INVALID_CREDENTIALS,
        ReasonCode.UNSUPPORTED_RESOURCE,
        ReasonCode.INVALID_CUSTOM_RESOURCE,
    }
)
"""Reasons that may be gone when a cluster appears, comes back or changes."""

DELETION = "DeletionRequested"
"""The event of a user's deletion: what it says of its cause holds for all that follows."""

_WAITING = frozenset(
    {
        ApplicationState.PENDING,
        ApplicationState.WAITING_FOR_CLUSTER_CREATION,
        ApplicationState.FAILED,
        ApplicationState.DEGRADED,
    }
)


class ApplicationStoreActivities:
    """Decides what an application needs next, and records what became of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name="next_application_step")
    async def next_application_step(self, ask: Ask) -> Plan:
        """Compare what should be with what is, and name the next step."""
        record = await self._store.find("Application", ask.target.namespace, ask.target.name)
        if record is None:
            return Plan(step=Step.NOTHING, target=ask.target)
        if is_deployed_already(record):
            record = await self._accept(record.uid) or record
        target = Target(kind="Application", namespace=record.namespace, name=record.name, uid=record.uid)
        leaving = record.deleted is not None and not record.status.get("migration")
        if leaving and not gave_up(record) and await held_back(self._store, record):
            return Plan(step=Step.NOTHING, target=target)
        step, trigger = _next_step(record, ask.causes)
        plan = Plan(
            step=step,
            target=target,
            generation=record.generation,
            trigger=trigger,
            retry=retry_of(record.spec),
            translate=needs_translation(record),
            shutdown_hook=has_to_shut_down(record),
            cause=await self._cause(record, trigger),
        )
        return with_moves(plan, record, ask.causes, datetime.now(UTC))

    async def _accept(self, uid: str) -> Record | None:
        """Note that the newest generation runs already; the observer acts on what it changed."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(uid)
            if record is None or not is_deployed_already(record):
                return record
            changes: dict[str, Any] = {"observed_generation": record.generation}
            if translated := record.status.get(TRANSLATED):
                changes[TRANSLATED] = {**translated, "generation": record.generation}
            cause = await transaction.cause_of_generation(record.uid, record.generation)
            event = NewEvent("Accepted", "nothing to apply", cause=cause)
            return await transaction.write_status(record, changes, event)

    async def _cause(self, record: Record, trigger: str) -> str:
        """What led to the next step: the request that made the generation, where that is new."""
        if record.status.get("observed_generation", 0) < record.generation:
            return await self._store.cause_of_generation(record.uid, record.generation) or trigger
        return trigger

    @activity.defn(name="record_application_failure")
    async def record_failure(self, failure: Failure) -> None:
        """Write a failed attempt into the status: DEGRADED while somebody tries again, else FAILED."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(failure.target.uid)
            if record is None or _was_let_go(record, failure):
                return
            again = failure.retry_in is not None
            reason = {"code": failure.code, "message": failure.message}
            deleting = record.deleted is not None
            state = ApplicationState.DEGRADED if again else ApplicationState.FAILED
            if record.status.get("migration"):
                state = ApplicationState.MIGRATING
            state = ApplicationState.DELETING if deleting else state
            changes: dict[str, Any] = {
                "state": state,
                "reason": reason,
                "message": "",
                "retries": failure.retries_left,
                "scheduled_retry": _in(failure.retry_in),
            }
            if not again:
                changes["observed_generation"] = failure.generation
            shown = (record.status.get("state"), record.status.get("reason"), record.status.get("retries"))
            event = None
            # Endless retries of the same failure are one event, not one a second.
            if not again or shown != (state, reason, None):
                message = f"{failure.code}: {failure.message}"
                event = NewEvent("Retrying" if again else "Failed", message, cause=failure.cause)
            record = await transaction.write_status(record, changes, event)
            if not again:
                await roll_back(transaction, record, failure)

    @activity.defn(name="begin_deletion")
    async def begin_deletion(self, target: Target) -> Target | None:
        """Mark the application as being deleted and return the cluster that has its objects, if any."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(target.uid)
            if record is None:
                return None
            event = None
            if record.status.get("state") != ApplicationState.DELETING:
                event = NewEvent("Deleting", cause=await transaction.latest_cause(record.uid, DELETION))
            cluster = scheduled_cluster(record)
            message = f"removing its objects from {cluster.name}" if cluster else ""
            changes = {"state": ApplicationState.DELETING, "reason": None, "message": message}
            await transaction.write_status(record, changes, event)
        return cluster

    @activity.defn(name="remove_application")
    async def remove_application(self, target: Target) -> list[Target]:
        """Remove the application from the store: nothing of it is left on a cluster.

        One with finalizers stays until they are taken away.

        Returns:
            Who may have waited for it: its owners that are being deleted.
        """
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(target.uid)
            if record is None:
                return []
            if record.finalizers:
                await transaction.write_status(record, NOWHERE)
                return []
            cause = await transaction.latest_cause(record.uid, DELETION)
            await transaction.remove(record, NewEvent("Deleted", cause=cause))
        return [target_of(owner) for owner in await deleted_owners(self._store, record)]


def scheduled_cluster(record: Record) -> Target | None:
    """The cluster an application was placed on."""
    reference = record.status.get("scheduled_to")
    if not reference:
        return None
    uid = str(record.status.get("scheduled_uid") or "")
    return Target(kind="Cluster", namespace=reference["namespace"], name=reference["name"], uid=uid)


def retry_of(spec: dict[str, Any]) -> Retry:
    """The retries that a resource asks for."""
    return Retry(
        delay=spec.get("backoff_delay", 1), factor=spec.get("backoff", 1), limit=spec.get("backoff_limit", -1)
    )


def _next_step(record: Record, causes: list[str]) -> tuple[Step, str]:
    status = record.status
    if gave_up(record, ShutdownPurpose.DELETE):
        return Step.NOTHING, ""
    if record.deleted is not None:
        return Step.DELETE, "deleted"
    if status.get("observed_generation", 0) < record.generation or _missed_translation(record):
        if is_rollback(record):
            return Step.DEPLOY, f"rollback to generation {status['rolled_back']['to']}"
        return Step.DEPLOY, "update" if status.get("deployed_at") else "create"
    attention = record.observation.get("attention")
    if attention and observation_applies(record):
        return Step.DEPLOY, str(attention)
    reason = (status.get("reason") or {}).get("code")
    if causes and status.get("state") in _WAITING and reason in _MENDED_BY_A_CLUSTER:
        return Step.DEPLOY, causes[-1]
    return Step.NOTHING, ""


def _missed_translation(record: Record) -> bool:
    """Whether the application was moved, with what was translated before, while its template is newer."""
    return needs_translation(record) and record.status.get("state") != ApplicationState.FAILED


def _was_let_go(record: Record, failure: Failure) -> bool:
    """Whether the attempt was made on a cluster that the application was let go from: it is placed anew."""
    nowhere = not record.status.get("scheduled_uid") and not record.status.get("observed_generation")
    return nowhere and failure.code == ReasonCode.CLUSTER_NOT_REACHABLE


def _in(seconds: float | None) -> str | None:
    return None if seconds is None else (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
