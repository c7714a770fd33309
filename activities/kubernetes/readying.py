"""The activity that waits until a deployed application is really ready."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from temporalio import activity

from activities.failures import passing_error, user_error
from activities.heartbeats import with_heartbeats
from activities.kubernetes.cache import ENDPOINT_SLICE, Change
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.diagnosis import diagnose
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.observed_fields import schemas_of
from activities.kubernetes.pruning import Pruned, prune
from activities.kubernetes.serving import check_served
from activities.kubernetes.survey import Survey, survey
from activities.store.inventory import inventory_on, is_current, note_objects
from activities.store.unchanged import digest
from krake.messages.deploying import OnCluster, Ready
from krake.models.application import ObjectStatus
from krake.models.reasons import ReasonCode
from krake.moves import clusters_of
from krake.resources import reference
from krake.store import NewEvent, Record, Store, Transaction

_LOOK_AGAIN = 5.0
_FIRST_DIAGNOSIS = 1.0
_FOLLOW_SECONDS = 10.0


class ReadyingActivities:
    """Waits for readiness by watching, says what is missing meanwhile, and records the outcome."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections

    @activity.defn(name="await_ready")
    async def await_ready(self, call: OnCluster) -> Ready:
        """Return when every object that the application names is ready; its status then says so.

        Objects that it does not name any more are removed just before.

        Raises:
            ApplicationError: NOT_READY when the time is up, naming what is missing.
        """
        wait = _Wait(self._store, call)
        return await with_heartbeats(self._await(wait), lambda: wait.message)

    async def _await(self, wait: _Wait) -> Ready:
        record = bound(await self._store.get_by_uid(wait.call.target.uid), wait.call)
        objects = inventory_on(record, wait.call.cluster)
        access = await self._connections.to(wait.call.cluster)
        with access.cache.listen() as change:
            await access.cache.observe_fields(record.uid, schemas_of(record.spec))
            await _follow(access, objects)
            while True:
                found = survey(objects, access.cache.views(record.uid), access.server)
                if found.ready and access.cache.synced:
                    pruned = await self._prune(access, wait.call, objects)
                    return await wait.finish(record, found, pruned)
                if found.failed:
                    raise user_error(ReasonCode.KUBERNETES_ERROR, "; ".join(found.failed))
                if found.missing:
                    await check_served(access, (item for item in objects if not item.obsolete))
                await wait.explain(access, found)
                await _news(change, record.uid, wait.remaining())

    async def _prune(self, access: Access, call: OnCluster, objects: list[ObjectStatus]) -> Pruned:
        """Remove what the manifest does not name any more, unless that is known to be out of date."""
        current = await self._store.get_by_uid(call.target.uid)
        if current is None or current.generation != call.generation:
            return Pruned(0, skipped=True)
        return await prune(access, objects, call.target.uid)


class _Wait:
    """One wait: its deadline, and what was last said about it."""

    def __init__(self, store: Store, call: OnCluster) -> None:
        self._store = store
        self.call = call
        self.message = ""
        started = activity.info().scheduled_time
        elapsed = (datetime.now(UTC) - started).total_seconds()
        self._deadline = time.monotonic() + call.readiness_timeout - elapsed
        self._diagnosis_due = time.monotonic() + _FIRST_DIAGNOSIS

    def remaining(self) -> float:
        """Seconds until somebody has to look again, whatever happens."""
        now = time.monotonic()
        return max(0.05, min(self._deadline - now, self._diagnosis_due - now, _LOOK_AGAIN))

    async def explain(self, access: Access, found: Survey) -> None:
        """Tell, now and then, what is missing; end the wait when its time is up."""
        expired = time.monotonic() >= self._deadline
        if time.monotonic() < self._diagnosis_due and not expired:
            return
        bound(await self._store.get_by_uid(self.call.target.uid), self.call)
        self._diagnosis_due = time.monotonic() + _LOOK_AGAIN
        if not access.cache.synced and expired:
            raise passing_error(ReasonCode.CLUSTER_NOT_REACHABLE, str(access.cache.interruption))
        await self._describe(access, found)
        if expired:
            message = f"not ready after {self.call.readiness_timeout} s: {found.message}"
            raise user_error(ReasonCode.NOT_READY, message)

    async def _describe(self, access: Access, found: Survey) -> None:
        try:
            found.objects = await diagnose(access.connection, found, access.cache.views(self.call.target.uid))
        except ClusterError as error:
            await self._say(f"waiting, but {error.message}", found.objects)
            return
        await self._say(f"waiting for {found.message}", found.objects)

    async def _say(self, message: str, objects: list[ObjectStatus]) -> None:
        if message == self.message:
            return
        self.message = message
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(self.call.target.uid)
            if record is not None:
                changes = {"message": message}
                await note_objects(transaction, record, self.call.cluster, objects, changes)

    async def finish(self, record: Record, found: Survey, pruned: Pruned) -> Ready:
        """Record that the application runs; in a move, only what is at the target, for the hand-over."""
        if not pruned.skipped:
            found.objects = [item for item in found.objects if not item.obsolete]
        ready = Ready(
            services=found.services,
            state=found.state,
            health=found.health.model_dump(),
            pruned=pruned.count,
        )
        async with self._store.transaction() as transaction:
            current = bound(await transaction.get_by_uid(record.uid), self.call)
            if is_current(current, self.call.cluster) and not _moves(current):
                await self._record(transaction, current, found, pruned)
            else:
                await note_objects(transaction, current, self.call.cluster, found.objects)
        return ready

    async def _record(self, transaction: Transaction, record: Record, found: Survey, pruned: Pruned) -> None:
        now = datetime.now(UTC).isoformat()
        changes = {
            "state": found.state,
            "reason": None,
            "message": "",
            "container_health": found.health.model_dump(),
            "services": found.services,
            "objects": [item.model_dump(mode="json") for item in found.objects],
            "applied_digest": digest(record) if record.generation == self.call.generation else "",
            "running_on": reference(self.call.cluster),
            "retries": None,
            "scheduled_retry": None,
            "observed_generation": self.call.generation,
            "observed_at": now,
            "deployed_at": now,
        }
        message = f"{len(found.objects)} objects ready on cluster {self.call.cluster.name}{pruned.message}"
        event = NewEvent("Deployed", message, cause=self.call.cause)
        await transaction.write_status(record, changes, event)


def bound(record: Record | None, call: OnCluster) -> Record:
    """The application, which has to be there and to have to do with the cluster.

    Raises:
        ApplicationError: it was deleted by force, or let go from the cluster, which is then tried no more.
    """
    if record is None:
        raise user_error(ReasonCode.INVALID_RESOURCE, "the application is not there any more")
    if call.cluster.uid not in clusters_of(record.status):
        message = f"the application was let go from cluster {call.cluster.name}"
        raise user_error(ReasonCode.CLUSTER_NOT_REACHABLE, message)
    return record


def _moves(record: Record) -> bool:
    return bool(record.status.get("migration"))


async def _follow(access: Access, objects: list[ObjectStatus]) -> None:
    wanted = [item for item in objects if not item.obsolete]
    kinds = {await access.discovery.find(item.api_version, item.kind) for item in wanted}
    if any(item.kind == "Service" for item in wanted):
        kinds.add(ENDPOINT_SLICE)
    await access.cache.follow(kinds, _FOLLOW_SECONDS)


async def _news(change: Change, uid: str, timeout: float) -> None:
    """Return when objects of this application changed, or after `timeout` seconds."""
    deadline = asyncio.get_running_loop().time() + timeout
    while (remaining := deadline - asyncio.get_running_loop().time()) > 0:
        if uid in await change.wait(remaining):
            return
