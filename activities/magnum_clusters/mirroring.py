"""How a Magnum cluster stands, by how its Kubernetes cluster does."""

from __future__ import annotations

from typing import Any

import orjson

from activities.kubernetes.connections import KUBECONFIG
from activities.magnum_clusters.clusters import belongs_to, name_of_cluster
from activities.waking import target_of
from krake.models.kinds import CLUSTER, MAGNUM_CLUSTER
from krake.models.openstack import MagnumClusterState
from krake.models.provisioning import ProvisioningPhase
from krake.provisioning.desired import wanted_of
from krake.resources import reference
from krake.store import NewEvent, Record, Store, Transaction

Document = dict[str, Any]

AT_REST = (MagnumClusterState.RUNNING, MagnumClusterState.FAILED)
"""The states in which nothing is being done about it."""


def state_of(cluster: Record) -> MagnumClusterState:
    """The state that follows from the Kubernetes cluster's status."""
    status = cluster.status
    if cluster.deleted is not None:
        return MagnumClusterState.RECONCILING
    at_cloud: Document = status.get("provisioning") or {}
    phase = at_cloud.get("phase")
    tried = status.get("observed_generation", 0) >= cluster.generation
    if not status.get("kubeconfig_at"):
        failed = tried and status.get("state") == "FAILED"
        return MagnumClusterState.FAILED if failed else MagnumClusterState.CREATING
    if phase == ProvisioningPhase.FAILED and tried:
        return MagnumClusterState.FAILED
    if phase != ProvisioningPhase.READY or at_cloud.get("applied") != wanted_of(cluster.spec):
        return MagnumClusterState.RECONCILING
    return MagnumClusterState.RUNNING


async def mirror(
    transaction: Transaction, record: Record, cluster: Record, cause: str = ""
) -> MagnumClusterState:
    """Write how the Kubernetes cluster stands into the Magnum cluster's status; returns its state."""
    state = state_of(cluster)
    at_cloud: Document = cluster.status.get("provisioning") or {}
    changes: Document = {
        "state": state.value,
        "reason": _reason(cluster, state),
        "message": at_cloud.get("message") or "",
        "cluster": reference(target_of(cluster)),
        "cluster_id": cluster.status.get("cluster_id") or None,
        "node_count": at_cloud.get("nodes"),
        "api_address": await _address(transaction, cluster),
    }
    if state in AT_REST:
        changes["observed_generation"] = record.generation
    if any(record.status.get(name) != value for name, value in changes.items()):
        await transaction.write_status(record, changes, _event(record, changes, cause))
    return state


def _reason(cluster: Record, state: MagnumClusterState) -> Document | None:
    trouble: Document | None = (cluster.status.get("provisioning") or {}).get("trouble")
    if state is MagnumClusterState.FAILED:
        failed: Document | None = cluster.status.get("reason")
        return failed or trouble
    return trouble


def _event(record: Record, changes: Document, cause: str) -> NewEvent | None:
    if record.status.get("state") == changes["state"]:
        return None
    reason = changes["reason"]
    words = f"{reason['code']}: {reason['message']}" if reason else f"as cluster {changes['cluster']['name']}"
    return NewEvent(str(changes["state"]).capitalize(), words, cause=cause)


async def _address(transaction: Transaction, cluster: Record) -> str | None:
    """Where the API is, by the kubeconfig that the cloud handed out; nothing else of it leaves here."""
    secret = await transaction.secret(cluster.uid, KUBECONFIG)
    return str(orjson.loads(secret)["clusters"][0]["cluster"]["server"]) if secret else None


async def out_of_step(store: Store) -> list[Record]:
    """Magnum clusters at rest whose Kubernetes cluster went on without them: changed, failed or deleted."""
    records = [record for record in await store.all_of(MAGNUM_CLUSTER.name) if record.deleted is None]
    if not records:
        return []
    clusters = {(item.namespace, item.name): item for item in await store.all_of(CLUSTER.name)}
    return [
        record
        for record in records
        if record.status.get("cluster")
        and _differs(record, clusters.get((record.namespace, name_of_cluster(record))))
    ]


def _differs(record: Record, cluster: Record | None) -> bool:
    if cluster is None or not belongs_to(cluster, record):
        return True
    at_cloud: Document = cluster.status.get("provisioning") or {}
    shown = (record.status.get("state"), record.status.get("node_count"))
    return shown != (state_of(cluster).value, at_cloud.get("nodes"))
