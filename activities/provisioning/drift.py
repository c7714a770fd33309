"""What became of clusters at their clouds: vanished, shrunk, or with credentials that end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client

from activities.provisioning.providers import Providers
from activities.provisioning.status import provisioning_of
from activities.waking import target_of
from krake import temporal
from krake.models.provisioning import ProvisioningPhase
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import Progress, ProviderError, Stage
from krake.resources import merged_status
from krake.settings import Settings
from krake.store import NewEvent, Record, Store

Document = dict[str, Any]
_AT_REST = (ProvisioningPhase.READY, ProvisioningPhase.FAILED)


class DriftOfClusters:
    """Compares made clusters with what the cloud says of them, and heals those whose spec says so."""

    def __init__(self, store: Store, client: Client, providers: Providers, settings: Settings) -> None:
        self._store = store
        self._client = client
        self._providers = providers
        self._settings = settings

    async def look(self, clusters: list[Record]) -> int:
        """Look at each cluster that nobody works on; returns how many are in trouble."""
        return sum([await self._look_at(cluster) for cluster in clusters if _is_at_rest(cluster)])

    async def _look_at(self, cluster: Record) -> bool:
        try:
            # Its own workflow may begin to change it at this moment.
            async with self._providers.of_cluster(cluster, observes=True) as provider:
                found = await provider.progress(cluster.status["cluster_id"])
        except ProviderError:
            # The cloud answered a moment ago: the next look tells more.
            return bool(provisioning_of(cluster).get("trouble"))
        trouble = trouble_of(cluster, found)
        await self._note(cluster, found, trouble)
        if trouble is None and self._has_to_rotate(cluster):
            await self._rotate(cluster)
        return trouble is not None

    async def _note(self, cluster: Record, found: Progress, trouble: Document | None) -> None:
        heals = trouble is not None and (cluster.spec.get("infrastructure") or {}).get("heal")
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(cluster.uid)
            if record is None or record.deleted is not None or record.generation != cluster.generation:
                return
            before = provisioning_of(record)
            news = before.get("trouble") != trouble
            # Told to heal after the trouble was seen. What could not be mended is not tried again by itself.
            due = heals and before.get("phase") == ProvisioningPhase.READY
            if not (news or due) and before.get("nodes") == found.nodes:
                return
            shown = {**before, "trouble": trouble, "checked_at": datetime.now(UTC).isoformat()}
            shown["nodes"] = found.nodes if found.stage is not Stage.GONE else 0
            changes = healing(record, shown, found) if heals else {"provisioning": shown}
            await transaction.write_status(
                record, changes, _event(trouble, heals=bool(heals)) if news else None
            )
        if heals:
            await temporal.wake(self._client, target_of(cluster), "it differs at its cloud, and heals")

    def _has_to_rotate(self, cluster: Record) -> bool:
        if cluster.status.get("rotation_requested"):
            return False
        status = merged_status(cluster.kind, cluster.status, cluster.observation)
        if (status.get("reason") or {}).get("code") == ReasonCode.INVALID_CREDENTIALS:
            return True
        end = cluster.status.get("credentials_expire")
        ahead = timedelta(days=self._settings.credentials_renewal_days)
        if not end or not ahead:
            return False
        return datetime.fromisoformat(end) - datetime.now(UTC) < ahead

    async def _rotate(self, cluster: Record) -> None:
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(cluster.uid)
            if record is None or record.deleted is not None:
                return
            changes = {"rotation_requested": datetime.now(UTC).isoformat()}
            # While it fails it is asked for at each look, which is told once.
            fails = record.status.get("rotation_failure")
            words = "its credentials end soon, or are refused"
            event = None if fails else NewEvent("RotationRequested", words)
            await transaction.write_status(record, changes, event)
        await temporal.wake(self._client, target_of(cluster), "its credentials have to be renewed")


def _is_at_rest(cluster: Record) -> bool:
    phase = provisioning_of(cluster).get("phase")
    made = cluster.status.get("kubeconfig_at") and cluster.status.get("cluster_id")
    return bool(made) and cluster.deleted is None and phase in _AT_REST


def trouble_of(cluster: Record, found: Progress) -> Document | None:
    """What is wrong with the cluster by what its cloud says; None where nothing is."""
    if found.stage is Stage.GONE:
        words = "the cluster is not there any more; somebody removed it at the cloud"
        return {"code": ReasonCode.NOT_FOUND.value, "message": words}
    if found.stage is Stage.FAILED:
        code = found.code or ReasonCode.RECONCILE_FAILED
        return {"code": code.value, "message": found.message}
    wanted = (provisioning_of(cluster).get("applied") or {}).get("nodes")
    if wanted is not None and found.nodes is not None and found.nodes < wanted:
        words = f"{found.nodes} of {wanted} nodes are left at the cloud"
        return {"code": ReasonCode.NOT_READY.value, "message": words}
    return None


def healing(cluster: Record, provisioning: Document, found: Progress) -> Document:
    """The status by which the lifecycle makes the cluster, or the missing nodes, again."""
    again = {"observed_generation": cluster.generation - 1}
    if found.stage is Stage.GONE:
        made = {"kubeconfig_at": None, "cluster_id": "", "verified_at": None, "rotation_failure": None}
        return {**again, **made, "provisioning": {**provisioning, "applied": {}}}
    applied = {**provisioning.get("applied", {}), "nodes": found.nodes}
    return {**again, "provisioning": {**provisioning, "applied": applied}}


def _event(trouble: Document | None, *, heals: bool) -> NewEvent:
    if trouble is None:
        return NewEvent("Recovered", "as it was made")
    return NewEvent("Drifted", trouble["message"] + ("; it is mended" if heals else ""))
