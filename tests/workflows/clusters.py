"""Cluster activities under a test's control, by the names that real ones have.

Real clusters cannot be made to stop exactly between two steps, or to fail twice and then work: here a test
says so. The store, and everything that is decided from it, stays real.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from krake.hooks.messages import ShutdownAttempt
from krake.messages.base import Target
from krake.messages.deploying import Applied, OnCluster, Ready
from krake.messages.lifecycle import Ask, Plan
from krake.messages.moving import CopiedVolumes, CopyVolumes
from krake.messages.observing import Swept, Verified
from krake.messages.removing import Collected, Collection
from krake.resources import reference
from krake.store import NewEvent, Store


@dataclass
class Hold:
    """Keeps one call open until the test lets it go, or it is cancelled."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: bool = False

    async def pause(self) -> None:
        """Wait as a long call does: Temporal hears of it all the while."""
        self.reached.set()
        try:
            while not self.released.is_set():
                activity.heartbeat()
                await asyncio.wait([asyncio.ensure_future(self.released.wait())], timeout=0.1)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


Act = ApplicationError | Hold


class ScriptedClusters:
    """Does at once and successfully what it is asked, but for what a test planned instead."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._planned: dict[str, deque[Act]] = defaultdict(deque)
        self.calls: list[tuple[str, int]] = []
        self.places: list[tuple[str, str]] = []
        self.times: list[datetime] = []
        self.woken: list[str] = []

    def plan(self, name: str, *acts: Act) -> None:
        """What the next calls of an activity do."""
        self._planned[name].extend(acts)

    def hold(self, name: str) -> Hold:
        """Hold the next call of an activity."""
        hold = Hold()
        self.plan(name, hold)
        return hold

    def count(self, name: str) -> int:
        """How often an activity was called."""
        return sum(1 for called, _ in self.calls if called == name)

    async def play(self, name: str, generation: int = 0, cluster: str = "") -> None:
        """Note a call and do what the test planned for it."""
        self.calls.append((name, generation))
        if cluster:
            self.places.append((name, cluster))
        self.times.append(activity.info().scheduled_time)
        if not self._planned[name]:
            return
        act = self._planned[name].popleft()
        if isinstance(act, Hold):
            return await act.pause()
        raise act

    @activity.defn(name="apply_manifest")
    async def apply_manifest(self, call: OnCluster) -> Applied:
        """Apply."""
        await self.play("apply_manifest", call.generation, call.cluster.name)
        return Applied(applied=1)

    @activity.defn(name="await_ready")
    async def await_ready(self, call: OnCluster) -> Ready:
        """Find everything ready, and write so as the real one does."""
        await self.play("await_ready", call.generation, call.cluster.name)
        record = await self._store.get_by_uid(call.target.uid)
        if record is not None and record.status.get("migration"):
            return Ready(state="RUNNING", services={"echo": f"{call.cluster.name}:80"})
        changes = {
            "state": "RUNNING",
            "reason": None,
            "observed_generation": call.generation,
            "deployed_at": datetime.now(UTC).isoformat(),
            "running_on": reference(call.cluster),
        }
        await self._write(call.target, changes, NewEvent("Deployed", cause=call.cause))
        return Ready()

    @activity.defn(name="copy_volumes")
    async def copy_volumes(self, call: CopyVolumes) -> CopiedVolumes:
        """Copy."""
        await self.play("copy_volumes", call.generation, f"{call.source.name} to {call.destination.name}")
        return CopiedVolumes(volumes=1, files=1, bytes=1, passes=2)

    @activity.defn(name="remove_objects")
    async def remove_objects(self, call: OnCluster) -> Applied:
        """Remove."""
        await self.play("remove_objects", call.generation, call.cluster.name)
        return Applied(applied=0, pruned=1)

    @activity.defn(name="request_shutdown")
    async def request_shutdown(self, call: ShutdownAttempt) -> str:
        """Have the application take the request."""
        await self.play("request_shutdown", call.attempt)
        return "http://127.0.0.1/shutdown"

    @activity.defn(name="verify_cluster")
    async def verify_cluster(self, plan: Plan) -> Verified:
        """Reach the cluster, and write so as the real one does."""
        await self.play("verify_cluster", plan.generation)
        changes = {
            "state": "ONLINE",
            "observed_generation": plan.generation,
            "verified_at": datetime.now(UTC).isoformat(),
        }
        await self._write(plan.target, changes, NewEvent("Verified"))
        return Verified(version="v1.33.4", nodes=1, ready_nodes=1)

    @activity.defn(name="observe_cluster")
    async def observe_cluster(self, cluster: Target) -> str:
        """Observe until the cluster is gone."""
        await self.play("observe_cluster")
        while (record := await self._store.get_by_uid(cluster.uid)) is not None and record.deleted is None:
            activity.heartbeat()
            await self._store.wait_for_change(record.revision, 0.2)
        return "the cluster is deleted"

    @activity.defn(name="wake_waiting_applications")
    async def wake_waiting_applications(self, ask: Ask) -> int:
        """Note whom it was for."""
        await self.play("wake_waiting_applications")
        self.woken.append(ask.target.name)
        return 0

    @activity.defn(name="wake_cluster")
    async def wake_cluster(self, ask: Ask) -> None:
        """Note whom it was for."""
        self.woken.append(ask.target.name)

    @activity.defn(name="start_clearing")
    async def start_clearing(self, cluster: Target) -> None:
        """Note that it was asked for."""
        await self.play("start_clearing", cluster=cluster.name)

    @activity.defn(name="collect_orphans")
    async def collect_orphans(self, collection: Collection) -> Collected:
        """Collect everything that is recorded."""
        await self.play("collect_orphans", cluster=collection.cluster.name)
        orphans = await self._store.orphans(cluster_uid=collection.cluster.uid)
        async with self._store.transaction() as transaction:
            for orphan in orphans:
                await transaction.remove_orphan(orphan.id)
        return Collected(removed=len(orphans))

    @activity.defn(name="sweep")
    async def sweep(self) -> Swept:
        """Find nothing."""
        return Swept(unobserved=0, woken=0)

    @property
    def activities(self) -> list[Any]:
        """For a worker."""
        return [
            self.apply_manifest,
            self.await_ready,
            self.copy_volumes,
            self.remove_objects,
            self.request_shutdown,
            self.verify_cluster,
            self.observe_cluster,
            self.wake_waiting_applications,
            self.wake_cluster,
            self.start_clearing,
            self.collect_orphans,
            self.sweep,
        ]

    async def _write(self, target: Target, changes: dict[str, Any], event: NewEvent) -> None:
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(target.uid)
            if record is not None:
                await transaction.write_status(record, changes, event)
