"""Removing clusters that Krake made by itself and nobody needs: those that failed or stay empty."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from activities.waking import target_of
from krake.automatic import awaited_by, disappoint, given_up, is_automatic, remove_cluster, was_reached
from krake.messages.base import Target
from krake.settings import Settings
from krake.store import Record, Store, Transaction


class Tidying:
    """Looks at the clusters that Krake made by itself, and at the applications that wait for one.

    Args:
        store: the store.
        settings: the settings.
        wake: wakes the lifecycle of a resource.
    """

    def __init__(
        self, store: Store, settings: Settings, wake: Callable[[Target, str], Awaitable[None]]
    ) -> None:
        self._store = store
        self._settings = settings
        self._wake = wake

    async def tidy(self, clusters: Sequence[Record]) -> int:
        """Give up what failed, remove what stays empty, wake who waits in vain; how many were woken.

        Args:
            clusters: all clusters. Users' own are never touched.
        """
        now = datetime.now(UTC)
        automatic = [one for one in clusters if is_automatic(one)]
        waiting = await self._store.awaiting_clusters()
        concerned: list[Record] = []
        for cluster in automatic:
            if why := given_up(cluster, now, self._settings.auto_cluster_timeout):
                concerned += await self._give_up(cluster, why)
            elif was_reached(cluster):
                concerned += await self._look_for_idleness(cluster, now)
        there = {(one.namespace, one.name) for one in automatic if not was_reached(one)}
        concerned += [one for one in waiting if (one.namespace, awaited_by(one)) not in there]
        concerned += await self._store.due_for_clusters(now)
        for record in {one.uid: one for one in concerned}.values():
            await self._wake(target_of(record), "automatic clusters")
        return len(concerned)

    async def _give_up(self, cluster: Record, why: str) -> list[Record]:
        """Remove a cluster that will not come, and tell those that wait for it."""
        async with self._store.transaction() as transaction:
            current = await transaction.get_by_uid(cluster.uid)
            if current is None or current.deleted is not None or was_reached(current):
                return []
            waiting = await _waiting_for(transaction, current)
            for application in waiting:
                await disappoint(transaction, application, why, self._settings.auto_cluster_retry)
            return [await remove_cluster(transaction, current, f"given up: {why}"), *waiting]

    async def _look_for_idleness(self, cluster: Record, now: datetime) -> list[Record]:
        """Note since when the cluster is empty; remove it when that is too long ago."""
        since = cluster.status.get("idle_since")
        used = await self._store.is_used(cluster.uid)
        retention = timedelta(seconds=self._settings.auto_cluster_retention)
        if used and not since:
            return []
        if since and not used and now - datetime.fromisoformat(since) < retention:
            return []
        async with self._store.transaction() as transaction:
            current = await transaction.get_by_uid(cluster.uid)
            if current is None or current.deleted is not None:
                return []
            if await transaction.is_used(current.uid) or await _waiting_for(transaction, current):
                await transaction.write_status(current, {"idle_since": None})
                return []
            if not since:
                await transaction.write_status(current, {"idle_since": now.isoformat()})
                return []
            words = f"no application was on it for {retention.total_seconds():g} s"
            return [await remove_cluster(transaction, current, words)]


async def _waiting_for(transaction: Transaction, cluster: Record) -> list[Record]:
    return [
        one
        for one in await transaction.awaiting_clusters()
        if (one.namespace, awaited_by(one)) == (cluster.namespace, cluster.name)
    ]
