"""What the API counts and measures, in Prometheus' format."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from krake.models.kinds import KINDS
from krake.store.errors import StoreError
from krake.store.store import Store

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})

STATES_MAX_AGE = 5.0
STATES_DEADLINE = 2.0


class Metrics:
    """The metrics of one API application, on their own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "krake_api_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.latency = Histogram(
            "krake_api_request_seconds",
            "Seconds to the end of the answer, watches left out.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "krake_api_requests_in_flight",
            "Requests being answered, watches among them.",
            registry=self.registry,
        )
        self.watches = Gauge("krake_api_watches", "Watch streams that are open.", registry=self.registry)
        self.wakes = Counter(
            "krake_api_wakes",
            "Wake-ups of lifecycles: sent, dropped or failed.",
            ("outcome",),
            registry=self.registry,
        )
        for outcome in ("sent", "dropped", "failed"):
            self.wakes.labels(outcome)
        self._states = Gauge(
            "krake_resources", "Resources by kind and state.", ("kind", "state"), registry=self.registry
        )
        self._states_at = float("-inf")

    def observe(self, method: str, route: str, status: int, seconds: float, *, streamed: bool) -> None:
        """Count one answered request."""
        method = method if method in _METHODS else "other"
        self.requests.labels(method, route, status).inc()
        if not streamed:
            self.latency.labels(method, route).observe(seconds)

    async def expose(self, store: Store) -> bytes:
        """Everything in Prometheus' text format. A store that does not answer costs its metrics only."""
        if time.monotonic() - self._states_at > STATES_MAX_AGE:
            self._states_at = time.monotonic()
            await self._count_states(store)
        return generate_latest(self.registry)

    async def _count_states(self, store: Store) -> None:
        counts: dict[str, dict[str, int]] = {}
        try:
            async with asyncio.timeout(STATES_DEADLINE):
                for kind in KINDS:
                    counts[kind] = await store.count_by_state(kind)
        except (StoreError, TimeoutError):
            counts = {}
        self._states.clear()
        for kind, states in counts.items():
            for state, count in states.items():
                self._states.labels(kind, state).set(count)
