"""Waking the lifecycles that a change concerns."""

from __future__ import annotations

from temporalio import activity
from temporalio.client import Client

from krake import temporal
from krake.messages.base import Target
from krake.messages.lifecycle import Ask
from krake.models.application import ApplicationState
from krake.models.reasons import ReasonCode
from krake.moves import clusters_of
from krake.passes import request_pass
from krake.settings import Settings
from krake.store import Record, Store

_WAITING = frozenset(
    {ApplicationState.PENDING, ApplicationState.WAITING_FOR_CLUSTER_CREATION, ApplicationState.FAILED}
)
_RETRYING = frozenset({ApplicationState.DEGRADED, ApplicationState.DELETING, ApplicationState.MIGRATING})


class WakingActivities:
    """Tells applications of clusters that appeared or came back, and clusters of applications that left."""

    def __init__(self, store: Store, client: Client, settings: Settings) -> None:
        self._store = store
        self._client = client
        self._settings = settings

    @activity.defn(name="wake_waiting_applications")
    async def wake_waiting_applications(self, ask: Ask) -> int:
        """Wake the applications that a cluster may help; returns how many.

        Those are the ones without a cluster, the failed ones, those that try again and again on this one, and
        those that should be on another cluster than they are.
        """
        listing = await self._store.list("Application", ask.target.namespace)
        concerned = [record for record in listing.items if _concerns(record, ask.target)]
        for record in concerned:
            await temporal.wake(self._client, target_of(record), f"cluster {ask.target.name} is ONLINE")
        if listing.items:
            # It may be better than where some are, or not fit any more for some that are there.
            await self._request_pass(f"cluster {ask.target.name} is ONLINE")
        return len(concerned)

    @activity.defn(name="wake_cluster")
    async def wake_cluster(self, ask: Ask) -> None:
        """Wake what may have waited for an application to leave.

        That is its cluster, or an owner, that is being deleted; and applications that found no room.
        """
        record = await self._store.find(ask.target.kind, ask.target.namespace, ask.target.name)
        if record is None:
            return
        if record.deleted is not None:
            await temporal.wake(self._client, target_of(record), ", ".join(ask.causes))
        elif record.kind == "Cluster" and await self._store.somebody_waits(record.namespace):
            await self._request_pass(f"room on cluster {record.name}")

    async def _request_pass(self, cause: str) -> None:
        await request_pass(self._client, self._settings.rebalance_debounce, cause)


def _concerns(record: Record, cluster: Target) -> bool:
    state = record.status.get("state")
    if state in _WAITING or _should_move(record):
        return True
    return state in _RETRYING and cluster.uid in clusters_of(record.status)


def _should_move(record: Record) -> bool:
    request, reason = record.status.get("request") or {}, record.status.get("reason") or {}
    return bool(request.get("parked")) or reason.get("code") == ReasonCode.NO_SUITABLE_RESOURCE


def target_of(record: Record) -> Target:
    """The resource as workflows name it."""
    return Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)
