"""Having a cluster made at its cloud, and fetching the kubeconfig of what was made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from temporalio import activity

from activities.failures import user_error
from activities.kubernetes.connections import KUBECONFIG
from activities.provisioning.calling import called
from activities.provisioning.providers import Providers, wanted_cluster
from activities.provisioning.status import in_phase, note
from krake.messages.base import Target
from krake.models.cluster import ClusterState
from krake.models.kubeconfig import check_kubeconfig
from krake.models.provisioning import ProvisioningPhase
from krake.models.reasons import ReasonCode
from krake.provisioning.desired import wanted_of
from krake.provisioning.expiry import expiry_of
from krake.provisioning.messages import ClusterOrder, ProvisioningFailure
from krake.store import NewEvent, Record, Store

Document = dict[str, Any]


class MakingActivities:
    """Makes clusters through their providers."""

    def __init__(self, store: Store, providers: Providers) -> None:
        self._store = store
        self._providers = providers

    @activity.defn(name="create_cluster")
    async def create_cluster(self, order: ClusterOrder) -> str:
        """Have the cluster made, unless it is there already; returns its id at the cloud.

        That the cloud is asked is written down before, so that nothing is ever there unknown.

        Raises:
            ApplicationError: the cloud cannot be asked, or refuses.
        """
        record = await self._note_intent(order)
        return await called(self._create(record, order))

    async def _create(self, record: Record, order: ClusterOrder) -> str:
        async with self._providers.of_cluster(record) as provider:
            cluster_id = await provider.create(wanted_cluster(record))
        event = NewEvent("CreationRequested", f"id {cluster_id}", cause=order.cause)
        async with self._store.transaction() as transaction:
            await note(transaction, record.uid, {"cluster_id": cluster_id}, event)
        return cluster_id

    async def _note_intent(self, order: ClusterOrder) -> Record:
        record = await current(self._store, order.target)
        async with self._store.transaction() as transaction:
            known = (record.status.get("provisioning") or {}).get("applied")
            applied = known or wanted_of(record.spec)
            changes = {
                "running_on": record.status.get("running_on") or record.status["scheduled_to"],
                "provisioning": in_phase(record, ProvisioningPhase.CREATING, applied=applied),
            }
            return await note(transaction, record.uid, changes) or record

    @activity.defn(name="fetch_credentials")
    async def fetch_credentials(self, order: ClusterOrder) -> None:
        """Put a kubeconfig of the cluster into the secret store; the cluster counts as made from then on.

        Raises:
            ApplicationError: the cloud does not hand it out.
        """
        record = await current(self._store, order.target)
        await called(self._fetch(record, order))

    async def _fetch(self, record: Record, order: ClusterOrder) -> None:
        async with self._providers.of_cluster(record) as provider:
            kubeconfig = await provider.kubeconfig(record.status["cluster_id"], wanted_cluster(record))
        _check(kubeconfig)
        end = expiry_of(kubeconfig)
        message = f"a kubeconfig, good until {end:%Y-%m-%d %H:%M} UTC" if end else "a kubeconfig"
        async with self._store.transaction() as transaction:
            latest = await transaction.get_by_uid(record.uid)
            if latest is None:
                return
            await transaction.put_secret(record.uid, KUBECONFIG, orjson.dumps(kubeconfig))
            changes: Document = {
                "rotation_requested": None,
                "rotation_failure": None,
                "kubeconfig_at": datetime.now(UTC).isoformat(),
                "credentials_expire": end.isoformat() if end else None,
                "provisioning": in_phase(latest, ProvisioningPhase.READY),
            }
            if latest.status.get("state") == ClusterState.CREATING:
                changes |= {"state": ClusterState.CONNECTING, "message": "made; being reached"}
            if latest.status.get("rotation_requested"):
                # It is reached with them at once, as after a change.
                changes["observed_generation"] = latest.generation - 1
            event = NewEvent("CredentialsFetched", message, cause=order.cause)
            await transaction.write_status(latest, changes, event)

    @activity.defn(name="record_rotation_failure")
    async def record_rotation_failure(self, failure: ProvisioningFailure) -> None:
        """Record that, and why, new credentials could not be had; the old ones stay."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(failure.target.uid)
            if record is None:
                return
            reason = {"code": failure.code, "message": failure.message}
            known = record.status.get("rotation_failure") == reason
            event = NewEvent("RotationFailed", f"{failure.code}: {failure.message}", cause=failure.cause)
            changes = {"rotation_requested": None, "rotation_failure": reason}
            await transaction.write_status(record, changes, None if known else event)


def _check(kubeconfig: Document) -> None:
    try:
        check_kubeconfig(kubeconfig)
    except ValueError as error:
        words = f"the cloud's kubeconfig cannot be used: {error}"
        raise user_error(ReasonCode.RETRIEVE_FAILED, words) from None


async def current(store: Store, target: Target) -> Record:
    """The cluster as it is.

    Raises:
        ApplicationError: it was removed meanwhile.
    """
    record = await store.get_by_uid(target.uid)
    if record is None:
        raise user_error(ReasonCode.INVALID_RESOURCE, f"cluster {target.name} does not exist any more")
    return record
