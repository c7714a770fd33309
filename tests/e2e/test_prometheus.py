"""Placement by the metrics of a real Prometheus: what it says decides; what it does not say disqualifies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from krake.bootstrap import load, read
from krake.embedded.sandbox import Sandbox
from tests.support.manifests import config_map
from tests.support.prometheus import Prometheus, prometheus_server
from tests.support.user import User
from tests.support.waiting import until

VALUES = {"latency_de": 80.0, "latency_it": 20.0, "green_de": 90.0, "green_it": 10.0}

PROVIDER = """
api: core
kind: MetricsProvider
metadata: {{name: prom, namespace: {namespace}}}
spec: {{type: prometheus, prometheus: {{url: "{url}", timeout: 5}}}}
"""
METRIC = """---
api: core
kind: Metric
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{min: 0, max: 100, provider: {{name: prom, metric: {name}}}}}
"""


@pytest.fixture(scope="module")
async def prometheus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    """Prometheus with an exporter whose gauges tests set."""
    async with prometheus_server(tmp_path_factory.mktemp("prometheus")) as server:
        yield server


class Measured:
    """A user whose clusters have metrics; what is only waited for is asked through REST."""

    def __init__(self, rok: User, client: httpx.AsyncClient) -> None:
        self.rok = rok
        self._client = client

    async def load(self, text: str) -> None:
        """Have resources stored as `krake bootstrap` does it, while Krake runs."""
        wanted = read([self.rok.text_file(text)])
        async with self.rok.krake.store() as store:
            await load(store, wanted, force=False)

    async def set_up(self, url: str, sandboxes: dict[str, Sandbox], *metrics: str) -> None:
        """A provider, and all clusters, each with metrics of its own under common names."""
        provider = PROVIDER.format(namespace=self.rok.namespace, url=url)
        names = [f"{metric}_{cluster}" for metric in metrics for cluster in sandboxes]
        await self.load(provider + "".join(map(self.metric, names)))
        registering = (
            self.rok.register(
                sandbox, *(word for metric in metrics for word in ("-m", f"{metric}={metric}_{name}", "0"))
            )
            for name, sandbox in sandboxes.items()
        )
        for answer in await asyncio.gather(*registering):
            answer.ok()

    def metric(self, name: str) -> str:
        """The document of a metric."""
        return METRIC.format(name=name, namespace=self.rok.namespace)

    async def get(self, path: str) -> Any:
        """A document of the namespace."""
        answer = await self._client.get(f"/kubernetes/namespaces/{self.rok.namespace}/{path}")
        return answer.raise_for_status().json()

    async def reading(self, cluster: str, metric: str) -> float | None:
        """The newest value of a cluster's metric."""
        item = (await self.get(f"capacity?cluster={cluster}"))["items"][0]
        values: dict[str, float | None] = {one["name"]: one["value"] for one in item["metrics"]}
        return values[metric]

    async def placed(self, name: str, *wishes: str) -> str:
        """The cluster that an application with these wishes comes to run on."""
        (await self.rok.create(name, config_map(name), more=(*wishes, "--wait"))).ok()
        return str((await self.get(f"applications/{name}"))["status"]["running_on"]["name"])

    async def moves(self, name: str) -> int:
        """How often an application has begun to move."""
        events = (await self.get(f"applications/{name}/events"))["items"]
        return sum(1 for event in events if event["type"] == "Migrating")

    async def until_runs_on(self, name: str, cluster: str) -> None:
        """Wait until an application runs on a cluster and nothing moves any more."""

        async def there() -> bool:
            status = (await self.get(f"applications/{name}"))["status"]
            settled = status["state"] == "RUNNING" and not status["migration"] and not status["request"]
            return bool(settled and status["running_on"]["name"] == cluster)

        await until(f"{name} runs on {cluster}", there)

    async def until_fails(self, cluster: str, code: str) -> None:
        """Wait until a cluster shows that its metric fails, and why."""

        async def fails() -> bool:
            status = (await self.get(f"clusters/{cluster}"))["status"]
            reason = (status.get("metrics_reasons") or {}).get("latency") or {}
            return bool(status["state"] == "FAILING_METRICS" and reason.get("code") == code)

        await until(f"{cluster} is FAILING_METRICS with {code}", fails)

    async def until_well(self) -> None:
        """Wait until all clusters are ONLINE."""

        async def well() -> bool:
            clusters = (await self.get("clusters"))["items"]
            return {one["status"]["state"] for one in clusters} == {"ONLINE"}

        await until("all clusters are ONLINE", well)


@pytest.fixture
async def measured(newcomer: User) -> AsyncIterator[Measured]:
    """A user in an empty namespace."""
    async with newcomer.krake.http(timeout=30) as client:
        yield Measured(newcomer, client)


async def test_preferences_decide_by_what_prometheus_says_and_who_prefers_it_follows(
    measured: Measured, prometheus: Prometheus, sandboxes: dict[str, Sandbox], name: str
) -> None:
    rok = measured.rok
    await prometheus.set(**VALUES)
    await measured.set_up(prometheus.url, sandboxes, "latency", "green")

    async def sampled() -> bool:
        values = [await measured.reading("de", "green"), await measured.reading("it", "latency")]
        return values == [90.0, 20.0]

    await until("the values are sampled", sampled)
    assert "latency (metric latency_de), weight 0" in (await rok("kube", "cluster", "get", "de")).ok().out
    shown = " ".join((await rok("kube", "cluster", "top", "de")).ok().out.split())
    assert "latency | 80 |" in shown

    fast, green = ("--prefer", "latency=1:minimise"), ("--prefer", "green=3")
    names = [f"{name}-{number}" for number in range(3)]
    wishes = (fast, green, (*fast, *green))
    placing = (measured.placed(one, *wish) for one, wish in zip(names, wishes, strict=True))
    assert await asyncio.gather(*placing) == ["it", "de", "de"]
    explained = (await rok("kube", "app", "explain", names[2], "-o", "wide")).ok().out
    for words in ("latency (minimise) 80 -> 0.2 x 1", "green 90 -> 0.9 x 3", "0.7250", "0.2750"):
        assert words in explained, explained

    await prometheus.set(latency_de=20.0, latency_it=80.0)
    await measured.until_runs_on(names[0], "de")
    assert await measured.moves(names[0]) == 1
    passed = (await rok("kube", "rebalance", "-o", "json")).ok().json
    assert not {one["application"]["name"] for one in passed["moves"]} & set(names), (
        "each is where it belongs"
    )
    assert [await measured.moves(one) for one in names] == [1, 0, 0]
    for answer in await asyncio.gather(*(rok.delete(one, "--wait") for one in names)):
        answer.ok()


async def test_every_reason_shows_and_goes_by_itself(
    measured: Measured, prometheus: Prometheus, sandboxes: dict[str, Sandbox], name: str
) -> None:
    rok = measured.rok
    await prometheus.set(latency_de=80.0, latency_it=20.0)
    await measured.set_up(prometheus.url, sandboxes, "latency")
    await measured.until_well()

    await prometheus.exporter.take_away("latency_de")
    await measured.until_fails("de", "INVALID_METRIC")
    assert (await measured.get("clusters/it"))["status"]["state"] == "ONLINE"
    assert await measured.placed(name) == "it"
    explained = (await rok("kube", "app", "explain", name, "-o", "wide")).ok().out
    assert "failing_metrics: metric latency fails (INVALID_METRIC: " in explained
    await prometheus.exporter.set(latency_de=80.0)
    await measured.until_well()

    await prometheus.stop()
    await measured.until_fails("it", "UNREACHABLE_METRICS_PROVIDER")
    assert "UNREACHABLE_METRICS_PROVIDER: " in (await rok("kube", "cluster", "top", "it")).ok().out
    await prometheus.start()
    await measured.until_well()

    (await rok("core", "metric", "delete", "latency_de")).ok()
    await measured.until_fails("de", "UNKNOWN_METRIC")
    await measured.load(measured.metric("latency_de"))
    await measured.until_well()

    (await rok("core", "mp", "delete", "prom")).ok()
    await measured.until_fails("it", "UNKNOWN_METRICS_PROVIDER")
    assert (await measured.get(f"applications/{name}"))["status"]["state"] == "RUNNING", "what is there stays"
    (await rok.delete(name, "--wait")).ok()
