"""What follows when a cluster stops answering: since when, until when it is waited for, who is told."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client

from activities.kubernetes.errors import ClusterError
from activities.kubernetes.patience import Patience
from activities.waking import target_of
from krake import temporal
from krake.clearing import Departures, clearing_of, evacuation_is_due
from krake.messages.removing import Collection
from krake.models.cluster import ClusterState
from krake.settings import Settings
from krake.store import Record, Store

_BATCH = 100
_WAKE_AGAIN_SECONDS = 60.0

ANSWERS: dict[str, Any] = {"offline_since": None, "evacuates_at": None}
"""What is written of a cluster that answers."""


def state_after(error: ClusterError) -> ClusterState:
    """The state of a cluster whose probes fail like this.

    One that refuses Krake is alive: nothing is concluded but that it cannot be used.
    """
    refuses = 400 <= error.status < 500 or not error.temporary
    return ClusterState.UNHEALTHY if refuses else ClusterState.OFFLINE


def outage_fields(record: Record, state: ClusterState, settings: Settings, now: datetime) -> dict[str, Any]:
    """Since when the cluster is OFFLINE, which a restart does not forget, and when its applications move."""
    if state != ClusterState.OFFLINE:
        return ANSWERS
    seen = record.observation
    known = seen.get("offline_since") if seen.get("state") == ClusterState.OFFLINE else None
    since = known or now.isoformat()
    moves = datetime.fromisoformat(since) + timedelta(seconds=settings.offline_tolerance)
    evacuates = moves.isoformat() if settings.evacuation_per_minute else None
    return {"offline_since": since, "evacuates_at": evacuates}


def pause_after(record: Record, interval: float, now: datetime) -> float:
    """Seconds until the next probe: the interval, or less where the tolerance for an outage ends before."""
    due = record.observation.get("evacuates_at")
    left = (datetime.fromisoformat(due) - now).total_seconds() if due else 0.0
    return min(interval, left) if left > 0 else interval


class Outages:
    """Acts on what the probes of one cluster found. Doing it again does no harm."""

    def __init__(self, store: Store, client: Client) -> None:
        self._store = store
        self._client = client
        self._told: ClusterState | None = None
        self._next_wake = 0.0
        self._patience = Patience()

    async def act(self, cluster: Record) -> None:
        """See to the applications on the cluster after an observation was written.

        Args:
            cluster: the cluster with the newest observation.
        """
        state = ClusterState(cluster.observation["state"])
        if state != self._told and cluster.deleted is None:
            await self._tell_applications(cluster, state)
            self._told = state
        if state == ClusterState.OFFLINE:
            await self._evacuate(cluster)
        elif state in (ClusterState.ONLINE, ClusterState.NOTREADY):
            await self._after_return(cluster)

    async def _tell_applications(self, cluster: Record, state: ClusterState) -> None:
        outage = None
        if state == ClusterState.OFFLINE:
            seen = cluster.observation
            outage = {
                "cluster": cluster.name,
                "cluster_uid": cluster.uid,
                "since": seen["offline_since"],
                "evacuates_at": seen["evacuates_at"],
            }
        here = [item for item in await self._store.on_cluster(cluster.uid) if _differs(item, outage)]
        for start in range(0, len(here), _BATCH):
            async with self._store.transaction() as transaction:
                for item in here[start : start + _BATCH]:
                    current = await transaction.get_by_uid(item.uid)
                    if current is not None:
                        await transaction.write_observation(current, {"outage": outage})

    async def _evacuate(self, cluster: Record) -> None:
        """Wake the lifecycle when the tolerance is over; it decides anew, from the store."""
        now = datetime.now(UTC)
        clearing = clearing_of(cluster, now)
        if time.monotonic() < self._next_wake or clearing is None or not evacuation_is_due(cluster, now):
            return
        departures = Departures(clearing, cluster.uid, await self._store.on_cluster(cluster.uid))
        if not all(map(departures.is_leaving, departures.concerned)):
            self._next_wake = time.monotonic() + _WAKE_AGAIN_SECONDS
            await temporal.wake(self._client, target_of(cluster), f"cluster {cluster.name} does not answer")

    async def _after_return(self, cluster: Record) -> None:
        """End an evacuation that nobody needs any more; collect what was left on the cluster."""
        self._next_wake = 0.0
        clearing = cluster.status.get("clearing") or {}
        if clearing.get("purpose") == "evacuate":
            await temporal.wake(self._client, target_of(cluster), f"cluster {cluster.name} answers again")
        if self._patience.allows(cluster.uid) and await self._store.orphans(cluster_uid=cluster.uid):
            self._patience.note(cluster.uid)
            await temporal.collect(self._client, Collection(cluster=target_of(cluster)))


def _differs(application: Record, outage: dict[str, Any] | None) -> bool:
    return bool(application.observation.get("outage") != outage)
