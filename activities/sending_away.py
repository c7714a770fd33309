"""What it means for one application to leave a cluster: asked to move, deleted, or let go."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.store.requests import request_migration
from krake.clearing import clearing_of, is_leaving, may_move
from krake.leftovers import let_go
from krake.models.clearing import Clearing, ClearingPurpose, DeletionPolicy
from krake.store import NewEvent, Record, Store, Transaction
from krake.store.belonging import places


async def send_away(store: Store, cluster: Record, clearing: Clearing, uid: str) -> bool:
    """Have an application leave the cluster, as the clearing's purpose and policy say.

    Returns:
        Whether there is something to do for its lifecycle: not if meanwhile it left, or the clearing is over.
    """
    async with store.transaction() as transaction:
        current = await transaction.get_by_uid(cluster.uid)
        record = await transaction.get_by_uid(uid)
        if current is None or record is None:
            return False
        now = clearing_of(current, datetime.now(UTC))
        if now is None or (now.purpose, now.policy) != (clearing.purpose, clearing.policy):
            return False
        if is_leaving(record):
            return False
        if clearing.policy is DeletionPolicy.CASCADE:
            event = NewEvent("DeletionRequested", f"together with cluster {cluster.name}", clearing.actor)
            await transaction.mark_deleted(record, event)
            return True
        if cluster.uid not in places(record.status):
            return False
        return await _move(transaction, cluster, clearing, record)


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
