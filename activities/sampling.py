"""Sampling metrics: each value is asked for once, whatever the number of clusters that refer to it."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from datetime import UTC, datetime

import orjson
import structlog
from temporalio import activity
from temporalio.client import Client

from activities.heartbeats import with_heartbeats
from activities.jumps import jumps
from activities.metrics_providers import ProviderError, provider_of
from activities.waking import WakingActivities, target_of
from krake.messages.lifecycle import Ask
from krake.messages.observing import Sampled
from krake.models.kinds import CLUSTER, GLOBAL_METRICS_PROVIDER, METRICS_PROVIDER, PLACES
from krake.models.providers import SECRET_FIELD
from krake.models.reasons import Reason, ReasonCode
from krake.models.samples import Catalogue, Measured, MetricKey, metric_key
from krake.passes import request_pass
from krake.settings import Settings
from krake.store import NewEvent, Record, Store, Transaction
from scheduler.offers import metric_refs, troubles

_log = structlog.get_logger("activities.sampling")


class SamplingActivities:
    """Asks providers for the metrics that clusters and clouds refer to, and says which have failing ones."""

    def __init__(self, store: Store, client: Client, settings: Settings) -> None:
        self._store = store
        self._client = client
        self._settings = settings
        self._waking = WakingActivities(store, client, settings)

    @activity.defn(name="sample_metrics")
    async def sample_metrics(self) -> Sampled:
        """Take one sample of each metric in use. Nothing is asked for while no cluster has metrics."""
        return await with_heartbeats(self._sample())

    async def _sample(self) -> Sampled:
        clusters = [
            item
            for kind in (CLUSTER, *PLACES)
            for item in await self._store.all_of(kind.name)
            if _concerned(item)
        ]
        if not clusters:
            return Sampled()
        catalogue = await self._store.catalogue()
        used = {
            key
            for cluster in clusters
            for ref in metric_refs(cluster.spec)
            if (key := metric_key(ref, cluster.namespace)) in catalogue
        }
        fresh = await self._measure({key: catalogue[key] for key in used})
        await self._keep(fresh)
        reasons = self._reasons({**catalogue, **fresh}, clusters)
        # Before the status: an attempt that fails in between finds the recovery again.
        await self._wake(reasons, clusters)
        await self._note(reasons)
        if jumped := jumps(catalogue, fresh, self._settings.rebalance_threshold):
            await self._request_pass(jumped)
        failing = sum(1 for item in fresh.values() if item.code)
        return Sampled(metrics=len(fresh), failing=failing)

    async def _request_pass(self, jumped: list[str]) -> None:
        """Have all applications looked at; where there is none, nobody has to."""
        if await self._store.count_by_state("Application"):
            cause = f"changed: {', '.join(jumped[:5])}"
            await request_pass(self._client, self._settings.rebalance_debounce, cause)

    async def _measure(self, metrics: Catalogue) -> dict[MetricKey, Measured]:
        """The metrics with new values, one request for each provider, all providers at the same time."""
        groups: dict[tuple[bool, str, str], list[MetricKey]] = defaultdict(list)
        for key, measured in metrics.items():
            groups[key.namespaced, key.namespace, measured.spec["provider"]["name"]].append(key)
        parts = await asyncio.gather(
            *(self._ask(place, {key: metrics[key] for key in keys}) for place, keys in groups.items())
        )
        return {key: measured for part in parts for key, measured in part.items()}

    async def _ask(self, place: tuple[bool, str, str], metrics: Catalogue) -> dict[MetricKey, Measured]:
        namespaced, namespace, name = place
        kind = METRICS_PROVIDER if namespaced else GLOBAL_METRICS_PROVIDER
        record = await self._store.find(kind.name, namespace, name)
        secret = await self._store.secret(record.uid, SECRET_FIELD) if record is not None else None
        if secret is None:
            code, words = ReasonCode.UNKNOWN_METRICS_PROVIDER, f"there is no {kind.word} '{name}'"
            return {key: _failed(measured, code, words) for key, measured in metrics.items()}
        names = {str(measured.spec["provider"]["metric"]) for measured in metrics.values()}
        try:
            values = await provider_of(orjson.loads(secret)).read(names)
        except ProviderError as error:
            _log.info("metrics provider fails", provider=name, error=str(error))
            code, words = ReasonCode.UNREACHABLE_METRICS_PROVIDER, str(error)
            return {key: _failed(measured, code, words) for key, measured in metrics.items()}
        now = datetime.now(UTC)
        return {
            key: _measured(measured, values.get(measured.spec["provider"]["metric"]), now)
            for key, measured in metrics.items()
        }

    async def _keep(self, fresh: Catalogue) -> None:
        async with self._store.transaction() as transaction:
            for measured in fresh.values():
                # It may have been deleted while its provider was asked.
                if await transaction.get_by_uid(measured.uid) is not None:
                    await transaction.put_sample(measured.uid, measured)

    def _reasons(self, catalogue: Catalogue, clusters: list[Record]) -> dict[str, dict[str, Reason]]:
        """By uid of each cluster, why metrics of it cannot be used."""
        now, max_age = datetime.now(UTC), self._settings.metric_max_age
        return {
            item.uid: troubles(metric_refs(item.spec), item.namespace, catalogue, now, max_age)
            for item in clusters
        }

    async def _note(self, found: dict[str, dict[str, Reason]]) -> None:
        """Write the reasons of all clusters where they differ."""
        async with self._store.transaction() as transaction:
            for uid, reasons in found.items():
                current = await transaction.get_by_uid(uid)
                if current is not None and current.deleted is None:
                    await _note(transaction, current, reasons)

    async def _wake(self, reasons: dict[str, dict[str, Reason]], clusters: list[Record]) -> None:
        """Wake what waits for a cluster that recovers."""
        for cluster in clusters:
            recovers = cluster.status.get("metrics_reasons") and not reasons[cluster.uid]
            if recovers and cluster.kind == CLUSTER.name:
                await self._waking.wake_waiting_applications(Ask(target=target_of(cluster)))


def _concerned(cluster: Record) -> bool:
    return bool(metric_refs(cluster.spec) or cluster.status.get("metrics_reasons"))


def _failed(measured: Measured, code: ReasonCode, message: str) -> Measured:
    """The metric with its last value and its age, and why there is no newer one."""
    return Measured(measured.uid, measured.spec, measured.value, measured.at, code, message)


def _measured(measured: Measured, value: float | None, now: datetime) -> Measured:
    if value is None:
        name, provider = measured.spec["provider"]["metric"], measured.spec["provider"]["name"]
        return _failed(measured, ReasonCode.INVALID_METRIC, f"'{provider}' has no number for '{name}'")
    if not math.isfinite(value):
        return _failed(measured, ReasonCode.INVALID_METRIC, f"the value is {value}")
    return Measured(measured.uid, measured.spec, value, now)


async def _note(transaction: Transaction, cluster: Record, reasons: dict[str, Reason]) -> None:
    shown = {name: reason.model_dump(mode="json") for name, reason in sorted(reasons.items())}
    if _codes(cluster.status.get("metrics_reasons") or {}) == _codes(shown):
        return
    words = "; ".join(f"{name}: {reason.code} ({reason.message})" for name, reason in sorted(reasons.items()))
    event = NewEvent("FailingMetrics", words) if reasons else NewEvent("MetricsRecovered")
    await transaction.write_status(cluster, {"metrics_reasons": shown}, event)


def _codes(reasons: dict[str, dict[str, str]]) -> dict[str, str]:
    """What makes a difference: words with ages and values in them change with each sample."""
    return {name: reason["code"] for name, reason in reasons.items()}
