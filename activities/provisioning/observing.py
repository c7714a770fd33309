"""Looking at every cloud: does it answer, what does it offer, what became of the clusters made there."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.client import Client

from activities.heartbeats import with_heartbeats
from activities.provisioning.drift import DriftOfClusters
from activities.provisioning.leftovers import collect_at_cloud
from activities.provisioning.providers import Providers
from krake.messages.observing import ObservedClouds
from krake.models.clouds import CloudState
from krake.models.kinds import CLUSTER, PLACES
from krake.provisioning.provider import ProviderError, Survey
from krake.provisioning.reaping import reap
from krake.settings import Settings
from krake.store import NewEvent, Record, Store

Document = dict[str, Any]

_AT_ONCE = 8
"""Clouds that are looked at at the same time."""
_FRESH = timedelta(minutes=5)
"""How long the time of the last answer may stand while nothing else changes: watchers need no news of it."""
_log = structlog.get_logger("activities.provisioning")


class ObservingCloudsActivities:
    """Keeps what is known of clouds, and of clusters that were made there, from growing old."""

    def __init__(self, store: Store, client: Client, providers: Providers, settings: Settings) -> None:
        self._store = store
        self._providers = providers
        self._drift = DriftOfClusters(store, client, providers, settings)

    @activity.defn(name="observe_clouds")
    async def observe_clouds(self) -> ObservedClouds:
        """Look at each cloud once. One that hangs or fails concerns nobody but itself."""
        clouds = [record for kind in PLACES for record in await self._store.all_of(kind.name)]
        if not clouds:
            return ObservedClouds()
        clusters = [item for item in await self._store.all_of(CLUSTER.name) if item.status.get("running_on")]
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(cloud: Record) -> tuple[bool, int]:
            async with slots:
                return await self._look(cloud, [item for item in clusters if _is_on(item, cloud)])

        found = await with_heartbeats(_all(one(cloud) for cloud in clouds))
        async with self._store.transaction() as transaction:
            await reap(transaction)
        return ObservedClouds(
            clouds=len(clouds),
            reachable=sum(reachable for reachable, _ in found),
            troubled=sum(troubled for _, troubled in found),
        )

    async def _look(self, cloud: Record, clusters: list[Record]) -> tuple[bool, int]:
        """Whether the cloud answers, and how many of its clusters are in trouble."""
        try:
            async with self._providers.on_cloud(cloud) as provider:
                survey = await provider.survey()
                await collect_at_cloud(self._store, cloud, provider)
        except ProviderError as error:
            _log.info("cloud fails", cloud=cloud.name, code=error.code, error=error.message)
            await self._note(cloud, _unreachable(error))
            return False, 0
        await self._note(cloud, _answered(survey))
        return True, await self._drift.look(clusters)

    async def _note(self, cloud: Record, changes: Document) -> None:
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(cloud.uid)
            if record is None:
                return
            if (
                record.status.get("state") == CloudState.FAILING_METRICS
                and changes["state"] == CloudState.ONLINE
            ):
                changes = {**changes, "state": CloudState.FAILING_METRICS}
            news = [name for name, value in changes.items() if record.status.get(name) != value]
            if news == ["observed_at"] and not _is_old(record.status.get("observed_at")):
                return
            await transaction.write_status(record, changes, _event(record, changes))


def _is_on(cluster: Record, cloud: Record) -> bool:
    place = cluster.status["running_on"]
    known = (place["kind"], place.get("namespace") or "", place["name"])
    return known == (cloud.kind, cloud.namespace, cloud.name)


def _is_old(moment: str | None) -> bool:
    return moment is None or datetime.now(UTC) - datetime.fromisoformat(moment) > _FRESH


def _unreachable(error: ProviderError) -> Document:
    reason = {"code": error.code.value, "message": error.message}
    return {"state": CloudState.UNREACHABLE.value, "reason": reason}


def _answered(survey: Survey) -> Document:
    return {
        "state": CloudState.ONLINE.value,
        "reason": None,
        "flavors": [asdict(flavor) for flavor in survey.flavors],
        "quotas": [asdict(quota) for quota in survey.quotas],
        "observed_at": datetime.now(UTC).isoformat(),
    }


def _event(record: Record, changes: Document) -> NewEvent | None:
    if record.status.get("state") == changes["state"] and record.status.get("reason") == changes["reason"]:
        return None
    if changes["reason"]:
        return NewEvent("Unreachable", f"{changes['reason']['code']}: {changes['reason']['message']}")
    return NewEvent("Reachable") if record.status.get("reason") else None


async def _all(works: Any) -> list[tuple[bool, int]]:
    return list(await asyncio.gather(*works))
