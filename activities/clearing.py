"""The activity that has the applications of one cluster leave it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.client import Client

from activities.heartbeats import with_heartbeats
from activities.sending_away import give_up, send_away, still
from activities.store.dependents import dependents_of
from activities.waking import target_of
from krake import temporal
from krake.clearing import Departures, clearing_of
from krake.messages.base import Target
from krake.models.clearing import Clearing, ClearingPurpose
from krake.settings import Settings
from krake.store import NewEvent, Record, Store

_LOOK_AGAIN_SECONDS = 5.0
_SETTLE_SECONDS = 0.1
"""Changes come in bursts; a short pause turns a burst into one look."""

_OVER = {ClearingPurpose.DRAIN: "Drained", ClearingPurpose.EVACUATE: "Evacuated"}


class ClearingActivities:
    """Sends applications away and says how far that has come. Everything it knows is in the store."""

    def __init__(self, store: Store, client: Client, settings: Settings) -> None:
        self._store = store
        self._client = client
        self._settings = settings

    @activity.defn(name="clear_cluster")
    async def clear_cluster(self, cluster: Target) -> str:
        """Return when nothing on the cluster has to leave it any more; says what came of it."""
        run = _Run(self._store, self._client, self._settings, cluster)
        return await with_heartbeats(run.until_clear(), lambda: run.message)

    @activity.defn(name="start_clearing")
    async def start_clearing(self, cluster: Target) -> None:
        """Have the cluster cleared by a run of its own, or tell the one that is at it."""
        await temporal.clear(self._client, cluster)

    @activity.defn(name="wake_lifecycle")
    async def wake_lifecycle(self, cluster: Target) -> None:
        """Make the cluster's lifecycle look at it again."""
        if await self._store.get_by_uid(cluster.uid) is not None:
            await temporal.wake(self._client, cluster, "its applications were seen to")


class _Run:
    """One clearing of one cluster."""

    def __init__(self, store: Store, client: Client, settings: Settings, cluster: Target) -> None:
        self._store = store
        self._client = client
        self._settings = settings
        self._cluster = cluster
        self._next_evacuation = 0.0
        self.message = ""

    async def until_clear(self) -> str:
        while True:
            revision = await self._store.revision()
            record = await self._store.get_by_uid(self._cluster.uid)
            if record is None:
                return "the cluster is gone"
            clearing = clearing_of(record, datetime.now(UTC))
            if clearing is None:
                await self._put_away(record, "")
                return "the applications may stay"
            here = await self._here(record, clearing)
            departures = Departures(clearing, record.uid, here)
            if not departures.concerned:
                await self._put_away(record, _OVER.get(clearing.purpose, ""))
                return departures.progress() or "nothing is on it"
            await self._tell(record, clearing, here)
            await self._send_some_away(record, clearing, departures)
            await self._store.wait_for_change(revision, self._pause())
            await asyncio.sleep(_SETTLE_SECONDS)

    async def _here(self, record: Record, clearing: Clearing) -> list[Record]:
        return [
            *await self._store.on_cluster(record.uid),
            *await dependents_of(self._store, record, clearing),
        ]

    async def _send_some_away(self, record: Record, clearing: Clearing, departures: Departures) -> None:
        settings = self._settings
        patience = settings.deletion_patience
        for application in departures.hopeless(settings.drain_attempts, patience, datetime.now(UTC)):
            if await give_up(self._store, record, clearing, application.uid):
                await temporal.wake(self._client, target_of(application), _words(record, clearing))
        if clearing.purpose is ClearingPurpose.EVACUATE and time.monotonic() < self._next_evacuation:
            return
        for application in departures.next_to_leave(settings.drain_parallelism):
            if await send_away(self._store, record, clearing, application.uid):
                await temporal.wake(self._client, target_of(application), _words(record, clearing))
                if settings.evacuation_per_minute:
                    pause = 60.0 / settings.evacuation_per_minute
                    self._next_evacuation = time.monotonic() + pause

    def _pause(self) -> float:
        until_next = self._next_evacuation - time.monotonic()
        return min(_LOOK_AGAIN_SECONDS, until_next) if until_next > 0 else _LOOK_AGAIN_SECONDS

    async def _tell(self, record: Record, clearing: Clearing, here: list[Record]) -> None:
        """Write how far it has come into the cluster's status."""
        total = max(clearing.total, len(Departures(clearing, record.uid, here).concerned))
        told = clearing.model_copy(update={"total": total})
        told.message = self.message = Departures(told, record.uid, here).progress()
        async with self._store.transaction() as transaction:
            current = await transaction.get_by_uid(record.uid)
            if current is None or not still(current, clearing):
                return
            changes: dict[str, Any] = {"clearing": told.model_dump(mode="json")}
            if current.deleted is not None:
                changes["message"] = told.message
            await transaction.write_status(current, changes)

    async def _put_away(self, record: Record, event: str) -> None:
        """A clearing that is over is not shown any more; that of a deletion goes with the cluster."""
        stored = record.status.get("clearing")
        if not stored or record.deleted is not None:
            return
        async with self._store.transaction() as transaction:
            current = await transaction.get_by_uid(record.uid)
            if current is not None and current.status.get("clearing") == stored:
                news = NewEvent(event, stored.get("message", "")) if event else None
                await transaction.write_status(current, {"clearing": None}, news)


def _words(cluster: Record, clearing: Clearing) -> str:
    words = {
        ClearingPurpose.DELETE: "is being deleted",
        ClearingPurpose.DRAIN: "is being drained",
        ClearingPurpose.EVACUATE: "does not answer",
    }
    return f"cluster {cluster.name} {words[clearing.purpose]}"
