"""What a cluster's lifecycle reads from the store and writes into it."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio import activity

from activities.store.applications import retry_of
from activities.store.dependents import dependents_of
from krake.clearing import Departures, clearing_of
from krake.messages.base import Target
from krake.messages.lifecycle import Ask, Failure, Plan, Step
from krake.models.cluster import ClusterState
from krake.models.reasons import ReasonCode
from krake.provisioning.desired import is_made, wanted_of
from krake.provisioning.reaping import reap
from krake.store import NewEvent, Record, Store, Transaction


class ClusterStoreActivities:
    """Decides what a cluster needs next, and records what became of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name="next_cluster_step")
    async def next_cluster_step(self, ask: Ask) -> Plan:
        """Compare what should be with what is, and name the next step."""
        record = await self._store.find("Cluster", ask.target.namespace, ask.target.name)
        if record is None:
            return Plan(step=Step.NOTHING, target=ask.target)
        target = Target(kind="Cluster", namespace=record.namespace, name=record.name, uid=record.uid)
        if record.deleted is not None:
            return await self._deletion_plan(record, target)
        return Plan(
            step=next_step(record),
            target=target,
            generation=record.generation,
            retry=retry_of(record.spec),
            clear=await self._has_to_be_cleared(record),
            cause=", ".join(ask.causes),
        )

    @activity.defn(name="record_cluster_failure")
    async def record_failure(self, failure: Failure) -> None:
        """Record that the cluster could not be reached and that nobody tries again until it is changed."""
        offline = failure.code in (ReasonCode.CLUSTER_NOT_REACHABLE, ReasonCode.KUBERNETES_ERROR)
        changes = {
            "state": ClusterState.OFFLINE if offline else ClusterState.FAILED,
            "reason": {"code": failure.code, "message": failure.message},
            "message": "",
            "observed_generation": failure.generation,
            "verified_at": None,
        }
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(failure.target.uid)
            if record is not None and record.deleted is None:
                event = NewEvent("Failed", f"{failure.code}: {failure.message}", cause=failure.cause)
                await transaction.write_status(record, changes, event)

    @activity.defn(name="remove_cluster")
    async def remove_cluster(self, target: Target) -> None:
        """Remove the cluster and its secrets from the store. One that was registered itself is left alone."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(target.uid)
            if record is not None:
                if is_made(record.spec):
                    await _forget_orphans(transaction, record)
                cause = await transaction.latest_cause(record.uid, "DeletionRequested")
                await transaction.remove(record, NewEvent("Deleted", cause=cause))
                await reap(transaction)

    async def _has_to_be_cleared(self, record: Record) -> bool:
        clearing = clearing_of(record, datetime.now(UTC))
        if clearing is None:
            # What is left of a clearing that is over is put away by the one who does it.
            return bool(record.status.get("clearing"))
        departures = Departures(clearing, record.uid, await self._store.on_cluster(record.uid))
        return bool(departures.concerned or record.status.get("clearing"))

    async def _deletion_plan(self, record: Record, target: Target) -> Plan:
        """First the applications on it go, then what is left behind is collected, then the cluster goes."""
        clearing = clearing_of(record, datetime.now(UTC))
        assert clearing is not None
        here = [
            *await self._store.on_cluster(record.uid),
            *await dependents_of(self._store, record, clearing),
        ]
        message = Departures(clearing, record.uid, here).progress() if here else ""
        if not here and record.finalizers:
            message = f"waiting for finalizers: {', '.join(record.finalizers)}"
        async with self._store.transaction() as transaction:
            current = await transaction.get_by_uid(record.uid)
            if current is not None:
                changes = {"state": ClusterState.DELETING, "message": message}
                event = None
                if current.status.get("state") != ClusterState.DELETING:
                    cause = await transaction.latest_cause(record.uid, "DeletionRequested")
                    event = NewEvent("Deleting", message, cause=cause)
                await transaction.write_status(current, changes, event)
        if message:
            return Plan(step=Step.WAIT, target=target, message=message, clear=bool(here))
        if record.status.get("running_on"):
            # What is left on it goes with it.
            return Plan(step=Step.DELETE, target=target, generation=record.generation, deprovision=True)
        if is_made(record.spec):
            return Plan(step=Step.DELETE, target=target)
        orphans = await self._store.orphans(cluster_uid=record.uid)
        return Plan(step=Step.DELETE, target=target, orphans=len(orphans))


async def _forget_orphans(transaction: Transaction, record: Record) -> None:
    """What was left behind on a cluster that Krake made is gone with it."""
    for orphan in await transaction.orphans(cluster_uid=record.uid):
        await transaction.remove_orphan(orphan.id)


def next_step(record: Record) -> Step:
    """What a cluster that stays needs next."""
    news = record.status.get("observed_generation", 0) < record.generation
    if is_made(record.spec) and (step := _at_cloud(record, news=news)):
        return step
    if news:
        return Step.VERIFY
    if record.status.get("verified_at") and record.status.get("state") != ClusterState.FAILED:
        return Step.OBSERVE
    return Step.NOTHING


def _at_cloud(record: Record, *, news: bool) -> Step | None:
    """What has to be done at the cloud first; None where nothing has."""
    if not record.status.get("kubeconfig_at"):
        return Step.PROVISION if news else Step.NOTHING
    if record.status.get("rotation_requested"):
        return Step.ROTATE
    applied = (record.status.get("provisioning") or {}).get("applied") or {}
    return Step.SCALE if news and applied != wanted_of(record.spec) else None
