"""The activity that removes orphans: objects that Krake had to leave on a cluster."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from temporalio import activity

from activities.heartbeats import with_heartbeats
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.disowning import Fate, collect_orphan
from activities.kubernetes.objects import phase_of
from krake.leftovers import named
from krake.messages.removing import Collected, Collection
from krake.models.orphans import Orphan
from krake.provisioning.orphans import is_at_cloud
from krake.store import NewEvent, Store

_PATIENCE_SECONDS = 20.0
"""How long one collection waits for objects that are being deleted."""
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0


class CollectingActivities:
    """Removes what is owed, and nothing that an application has."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections

    @activity.defn(name="collect_orphans")
    async def collect_orphans(self, collection: Collection) -> Collected:
        """Remove the recorded objects, what depends on others first; each record goes with its object.

        Raises:
            ClusterError: the cluster does not answer or refuses; what was removed is no orphan any more.
        """
        return await with_heartbeats(self._collect(collection))

    async def _collect(self, collection: Collection) -> Collected:
        orphans = await owed(self._store, collection)
        if not orphans:
            return Collected(message="nothing was left behind")
        access = await self._connections.to(collection.cluster)
        run = _Run(self._store, access, collection)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        orphans.sort(key=lambda orphan: -phase_of(orphan.kind))
        try:
            for _, phase in groupby(orphans, key=lambda orphan: phase_of(orphan.kind)):
                await run.until_gone(list(phase), deadline)
        finally:
            await run.report()
        return run.result()


async def owed(store: Store, collection: Collection) -> list[Orphan]:
    """The orphans that a collection is about.

    A cluster registered anew has another uid. What was left on the one of the same name before counts only
    where a person says so: two clusters may have had that name.
    """
    cluster = collection.cluster
    found = [item for item in await store.orphans(cluster_uid=cluster.uid) if not is_at_cloud(item)]
    if collection.predecessors:
        for orphan in await store.orphans(namespace=cluster.namespace, cluster=cluster.name):
            if is_at_cloud(orphan):
                continue
            if orphan.cluster_uid != cluster.uid and await store.get_by_uid(orphan.cluster_uid) is None:
                found.append(orphan)
    return found


class _Run:
    """One collection and what has come of it."""

    def __init__(self, store: Store, access: Access, collection: Collection) -> None:
        self._store = store
        self._access = access
        self._collection = collection
        self._fates: Counter[Fate] = Counter()
        self._removed: list[Orphan] = []

    async def until_gone(self, orphans: Sequence[Orphan], deadline: float) -> None:
        """Ask for removal until nothing is there any more, or the time is up."""
        pause = _FIRST_PAUSE
        while orphans:
            jobs = (collect_orphan(self._store, self._access, self._collection.cluster, o) for o in orphans)
            fates = await asyncio.gather(*jobs)
            waiting = []
            for orphan, fate in zip(orphans, fates, strict=True):
                if fate is Fate.WAITING and time.monotonic() < deadline:
                    waiting.append(orphan)
                else:
                    await self._settle(orphan, fate)
            orphans = waiting
            if orphans:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, _LONGEST_PAUSE)

    async def _settle(self, orphan: Orphan, fate: Fate) -> None:
        self._fates[fate] += 1
        if fate not in (Fate.REMOVED, Fate.NEEDED):
            return
        async with self._store.transaction() as transaction:
            await transaction.remove_orphan(orphan.id)
        if fate is Fate.REMOVED:
            self._removed.append(orphan)

    async def report(self) -> None:
        """Remember with the cluster, and with each application that still exists, what was removed."""
        by_application: dict[str, list[Orphan]] = {}
        for orphan in self._removed:
            by_application.setdefault(orphan.application_uid, []).append(orphan)
        cluster = self._collection.cluster
        async with self._store.transaction() as transaction:
            for uid, orphans in by_application.items():
                first = orphans[0]
                what = f"{named(orphans)} of application {first.namespace}/{first.application}"
                for owner, words in (
                    (cluster.uid, f"removed {what}"),
                    (uid, f"removed from cluster {cluster.name}: {named(orphans)}"),
                ):
                    record = await transaction.get_by_uid(owner)
                    if record is not None:
                        await transaction.add_event(record, NewEvent("OrphansCollected", words))

    def result(self) -> Collected:
        """The outcome in numbers and words."""
        removed, kept = self._fates[Fate.REMOVED], self._fates[Fate.NEEDED]
        remaining = self._fates[Fate.WAITING] + self._fates[Fate.KEPT]
        words = f"{removed} removed or gone, {kept} in use again, {remaining} still there"
        return Collected(removed=removed, kept=kept, remaining=remaining, message=words)
