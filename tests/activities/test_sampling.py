"""Sampling: what it means for clusters, and for placement."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from temporalio.testing import ActivityEnvironment

from activities.placement import PlacementActivities
from activities.sampling import SamplingActivities
from krake.messages.deploying import Deployment
from krake.messages.lifecycle import Retry
from krake.messages.observing import Sampled
from krake.resources import document
from krake.settings import Settings
from krake.store import Record, Store
from krake.temporal import connect
from tests.activities.workbench import application_spec, nowhere, register, run, target_of
from tests.support.store import UPDATED, add


async def provider(store: Store, namespace: str = "", **metrics: float) -> Record:
    """A static provider named fixed, as the API stores it."""
    kind = "MetricsProvider" if namespace else "GlobalMetricsProvider"
    spec = {"type": "static", "static": {"metrics": metrics}}
    record = await add(store, "fixed", namespace, kind, spec=spec, status={})
    await change(store, record, spec)
    return record


async def change(store: Store, record: Record, spec: dict[str, Any]) -> None:
    """Have the provider behave otherwise."""
    async with store.transaction() as transaction:
        await transaction.put_secret(record.uid, "provider", orjson.dumps(spec))


async def metric(store: Store, name: str, namespace: str = "", **spec: Any) -> None:
    """A metric of the provider."""
    kind = "Metric" if namespace else "GlobalMetric"
    source = {"name": "fixed", "metric": name}
    await add(store, name, namespace, kind, spec={"min": 0, "max": 1, "provider": source, **spec}, status={})


async def cluster(store: Store, name: str, *refs: tuple[str, float], state: str = "ONLINE") -> Record:
    """A cluster with global metrics."""
    record = await register(store, name, nowhere(), state=state)
    metrics = [{"name": metric, "weight": weight, "namespaced": False} for metric, weight in refs]
    async with store.transaction() as transaction:
        changed = await transaction.update_spec(
            record, labels={}, spec={**record.spec, "metrics": metrics}, event=UPDATED
        )
        return await transaction.write_status(changed, {"observed_generation": changed.generation})


async def sample(store: Store, settings: Settings) -> Sampled:
    """Sample once."""
    client = await connect(settings, lazy=True)
    return await ActivityEnvironment().run(SamplingActivities(store, client, settings).sample_metrics)


async def shown(store: Store, name: str) -> tuple[str, dict[str, str]]:
    """The state of a cluster as the API shows it, and the codes of its failing metrics."""
    status = document(await store.get("Cluster", "testing", name))["status"]
    return status["state"], {key: item["code"] for key, item in status.get("metrics_reasons", {}).items()}


@pytest.fixture
def settings() -> Settings:
    """Settings without a Temporal server: nothing waits in these tests."""
    return Settings(temporal_address="127.0.0.1:1")


async def test_nothing_is_asked_where_no_cluster_has_metrics(store: Store, settings: Settings) -> None:
    await provider(store, load=0.5)
    await metric(store, "load")
    await cluster(store, "de")
    assert await sample(store, settings) == Sampled()


async def test_every_reason_and_recovery(store: Store, settings: Settings) -> None:
    source = await provider(store, load=0.5, high=7.0)
    for name in ("load", "high", "none"):
        await metric(store, name)
    await metric(store, "lost", provider={"name": "gone", "metric": "lost"})
    await cluster(store, "de", ("load", 1.0))
    await cluster(store, "it", ("high", 1.0), ("none", 1.0), ("unknown", 1.0), ("lost", 1.0), ("load", 1.0))
    await cluster(store, "off", ("high", 1.0), state="OFFLINE")
    await sample(store, settings)
    assert await shown(store, "de") == ("ONLINE", {})
    assert await shown(store, "it") == (
        "FAILING_METRICS",
        {
            "high": "INVALID_METRIC",
            "none": "INVALID_METRIC",
            "unknown": "UNKNOWN_METRIC",
            "lost": "UNKNOWN_METRICS_PROVIDER",
        },
    )
    assert await shown(store, "off") == ("OFFLINE", {"high": "INVALID_METRIC"})
    before = (await store.get("Cluster", "testing", "it")).revision
    await sample(store, settings)
    assert (await store.get("Cluster", "testing", "it")).revision == before

    down = {"type": "prometheus", "prometheus": {"url": "http://127.0.0.1:1", "timeout": 1}}
    await change(store, source, down)
    await sample(store, settings)
    assert await shown(store, "de") == ("FAILING_METRICS", {"load": "UNREACHABLE_METRICS_PROVIDER"})
    await change(store, source, {"type": "static", "static": {"metrics": {"load": 0.1}}})
    await sample(store, settings)
    assert await shown(store, "de") == ("ONLINE", {})
    events = [event.type for event in await store.events("Cluster", "testing", "de")]
    assert events[-2:] == ["FailingMetrics", "MetricsRecovered"]


async def place(store: Store, settings: Settings, name: str, **spec: Any) -> dict[str, Any]:
    """Place an application; returns its decision as it is stored."""
    app = await add(
        store,
        name,
        spec=application_spec({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}, **spec),
    )
    deployment = Deployment(target=target_of(app), generation=1, retry=Retry(), trigger="create")
    await run(PlacementActivities(store, settings).place_application, deployment)
    (decision,) = await store.decisions(app.uid, 1)
    return decision


async def test_placement_uses_weights_constraints_and_preferences(store: Store, settings: Settings) -> None:
    await provider(store, green=0.9, dirty=0.2)
    await metric(store, "green")
    await metric(store, "dirty")
    await cluster(store, "a", ("dirty", 1.0))
    await cluster(store, "b", ("green", 1.0))
    await sample(store, settings)

    async def chosen(name: str, **spec: Any) -> str:
        decision = await place(store, settings, name, **spec)
        return str((decision["chosen"] or {}).get("name", ""))

    assert await chosen("weights") == "b"
    assert await chosen("constraint", constraints={"cluster": {"metrics": ["dirty < 0.5"]}}) == "a"
    assert await chosen("nowhere", constraints={"cluster": {"metrics": ["green > 0.95"]}}) == ""


async def test_a_value_that_is_too_old_disqualifies(store: Store, settings: Settings) -> None:
    await provider(store, load=0.5)
    await metric(store, "load", max_age=1e-6)
    await cluster(store, "a", ("load", 1.0))
    await sample(store, settings)
    assert (await place(store, settings, "echo"))["chosen"] is None
