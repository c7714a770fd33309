"""The activity that removes an application's objects from a cluster."""

from __future__ import annotations

import asyncio
from itertools import groupby

from temporalio import activity

from activities.heartbeats import with_heartbeats
from activities.kubernetes.applying import remove_object
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.objects import phase_of
from activities.store.inventory import inventory_on
from krake.messages.deploying import Applied, OnCluster
from krake.models.application import ObjectStatus
from krake.store import Store

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_TELL_AFTER = 12
"""Looks at what is still there before people are told what is being waited for."""


class RemovingActivities:
    """Removes objects and waits until they are gone; what is gone already does not matter."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections

    @activity.defn(name="remove_objects")
    async def remove_objects(self, call: OnCluster) -> Applied:
        """Delete everything in the application's inventory, what depends on others first.

        Raises:
            ApplicationError: with a reason code, when the cluster does not answer or refuses.
        """
        removal = _Removal(self._store, call)
        return await with_heartbeats(self._remove(removal), lambda: removal.message)

    async def _remove(self, removal: _Removal) -> Applied:
        record = await self._store.get_by_uid(removal.call.target.uid)
        if record is None:
            return Applied(applied=0)
        objects = sorted(inventory_on(record, removal.call.cluster), key=lambda item: -phase_of(item.kind))
        if not objects:
            return Applied(applied=0)
        access = await self._connections.to(removal.call.cluster)
        for _, phase in groupby(objects, key=lambda item: phase_of(item.kind)):
            await removal.until_gone(access, list(phase))
        await access.cache.observe_fields(record.uid, {})
        return Applied(applied=0, pruned=len(objects))


class _Removal:
    """One removal and what it waits for."""

    def __init__(self, store: Store, call: OnCluster) -> None:
        self._store = store
        self.call = call
        self.message = ""

    async def until_gone(self, access: Access, objects: list[ObjectStatus]) -> None:
        """Ask for deletion until nothing is there any more."""
        pause, looks = _FIRST_PAUSE, 0
        while objects:
            gone = await asyncio.gather(
                *(remove_object(access, item, self.call.target.uid) for item in objects)
            )
            objects = [item for item, done in zip(objects, gone, strict=True) if not done]
            if not objects:
                return
            looks += 1
            if looks >= _TELL_AFTER and await self._store.get_by_uid(self.call.target.uid) is None:
                # Deleted by force: what is left is recorded, and nobody waits for it here.
                return
            if looks >= _TELL_AFTER:
                await self._say(
                    "waiting for deletion of " + ", ".join(f"{item.kind}/{item.name}" for item in objects)
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    async def _say(self, message: str) -> None:
        if message == self.message:
            return
        self.message = message
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(self.call.target.uid)
            if record is not None:
                await transaction.write_status(record, {"message": message})
