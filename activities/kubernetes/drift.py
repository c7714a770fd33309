"""Sees running applications change on their cluster: readiness, removed and altered objects."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import structlog
from temporalio.client import Client

from activities.kubernetes.cache import ENDPOINT_SLICE, Change
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.patience import Patience
from activities.kubernetes.survey import Survey, survey
from activities.store.inventory import inventory
from activities.waking import target_of
from krake import temporal
from krake.messages import Target
from krake.models.application import ApplicationState
from krake.models.reasons import ReasonCode
from krake.resources import merged_status
from krake.store import NewEvent, Record, Store, TooOld

_SETTLE_SECONDS = 0.3
"""Changes come in bursts; a short pause turns a burst into one look."""
_LOOK_AT_ALL_SECONDS = 60.0
_PAUSE_SECONDS = 5.0

log = structlog.get_logger()


class ApplicationObserver:
    """Compares the applications of one cluster with what the watches show, and reports differences."""

    def __init__(self, store: Store, client: Client, connections: Connections, cluster: Target) -> None:
        self._store = store
        self._client = client
        self._connections = connections
        self._cluster = cluster
        self._records: dict[str, Record] = {}
        self._patience = Patience()

    async def run(self) -> None:
        """Observe until cancelled. While the cluster does not answer nothing is concluded."""
        while True:
            try:
                access = await self._connections.to(self._cluster)
                await self._observe(access)
            except (ClusterError, TooOld):
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _observe(self, access: Access) -> None:
        with access.cache.listen() as change:
            revision = await self._read_all(change)
            follower = asyncio.ensure_future(self._follow_store(revision, change))
            try:
                await self._look_at_changes(access, change, follower)
            finally:
                follower.cancel()
                await asyncio.gather(follower, return_exceptions=True)

    async def _look_at_changes(self, access: Access, change: Change, follower: asyncio.Future[None]) -> None:
        due = time.monotonic() + _LOOK_AT_ALL_SECONDS
        while not access.closed:
            if follower.done():
                return follower.result()
            uids = await change.wait(_PAUSE_SECONDS)
            if time.monotonic() > due:
                due = time.monotonic() + _LOOK_AT_ALL_SECONDS
                uids = set(self._records)
            if uids:
                await asyncio.sleep(_SETTLE_SECONDS)
            for uid in uids & self._records.keys():
                await self._look_alone(access, self._records[uid], change)

    async def _read_all(self, change: Change) -> int:
        listing = await self._store.list("Application", self._cluster.namespace)
        self._records.clear()
        for record in listing.items:
            self._note(record, change)
        return listing.revision

    async def _follow_store(self, revision: int, change: Change) -> None:
        while True:
            if await self._store.wait_for_change(revision, _LOOK_AT_ALL_SECONDS) <= revision:
                continue
            changes = await self._store.changes("Application", self._cluster.namespace, revision)
            revision = changes.revision
            for item in changes.items:
                if item.type == "DELETED":
                    self._records.pop(item.record.uid, None)
                else:
                    self._note(item.record, change)

    def _note(self, record: Record, change: Change) -> None:
        if record.status.get("scheduled_uid") == self._cluster.uid:
            self._records[record.uid] = record
            change.add(record.uid)
        else:
            self._records.pop(record.uid, None)

    async def _look_alone(self, access: Access, record: Record, change: Change) -> None:
        """Look at one application; what goes wrong with it must not keep the others from being observed."""
        try:
            await self._look(access, record, change)
        except ClusterError as error:
            log.info("application not compared", application=record.name, message=error.message)
        except Exception:
            log.exception("application cannot be compared", application=record.name)

    async def _look(self, access: Access, record: Record, change: Change) -> None:
        if not _is_settled(record):
            return
        objects = inventory(record)
        wanted = [item for item in objects if not item.obsolete]
        kinds = {await access.discovery.find(item.api_version, item.kind) for item in wanted}
        if any(item.kind == "Service" for item in objects):
            kinds.add(ENDPOINT_SLICE)
        await access.cache.follow(kinds, _PAUSE_SECONDS)
        if not access.cache.synced:
            return
        found = survey(objects, access.cache.views(record.uid), access.server)
        attention = _attention(record, found)
        if attention and not self._patience.allows(record.uid):
            asyncio.get_running_loop().call_later(self._patience.pause(record.uid), change.add, record.uid)
            attention = ""
        await self._report(record, found, attention)

    async def _report(self, record: Record, found: Survey, attention: str) -> None:
        shown = merged_status(record.kind, record.status, record.observation)
        seen = _observation(found, attention)
        if not attention and all(shown.get(field) == seen[field] for field in _SHOWN):
            return
        before, now = str(shown.get("state")), str(seen["state"])
        event = None
        if attention:
            event = NewEvent("Drifted", attention, actor="krake observer")
        elif before != now:
            event = NewEvent(now.title(), found.message, actor="krake observer")
        async with self._store.transaction() as transaction:
            current = await transaction.get_by_uid(record.uid)
            if current is None or current.revision != record.revision:
                return
            await transaction.write_observation(current, {**seen, "generation": record.generation}, event)
        if attention:
            self._patience.note(record.uid)
            await temporal.wake(self._client, target_of(record), attention)


_SHOWN = ("state", "objects", "services", "container_health")


def _observation(found: Survey, attention: str) -> dict[str, Any]:
    reason = {"code": ReasonCode.NOT_READY.value, "message": found.message} if not found.ready else None
    return {
        "state": found.state.value,
        "reason": reason,
        "message": found.message,
        "objects": [item.model_dump(mode="json") for item in found.objects],
        "services": found.services,
        "container_health": found.health.model_dump(),
        "observed_at": datetime.now(UTC).isoformat(),
        "attention": attention or None,
    }


def _failed_waiting(record: Record) -> bool:
    reason = (record.status.get("reason") or {}).get("code")
    return record.status.get("state") == ApplicationState.FAILED and reason == ReasonCode.NOT_READY


def _is_settled(record: Record) -> bool:
    """Whether the lifecycle is done with the application, so that differences are not its own doing."""
    if record.deleted is not None or record.status.get("observed_generation") != record.generation:
        return False
    running = record.status.get("state") in (ApplicationState.RUNNING, ApplicationState.COMPLETED)
    return running or _failed_waiting(record)


def _attention(record: Record, found: Survey) -> str:
    """Why the lifecycle has to act; empty when it has not.

    What completed may be cleaned up by the cluster and is not brought back.
    """
    if _failed_waiting(record):
        return "everything became ready" if found.ready else ""
    if record.status.get("state") == ApplicationState.COMPLETED:
        return ""
    if found.missing:
        return "removed on the cluster: " + ", ".join(found.missing)
    if found.altered:
        return "altered on the cluster: " + ", ".join(found.altered)
    return ""
