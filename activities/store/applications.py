"""What an application's lifecycle reads from the store and writes into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity

from activities.store.inventory import inventory
from activities.store.moves import with_moves
from krake.messages import Ask, Failure, OnCluster, Plan, Retry, Step, Target
from krake.models.application import ApplicationState
from krake.models.reasons import ReasonCode
from krake.resources import observation_applies
from krake.store import NewEvent, Record, Store

_MENDED_BY_A_CLUSTER = frozenset(
    {
        ReasonCode.CLUSTER_NOT_REACHABLE,
        ReasonCode.KUBERNETES_ERROR,
        ReasonCode.NO_SUITABLE_RESOURCE,
        ReasonCode.INVALID_CREDENTIALS,
    }
)
"""Reasons that may be gone when a cluster appears, comes back or changes."""

_WAITING = frozenset({ApplicationState.PENDING, ApplicationState.FAILED, ApplicationState.DEGRADED})


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
        target = Target(kind="Application", namespace=record.namespace, name=record.name, uid=record.uid)
        step, trigger = _next_step(record, ask.causes)
        plan = Plan(
            step=step,
            target=target,
            generation=record.generation,
            trigger=trigger,
            retry=retry_of(record.spec),
        )
        return with_moves(plan, record, ask.causes, datetime.now(UTC))

    @activity.defn(name="record_application_failure")
    async def record_failure(self, failure: Failure) -> None:
        """Write a failed attempt into the status: DEGRADED while somebody tries again, else FAILED."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(failure.target.uid)
            if record is None:
                return
            again = failure.retry_in is not None
            deleting = record.deleted is not None
            state = ApplicationState.DEGRADED if again else ApplicationState.FAILED
            if record.status.get("migration"):
                state = ApplicationState.MIGRATING
            changes: dict[str, Any] = {
                "state": ApplicationState.DELETING if deleting else state,
                "reason": {"code": failure.code, "message": failure.message},
                "message": "",
                "retries": failure.retries_left,
                "scheduled_retry": _in(failure.retry_in),
            }
            if not again:
                changes["observed_generation"] = failure.generation
            event = NewEvent("Retrying" if again else "Failed", f"{failure.code}: {failure.message}")
            await transaction.write_status(record, changes, event)

    @activity.defn(name="begin_deletion")
    async def begin_deletion(self, target: Target) -> Target | None:
        """Mark the application as being deleted and return the cluster that has its objects, if any."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(target.uid)
            if record is None:
                return None
            event = NewEvent("Deleting") if record.status.get("state") != ApplicationState.DELETING else None
            cluster = scheduled_cluster(record)
            message = f"removing its objects from {cluster.name}" if cluster else ""
            changes = {"state": ApplicationState.DELETING, "reason": None, "message": message}
            await transaction.write_status(record, changes, event)
        return cluster

    @activity.defn(name="release_orphans")
    async def release_orphans(self, call: OnCluster) -> bool:
        """Whether the application's cluster is being deleted or gone, so that its objects cannot be removed.

        What is left there is named in an event.
        """
        cluster = await self._store.find("Cluster", call.cluster.namespace, call.cluster.name)
        if cluster is not None and cluster.deleted is None:
            return False
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(call.target.uid)
            if record is not None:
                names = ", ".join(f"{item.kind}/{item.name}" for item in inventory(record))
                await transaction.add_event(
                    record, NewEvent("Orphaned", f"left on {call.cluster.name}: {names}")
                )
        return True

    @activity.defn(name="remove_application")
    async def remove_application(self, target: Target) -> None:
        """Remove the application from the store: nothing of it is left on a cluster."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(target.uid)
            if record is not None:
                await transaction.remove(record, NewEvent("Deleted"))


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
    if record.deleted is not None:
        return Step.DELETE, "deleted"
    if status.get("observed_generation", 0) < record.generation:
        return Step.DEPLOY, "update" if status.get("deployed_at") else "create"
    attention = record.observation.get("attention")
    if attention and observation_applies(record):
        return Step.DEPLOY, str(attention)
    reason = (status.get("reason") or {}).get("code")
    if causes and status.get("state") in _WAITING and reason in _MENDED_BY_A_CLUSTER:
        return Step.DEPLOY, causes[-1]
    return Step.NOTHING, ""


def _in(seconds: float | None) -> str | None:
    return None if seconds is None else (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
