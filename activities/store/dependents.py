"""What has to be gone before a deleted resource may go, read from the store."""

from __future__ import annotations

from krake.dependents import Graph, node
from krake.models.application import ApplicationState
from krake.models.clearing import Clearing, DeletionPolicy
from krake.ownership import node_of
from krake.store import NewEvent, Record, Store


async def dependents_of(store: Store, cluster: Record, clearing: Clearing) -> list[Record]:
    """What names a cluster that is being deleted as its owner, and goes with it.

    Only where its applications are deleted, too: those that move on do not go with a cluster that they once
    named.
    """
    if clearing.policy is not DeletionPolicy.CASCADE:
        return []
    on_it = {record.uid for record in await store.on_cluster(cluster.uid)}
    return [record for record in (await Graph.read(store)).blockers(cluster) if record.uid not in on_it]


async def held_back(store: Store, record: Record) -> bool:
    """Whether a deleted application has to wait: for what names it as an owner, or for its finalizers.

    Its status then says so. Dependents that were made after the deletion began are marked deleted as well.
    """
    waits_for = (await Graph.read(store)).blockers(record)
    if waits_for:
        message = "waiting for what it owns: " + ", ".join(str(node(item)) for item in waits_for)
    elif record.finalizers and not record.status.get("scheduled_to"):
        message = f"waiting for finalizers: {', '.join(record.finalizers)}"
    else:
        return False
    async with store.transaction() as transaction:
        for item in waits_for:
            if item.deleted is None and await transaction.get_by_uid(item.uid) is not None:
                event = NewEvent("DeletionRequested", f"together with {node(record)}, which owns it")
                await transaction.mark_deleted(item, event)
        if await transaction.get_by_uid(record.uid) is not None:
            changes = {"state": ApplicationState.DELETING, "message": message}
            await transaction.write_status(record, changes)
    return True


async def deleted_owners(store: Store, record: Record) -> list[Record]:
    """The owners of a resource that are being deleted, and may wait for it."""
    found = [await store.find(key.kind, key.namespace, key.name) for key in map(node_of, record.owners)]
    return [owner for owner in found if owner is not None and owner.deleted is not None]
