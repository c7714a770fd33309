"""The activity that watches one cluster for as long as it is registered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.client import Client

from activities.heartbeats import with_heartbeats
from activities.hooks.effective import EffectiveManifests
from activities.kubernetes.connections import Connections
from activities.kubernetes.definitions import DefinitionObserver
from activities.kubernetes.drift import ApplicationObserver
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.nodes import judge, read_nodes
from activities.kubernetes.offering import broken_promise, served_definitions
from activities.kubernetes.outage import ANSWERS, Outages, outage_fields, pause_after, state_after
from activities.waking import WakingActivities
from krake.messages.base import Target
from krake.messages.lifecycle import Ask
from krake.models.cluster import ClusterState
from krake.resources import shown_status
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from scheduler.nodes import has_grown

_HEARTBEAT_SECONDS = 3.0


class ObservingActivities:
    """Watches clusters. One activity is open for each cluster; nothing of it is an event in a history."""

    def __init__(self, store: Store, client: Client, connections: Connections, settings: Settings) -> None:
        self._store = store
        self._client = client
        self._connections = connections
        self._settings = settings
        self._manifests = EffectiveManifests(store, settings)

    @activity.defn(name="observe_cluster")
    async def observe_cluster(self, cluster: Target) -> str:
        """Observe until the cluster is deleted; returns why it ended."""
        waking = WakingActivities(self._store, self._client, self._settings)
        applications = ApplicationObserver(
            self._store, self._client, self._connections, self._manifests, cluster
        )
        definitions = DefinitionObserver(self._store, waking, self._connections, cluster)
        outages = Outages(self._store, self._client)
        probe = _Probe(self._store, waking, outages, self._connections, self._settings, cluster, applications)
        return await with_heartbeats(
            _until_first(probe.run(), applications.run(), definitions.run()), interval=_HEARTBEAT_SECONDS
        )


async def _until_first(main: Any, *companions: Any) -> str:
    """The result of `main`; the companions run as long, and the failure of one ends all."""
    tasks = [asyncio.ensure_future(one) for one in (main, *companions)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return str(next(iter(done)).result())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Probe:
    """Asks the cluster for its nodes, again and again, and decides on its state by k failures in a row."""

    def __init__(
        self,
        store: Store,
        waking: WakingActivities,
        outages: Outages,
        connections: Connections,
        settings: Settings,
        cluster: Target,
        applications: ApplicationObserver,
    ) -> None:
        self._store = store
        self._waking = waking
        self._outages = outages
        self._connections = connections
        self._settings = settings
        self._cluster = cluster
        self._applications = applications
        self._failures = 0

    async def run(self) -> str:
        while True:
            record = await self._store.get_by_uid(self._cluster.uid)
            if record is None:
                await self._connections.forget(self._cluster.uid)
                return "the cluster is deleted"
            if record.deleted is not None or record.status.get("observed_generation") == record.generation:
                await self._look(record)
            await asyncio.sleep(pause_after(record, self._settings.observe_interval, datetime.now(UTC)))

    async def _look(self, record: Record) -> None:
        try:
            access = await self._connections.to(self._cluster)
            nodes = await read_nodes(access.connection)
        except ClusterError as error:
            self._failures += 1
            if self._failures >= self._settings.offline_after:
                await self._write_failure(record, error)
            return
        self._failures = 0
        state, message = judge(nodes)
        now = datetime.now(UTC).isoformat()
        changes: dict[str, Any] = {
            "state": state,
            "reason": broken_promise(record.spec, served_definitions(record)),
            "message": message,
            "nodes": [node.model_dump(mode="json") for node in nodes],
            "observed_at": now,
            **ANSWERS,
        }
        if self._applications.current:
            changes["confirmed_at"] = now
        await self._write(record, changes)

    async def _write_failure(self, record: Record, error: ClusterError) -> None:
        state, now = state_after(error), datetime.now(UTC)
        await self._write(
            record,
            {
                "state": state,
                "reason": {"code": error.code, "message": error.message},
                "message": "",
                "observed_at": now.isoformat(),
                **outage_fields(record, state, self._settings, now),
            },
        )

    async def _write(self, record: Record, changes: dict[str, Any]) -> None:
        known = shown_status(record, datetime.now(UTC))
        before, nodes = str(known.get("state")), known.get("nodes") or []
        state = str(changes["state"])
        reason = (changes["reason"] or {}).get("message", "") or changes["message"]
        event = (
            NewEvent(state.title(), f"was {before}" + (f": {reason}" if reason else ""))
            if state != before and record.deleted is None
            else None
        )
        async with self._store.transaction() as transaction:
            current = await transaction.get_by_uid(record.uid)
            if current is None or current.generation != record.generation:
                return
            observed = {**changes, "generation": record.status.get("observed_generation")}
            current = await transaction.write_observation(current, observed, event)
        await self._outages.act(current)
        helps = before != ClusterState.ONLINE or has_grown(nodes, changes.get("nodes") or [])
        if state == ClusterState.ONLINE and helps and current.deleted is None:
            await self._waking.wake_waiting_applications(Ask(target=self._cluster))
