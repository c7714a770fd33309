"""Placement by the metrics of a real Prometheus: what it says decides; what it does not say disqualifies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from krake.embedded.sandbox import Sandbox
from tests.support.manifests import config_map
from tests.support.prometheus import Prometheus, prometheus_server
from tests.support.user import User
from tests.support.waiting import until

VALUES = {"latency_de": 80.0, "latency_it": 20.0, "green_de": 90.0, "green_it": 10.0}


@pytest.fixture(scope="module")
async def prometheus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    """Prometheus with an exporter whose gauges tests set."""
    async with prometheus_server(tmp_path_factory.mktemp("prometheus")) as server:
        yield server


async def measured(rok: User, prometheus: Prometheus, sandboxes: dict[str, Sandbox], *metrics: str) -> None:
    """Both clusters, each with these metrics of its own, from 0 to 100."""
    create = ("core", "metricsprovider", "create", "prom", "--type", "prometheus", "--url", prometheus.url)
    (await rok(*create)).ok()
    for metric in metrics:
        for cluster in sandboxes:
            await metric_of(rok, f"{metric}_{cluster}")
    for name, sandbox in sandboxes.items():
        aliases = [word for metric in metrics for word in ("-m", f"{metric}={metric}_{name}", "0")]
        (await rok.register(sandbox, *aliases)).ok()


async def metric_of(rok: User, name: str) -> None:
    """A metric of the provider."""
    (await rok("core", "metric", "create", name, "--mp-name", "prom", "--min", "0", "--max", "100")).ok()


async def reading(rok: User, cluster: str, metric: str) -> float | None:
    """The newest value of a cluster's metric, as `top` shows it."""
    item = (await rok("kube", "cluster", "top", cluster, "-o", "json")).ok().json["items"][0]
    value: float | None = {one["name"]: one["value"] for one in item["metrics"]}[metric]
    return value


async def placed(rok: User, name: str, *wishes: str) -> str:
    """The cluster that an application with these wishes comes to run on."""
    (await rok.create(name, config_map(name), more=(*wishes, "--wait"))).ok()
    return str((await rok.get(name))["status"]["running_on"]["name"])


async def test_preferences_decide_by_what_prometheus_says(
    newcomer: User, prometheus: Prometheus, sandboxes: dict[str, Sandbox], name: str
) -> None:
    rok = newcomer
    await prometheus.set(**VALUES)
    await measured(rok, prometheus, sandboxes, "latency", "green")

    async def sampled() -> bool:
        return [await reading(rok, "de", "green"), await reading(rok, "it", "latency")] == [90.0, 20.0]

    await until("the values are sampled", sampled)
    shown = (await rok("kube", "cluster", "get", "de")).ok().out
    assert "latency (metric latency_de), weight 0" in shown

    fast, green = ("--prefer", "latency=1:minimise"), ("--prefer", "green=3")
    assert await placed(rok, f"{name}-1", *fast) == "it"
    assert await placed(rok, f"{name}-2", *green) == "de"
    assert await placed(rok, f"{name}-3", *fast, *green) == "de"
    assert await placed(rok, f"{name}-4", *green, "-M", "latency < 50") == "it"
    explained = (await rok("kube", "app", "explain", f"{name}-3", "-o", "wide")).ok().out
    for words in ("latency (minimise) 80 -> 0.2 x 1", "green 90 -> 0.9 x 3", "0.7250", "0.2750"):
        assert words in explained, explained
    for number in range(1, 5):
        (await rok.delete(f"{name}-{number}", "--wait")).ok()


async def until_fails(rok: User, cluster: str, code: str) -> None:
    """Wait until a cluster shows that its metric fails, and why."""

    async def fails() -> bool:
        status = (await rok.get(cluster, "cluster"))["status"]
        reasons = status.get("metrics_reasons") or {}
        return status["state"] == "FAILING_METRICS" and reasons["latency"]["code"] == code

    await until(f"{cluster} is FAILING_METRICS with {code}", fails)


async def test_every_reason_shows_and_goes_by_itself(
    newcomer: User, prometheus: Prometheus, sandboxes: dict[str, Sandbox], name: str
) -> None:
    rok = newcomer
    await prometheus.set(latency_de=80.0, latency_it=20.0)
    await measured(rok, prometheus, sandboxes, "latency")

    async def recovers() -> None:
        await asyncio.gather(*(rok.until_state(one, "ONLINE", kind="cluster") for one in sandboxes))

    await recovers()
    await prometheus.exporter.take_away("latency_de")
    await until_fails(rok, "de", "INVALID_METRIC")
    assert (await rok.get("it", "cluster"))["status"]["state"] == "ONLINE"
    assert await placed(rok, name, "--prefer", "latency=1:maximise") == "it"
    refusal = "metric latency fails (INVALID_METRIC"
    assert refusal in " ".join((await rok("kube", "app", "explain", name, "-o", "wide")).ok().out.split())
    await prometheus.exporter.set(latency_de=80.0)
    await recovers()

    await prometheus.stop()
    await until_fails(rok, "it", "UNREACHABLE_METRICS_PROVIDER")
    assert "UNREACHABLE_METRICS_PROVIDER" in (await rok("kube", "cluster", "top", "it")).ok().out
    await prometheus.start()
    await recovers()

    (await rok("core", "metric", "delete", "latency_de")).ok()
    await until_fails(rok, "de", "UNKNOWN_METRIC")
    await metric_of(rok, "latency_de")
    await recovers()

    (await rok("core", "mp", "delete", "prom")).ok()
    await until_fails(rok, "it", "UNKNOWN_METRICS_PROVIDER")
    assert (await rok.get(name))["status"]["state"] == "RUNNING", "what is there stays"
    (await rok.delete(name, "--wait")).ok()
