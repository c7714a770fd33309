"""Scaling and upgrading a cluster at its cloud."""

from __future__ import annotations

from typing import Any

from temporalio import activity

from activities.provisioning.calling import called
from activities.provisioning.making import current
from activities.provisioning.providers import Providers, wanted_cluster
from activities.provisioning.status import in_phase, note, provisioning_of
from krake.models.provisioning import ProvisioningPhase
from krake.provisioning.desired import has_to_scale, has_to_upgrade, wanted_of
from krake.provisioning.messages import ClusterOrder, ProvisioningFailure
from krake.store import NewEvent, Record, Store

Document = dict[str, Any]


class ChangingActivities:
    """Changes clusters through their providers. They stay in use meanwhile."""

    def __init__(self, store: Store, providers: Providers) -> None:
        self._store = store
        self._providers = providers

    @activity.defn(name="change_cluster")
    async def change_cluster(self, order: ClusterOrder) -> bool:
        """Have the cluster become what it should be, one change at a time; whether one was asked for.

        Raises:
            ApplicationError: the cloud cannot be asked, or refuses.
        """
        record = await current(self._store, order.target)
        applied, wanted = provisioning_of(record).get("applied") or {}, wanted_of(record.spec)
        scales, upgrades = has_to_scale(applied, wanted), has_to_upgrade(applied, wanted)
        if not (scales or upgrades):
            return False
        await self._show(record, order, _words(applied, wanted))
        await called(self._change(record, scales=scales))
        return True

    async def _change(self, record: Record, *, scales: bool) -> None:
        cluster_id, wanted = record.status["cluster_id"], wanted_cluster(record)
        async with self._providers.of_cluster(record) as provider:
            # An upgrade waits for the next round: clouds refuse two changes at a time.
            await (provider.scale if scales else provider.upgrade)(cluster_id, wanted)

    async def _show(self, record: Record, order: ClusterOrder, words: str) -> None:
        shown = in_phase(record, ProvisioningPhase.CHANGING, words, trouble=None)
        begun = provisioning_of(record).get("phase") == ProvisioningPhase.CHANGING
        event = None if begun else NewEvent("Changing", words, cause=order.cause)
        async with self._store.transaction() as transaction:
            await note(transaction, record.uid, {"provisioning": shown}, event)

    @activity.defn(name="note_changed")
    async def note_changed(self, order: ClusterOrder) -> None:
        """Write down that one change is done: the nodes first, then the version."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(order.target.uid)
            if record is None:
                return
            applied = provisioning_of(record).get("applied") or {}
            wanted = wanted_of(record.spec)
            scales = has_to_scale(applied, wanted)
            applied = {**wanted, **_versions(applied)} if scales else wanted
            shown = in_phase(record, ProvisioningPhase.READY, applied=applied, trouble=None)
            event = NewEvent("Scaled" if scales else "Upgraded", _made(applied), cause=order.cause)
            await transaction.write_status(record, {"provisioning": shown}, event)

    @activity.defn(name="record_change_failure")
    async def record_change_failure(self, failure: ProvisioningFailure) -> None:
        """Record that a change could not be made; the cluster works on as it was."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(failure.target.uid)
            if record is None:
                return
            trouble = {"code": failure.code, "message": failure.message}
            changes = {
                "provisioning": in_phase(record, ProvisioningPhase.FAILED, failure.message, trouble=trouble),
                "observed_generation": failure.generation,
                "reason": trouble,
            }
            event = NewEvent("ChangeFailed", f"{failure.code}: {failure.message}", cause=failure.cause)
            await transaction.write_status(record, changes, event)


def _words(applied: Document, wanted: Document) -> str:
    changed = [name for name in wanted if applied.get(name) != wanted.get(name)]
    if changed == ["tosca"]:
        return "to the new TOSCA template"
    return ", ".join(f"{name} {applied.get(name)} → {wanted.get(name)}" for name in changed)


def _versions(applied: Document) -> Document:
    return {name: applied[name] for name in ("kubernetes_version", "template") if name in applied}


def _made(applied: Document) -> str:
    if "tosca" in applied:
        return "by the new TOSCA template"
    return f"{applied.get('nodes')} nodes" + (f", {v}" if (v := applied.get("kubernetes_version")) else "")
