"""Sees running applications change on their cluster: readiness, removed and altered objects."""

from __future__ import annotations

import asyncio
import time

import structlog
from temporalio.client import Client

from activities.hooks.effective import EffectiveManifests
from activities.kubernetes.cache import ENDPOINT_SLICE, Change
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.diagnosis import diagnose
from activities.kubernetes.drift_report import drift_report
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.observed_fields import schemas_of
from activities.kubernetes.patience import Patience
from activities.kubernetes.serving import served_kinds
from activities.kubernetes.sighting import Sighting, is_settled
from activities.kubernetes.survey import Survey, survey
from activities.store.inventory import inventory, with_learned
from activities.waking import target_of
from krake import temporal
from krake.messages.base import Target
from krake.resources import merged_status
from krake.store import Record, Store, TooOld

_SETTLE_SECONDS = 0.3
"""Changes come in bursts; a short pause turns a burst into one look."""
_LOOK_AT_ALL_SECONDS = 60.0
_PAUSE_SECONDS = 5.0

log = structlog.get_logger()


class ApplicationObserver:
    """Compares the applications of one cluster with what the watches show, and reports differences."""

    def __init__(
        self,
        store: Store,
        client: Client,
        connections: Connections,
        manifests: EffectiveManifests,
        cluster: Target,
    ) -> None:
        self._store = store
        self._manifests = manifests
        self._client = client
        self._connections = connections
        self._cluster = cluster
        self._records: dict[str, Record] = {}
        self._patience = Patience()
        self._access: Access | None = None

    @property
    def current(self) -> bool:
        """Whether everything that happens to the applications is seen."""
        return self._access is not None and not self._access.closed and self._access.cache.synced

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
            self._access = access
            try:
                await self._look_at_changes(access, change, follower)
            finally:
                self._access = None
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
                    await self._forget(item.record.uid)
                else:
                    self._note(item.record, change)

    async def _forget(self, uid: str) -> None:
        self._records.pop(uid, None)
        if self._access is not None:
            await self._access.cache.observe_fields(uid, {})

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
        if not is_settled(record):
            return
        objects = with_learned(record, inventory(record))
        kinds = await served_kinds(access, (item for item in objects if not item.obsolete))
        if any(item.kind == "Service" for item in objects):
            kinds.add(ENDPOINT_SLICE)
        await access.cache.observe_fields(record.uid, schemas_of(record.spec))
        await access.cache.follow(kinds, _PAUSE_SECONDS)
        if not access.cache.synced:
            return
        found = survey(objects, access.cache.views(record.uid), access.server)
        await _explain(access, record, found)
        seen = Sighting(found, await drift_report(access, record, found, self._manifests))
        attention = seen.attention(record)
        if attention and not self._patience.allows(record.uid):
            asyncio.get_running_loop().call_later(self._patience.pause(record.uid), change.add, record.uid)
            attention = ""
        await self._report(record, seen, attention)

    async def _report(self, record: Record, seen: Sighting, attention: str) -> None:
        shown = merged_status(record.kind, record.status, record.observation)
        if not attention and seen.is_shown_in(shown):
            return
        event = seen.event(record, str(shown.get("state")), attention)
        async with self._store.transaction() as transaction:
            current = await transaction.get_by_uid(record.uid)
            if current is None or current.revision != record.revision:
                return
            changes = {**seen.observation(attention), "generation": record.generation}
            await transaction.write_observation(current, changes, event)
        if attention:
            self._patience.note(record.uid)
            await temporal.wake(self._client, target_of(record), attention)


async def _explain(access: Access, record: Record, found: Survey) -> None:
    """Have the Pods of what is not ready tell why. Who may not see Pods learns what their owners say."""
    if found.ready:
        return
    try:
        found.objects = await diagnose(access.connection, found, access.cache.views(record.uid))
    except ClusterError as error:
        log.info("Pods cannot be asked", application=record.name, message=error.message)
