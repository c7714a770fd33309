"""Deletions always end: what cannot be removed after a while is recorded as an orphan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio import activity

from krake.leftovers import leave_behind, named
from krake.messages.removing import Leftover
from krake.settings import Settings
from krake.store import NewEvent, Record, Store

_ATTEMPTS_WITH_LEAVING_CLUSTER = 3
"""A cluster that is being deleted itself is not waited for as long as one that stays."""


class GivingUpActivities:
    """Decides when a deletion stops trying to remove objects, and records what is left."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @activity.defn(name="release_orphans")
    async def release_orphans(self, call: Leftover) -> bool:
        """Whether the objects are left behind, recorded as orphans; else somebody tries again.

        They are when their cluster is not registered any more, when it is being deleted and failed several
        times, or when the deletion has lasted for longer than its patience.
        """
        cluster = await self._store.get_by_uid(call.cluster.uid)
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(call.target.uid)
            if record is None:
                return True
            if not self._gives_up(cluster, record, call.attempt):
                return False
            orphans = await leave_behind(
                transaction, record, call.message or "they could not be removed", cluster_uid=call.cluster.uid
            )
            if orphans:
                message = f"left on {call.cluster.name}: {named(orphans)}; {call.message}"
                await transaction.add_event(record, NewEvent("Orphaned", message.rstrip("; ")))
        return True

    def _gives_up(self, cluster: Record | None, record: Record, attempt: int) -> bool:
        if cluster is None:
            return True
        if cluster.deleted is not None and attempt >= _ATTEMPTS_WITH_LEAVING_CLUSTER:
            return True
        since = record.deleted or datetime.now(UTC)
        return datetime.now(UTC) - since > timedelta(seconds=self._settings.deletion_patience)
