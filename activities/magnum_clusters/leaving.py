"""Removing a Magnum cluster: its Kubernetes cluster goes first, and from the cloud."""

from __future__ import annotations

from typing import Any

from activities.magnum_clusters.clusters import belongs_to, own_cluster
from activities.waking import target_of
from krake.dependents import Graph, node
from krake.models.kinds import CLUSTER
from krake.models.openstack import MagnumClusterState
from krake.provisioning.messages import MagnumStep
from krake.provisioning.reaping import reap
from krake.store import NewEvent, Record, Transaction

Document = dict[str, Any]


async def leave(transaction: Transaction, record: Record, interval: float) -> MagnumStep:
    """Wait for what it owns, then forget it; what does not go yet is marked as deleted, too.

    Args:
        transaction: where it is read and written.
        record: the Magnum cluster, marked as deleted.
        interval: seconds until the next look.
    """
    left = (await Graph.read(transaction)).blockers(record)
    if left:
        fresh = [await _mark(transaction, record, item) for item in left if item.deleted is None]
        names = ", ".join(str(node(item)) for item in left)
        await _show(transaction, record, f"waiting for what it owns: {names}")
        wake = tuple(target_of(item) for item in fresh if item.kind == CLUSTER.name)
        return MagnumStep(words="DELETING", wake=wake, pause=interval)
    if record.finalizers:
        # Whoever takes the last one away wakes it.
        await _show(transaction, record, f"waiting for finalizers: {', '.join(record.finalizers)}")
        return MagnumStep(words="waits for finalizers")
    cause = await transaction.latest_cause(record.uid, "DeletionRequested")
    await transaction.remove(record, NewEvent("Deleted", cause=cause))
    await reap(transaction)
    return MagnumStep(words="deleted")


async def _mark(transaction: Transaction, record: Record, item: Record) -> Record:
    event = NewEvent("DeletionRequested", f"together with {node(record)}, which owns it")
    return await transaction.mark_deleted(item, event)


async def _show(transaction: Transaction, record: Record, message: str) -> None:
    cluster = await own_cluster(transaction, record)
    own = cluster is not None and belongs_to(cluster, record)
    changes: Document = {
        "state": MagnumClusterState.DELETING.value,
        "message": message,
        # Why it does not come away from the cloud, where it does not.
        "reason": cluster.status.get("reason") if cluster is not None and own else None,
    }
    if all(record.status.get(name) == value for name, value in changes.items()):
        return
    begun = record.status.get("state") == MagnumClusterState.DELETING
    await transaction.write_status(record, changes, None if begun else NewEvent("Deleting", message))
