"""What it means for one application to leave a cluster: asked to move, deleted, or let go."""

from __future__ import annotations

from datetime import UTC, datetime

from krake.clearing import Departures, clearing_of, may_move
from krake.leftovers import let_go
from krake.models.clearing import Clearing, ClearingPurpose, DeletionPolicy
from krake.moves import clusters_of, request_migration
from krake.store import NewEvent, Record, Store, Transaction


async def send_away(store: Store, cluster: Record, clearing: Clearing, uid: str) -> bool:
    """Have an application leave the cluster, as the clearing's purpose and policy say.

    Returns:
        Whether there is something to do for its lifecycle: not if meanwhile it left, or the clearing is over.
    """
    async with store.transaction() as transaction:
        current = await transaction.get_by_uid(cluster.uid)
        record = await transaction.get_by_uid(uid)
        if current is None or record is None or not still(current, clearing):
            return False
        if Departures(clearing, cluster.uid, [record]).is_leaving(record):
            return False
        if clearing.policy is DeletionPolicy.CASCADE:
            event = NewEvent("DeletionRequested", f"together with cluster {cluster.name}", clearing.actor)
            await transaction.mark_deleted(record, event)
            return True
        if cluster.uid not in clusters_of(record.status):
            return False
        return await _move(transaction, cluster, clearing, record)


async def give_up(store: Store, cluster: Record, clearing: Clearing, uid: str) -> bool:
    """Let an application go from a cluster that is being deleted, because it cannot be moved; what it has
    there is recorded as orphans.

    Returns:
        Whether it was let go.
    """
    async with store.transaction() as transaction:
        current = await transaction.get_by_uid(cluster.uid)
        record = await transaction.get_by_uid(uid)
        if current is None or record is None or not still(current, clearing):
            return False
        why = (record.status.get("reason") or {}).get("message") or "its moves failed"
        reason = f"the cluster is being deleted, and the application could not be moved: {why}"
        event = NewEvent("LetGo", actor=clearing.actor)
        return await let_go(transaction, record, cluster.uid, owed=True, reason=reason, event=event)


def still(cluster: Record, clearing: Clearing) -> bool:
    """Whether the cluster is still being cleared, and for the same purpose in the same way."""
    now = clearing_of(cluster, datetime.now(UTC))
    return now is not None and (now.purpose, now.policy) == (clearing.purpose, clearing.policy)


async def _move(transaction: Transaction, cluster: Record, clearing: Clearing, record: Record) -> bool:
    if clearing.policy is DeletionPolicy.ORPHAN:
        event = NewEvent("", actor=clearing.actor)
        reason = "the cluster is being deleted without its objects"
        return await let_go(transaction, record, cluster.uid, owed=False, reason=reason, event=event)
    await request_migration(
        transaction,
        record,
        leave=True,
        evict=clearing.purpose is ClearingPurpose.DELETE,
        failover=clearing.purpose is ClearingPurpose.EVACUATE,
        trigger=_trigger(cluster, clearing, record),
        actor=clearing.actor or "krake",
    )
    return True


def _trigger(cluster: Record, clearing: Clearing, record: Record) -> str:
    if clearing.purpose is ClearingPurpose.EVACUATE:
        return f"cluster {cluster.name} is OFFLINE since {cluster.observation.get('offline_since')}"
    what = "deleted" if clearing.purpose is ClearingPurpose.DELETE else "drained"
    although = "" if may_move(record) else ", although the application is not to move (spec.constraints)"
    return f"cluster {cluster.name} is being {what}{although}"
