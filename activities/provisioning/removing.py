"""Having a cluster removed at its cloud, until the cloud knows nothing of it any more."""

from __future__ import annotations

from typing import Any

from temporalio import activity

from activities.provisioning.calling import called
from activities.provisioning.providers import Providers
from activities.provisioning.status import in_phase, note
from krake.models.cluster import ClusterState
from krake.models.kinds import PROJECT
from krake.models.provisioning import ProvisioningPhase
from krake.models.reasons import ReasonCode
from krake.provisioning.messages import CloudRemoval, ClusterOrder, ProvisioningFailure
from krake.store import NewEvent, Record, Store


class RemovingFromCloudActivities:
    """Removes clusters through their providers."""

    def __init__(self, store: Store, providers: Providers) -> None:
        self._store = store
        self._providers = providers

    @activity.defn(name="delete_at_cloud")
    async def delete_at_cloud(self, order: ClusterOrder) -> CloudRemoval:
        """Have the cluster removed where anything of it is, or may be, at a cloud.

        Raises:
            ApplicationError: the cloud cannot be asked, or refuses.
        """
        record = await self._store.get_by_uid(order.target.uid)
        # One that was removed by force left an orphan, which is collected elsewhere.
        if record is None or record.status.get("running_on") is None:
            return CloudRemoval(needed=False)
        return await called(self._delete(record, order))

    async def _delete(self, record: Record, order: ClusterOrder) -> CloudRemoval:
        async with self._providers.of_cluster(record) as provider:
            cluster_id = record.status.get("cluster_id") or await provider.find(record.uid)
            if cluster_id:
                await provider.delete(cluster_id)
        place = record.status["running_on"]["name"]
        shown = in_phase(record, ProvisioningPhase.DELETING, f"being removed from cloud {place}")
        begun = (record.status.get("provisioning") or {}).get("phase") == ProvisioningPhase.DELETING
        # That it was asked once more does not make what it could not do undone.
        stays = begun and (record.status.get("reason") or {}).get("code") == ReasonCode.DELETE_FAILED
        event = NewEvent("RemovalRequested", f"from cloud {place}", cause=order.cause)
        async with self._store.transaction() as transaction:
            changes = {
                "provisioning": shown,
                **({} if stays else {"reason": None}),
                **({"cluster_id": cluster_id} if cluster_id else {}),
            }
            await note(transaction, record.uid, changes, None if begun else event)
        return CloudRemoval(needed=True, known=bool(cluster_id))

    @activity.defn(name="verify_gone")
    async def verify_gone(self, order: ClusterOrder) -> bool:
        """Whether the cloud finds nothing of the cluster any more; it is forgotten that it was there, then.

        Raises:
            ApplicationError: the cloud cannot be asked.
        """
        record = await self._store.get_by_uid(order.target.uid)
        if record is None:
            return True
        if await called(self._find(record)) is not None:
            return False
        place = (record.status.get("running_on") or {}).get("name", "")
        event = NewEvent("RemovedFromCloud", f"nothing is left on cloud {place}", cause=order.cause)
        async with self._store.transaction() as transaction:
            changes = {
                "running_on": None,
                "cluster_id": "",
                "provisioning": None,
                "kubeconfig_at": None,
                "credentials_expire": None,
                "rotation_failure": None,
            }
            await note(transaction, record.uid, changes, event)
        return True

    async def _find(self, record: Record) -> str | None:
        async with self._providers.of_cluster(record) as provider:
            return await provider.find(record.uid)

    @activity.defn(name="record_removal_failure")
    async def record_removal_failure(self, failure: ProvisioningFailure) -> None:
        """Show why the cluster could not be removed at its cloud yet."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(failure.target.uid)
            if record is None:
                return
            reason = {"code": failure.code, "message": failure.message}
            known = record.status.get("reason") == reason
            event = NewEvent("RemovalFailed", f"{failure.code}: {failure.message}", cause=failure.cause)
            await note(transaction, record.uid, {"reason": reason}, None if known else event)

    @activity.defn(name="record_provisioning_failure")
    async def record_provisioning_failure(self, failure: ProvisioningFailure) -> None:
        """Record that the cluster could not be made; it is tried again when it is changed, or on request."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(failure.target.uid)
            if record is None or record.deleted is not None:
                return
            left = ""
            if failure.left_behind and (place := record.status.get("running_on")):
                left = f"; what was made is still on cloud {place['name']}, and removed with the cluster"
            reason = {"code": failure.code, "message": f"{failure.message}{left}"}
            changes = {
                "state": ClusterState.FAILED,
                "reason": reason,
                "message": "",
                "observed_generation": failure.generation,
                "provisioning": in_phase(record, ProvisioningPhase.FAILED, failure.message),
                "scheduled_to": record.status.get("running_on") or _kept_place(record),
            }
            event = NewEvent("Failed", f"{failure.code}: {reason['message']}", cause=failure.cause)
            await transaction.write_status(record, changes, event)


def _kept_place(record: Record) -> dict[str, Any] | None:
    """The project of a Magnum cluster's cluster, which is made there or nowhere."""
    place = record.status.get("scheduled_to")
    return place if place and place["kind"] == PROJECT.name else None
