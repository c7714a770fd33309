"""Metrics are sampled by a workflow, and what waits for one of them is woken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from temporalio.api.enums.v1 import EventType
from temporalio.service import RPCError

from activities.rebalancing.rebalancing import RebalancingActivities
from krake.messages.base import Target
from krake.messages.names import WorkflowName
from krake.messages.observing import PassOrder, Sampled
from krake.passes import PASS_ID
from krake.settings import Settings
from tests.support.store import add
from tests.workflows.stage import Stage


async def measured(scene: Stage, value: float) -> Target:
    """A cluster with one metric of a static provider; returns the provider."""
    fixed = await add(scene.store, "fixed", scene.namespace, "MetricsProvider", status={})
    source = {"name": "fixed", "metric": "load"}
    spec = {"min": 0, "max": 1, "provider": source}
    await add(scene.store, "load", scene.namespace, "Metric", spec=spec, status={})
    provider = Target(kind=fixed.kind, namespace=fixed.namespace, name=fixed.name, uid=fixed.uid)
    await give(scene, provider, value)
    await scene.cluster(metrics=[{"name": "load", "weight": 1.0, "namespaced": True}])
    return provider


async def give(scene: Stage, provider: Target, value: float) -> None:
    """Have the provider give this value."""
    spec = {"type": "static", "static": {"metrics": {"load": value}}}
    async with scene.store.transaction() as transaction:
        await transaction.put_secret(provider.uid, "provider", orjson.dumps(spec))


async def sampled(scene: Stage) -> Sampled:
    """Sample once, as the schedule does."""
    result: Sampled = await scene.client.execute_workflow(
        WorkflowName.SAMPLE_METRICS,
        id=f"sample-{uuid4().hex}",
        task_queue=scene.queue,
        result_type=Sampled,
    )
    return result


async def result_of(scene: Stage, app: Target) -> Any:
    """What the application's newest run came to."""
    return await (await scene.wake(app)).result()


async def test_an_application_waits_for_a_value_and_is_woken_when_it_changes(scene: Stage) -> None:
    provider = await measured(scene, 0.9)
    assert await sampled(scene) == Sampled(metrics=1, failing=0)
    app = await scene.app(constraints={"cluster": {"metrics": ["load < 0.5"]}})
    await result_of(scene, app)
    assert (await scene.record(app)).status["reason"]["code"] == "NO_SUITABLE_RESOURCE"
    first = (await scene.client.get_workflow_handle(app.workflow_id).describe()).run_id

    async def asked() -> int:
        """How often a look at all applications was asked for."""
        try:
            history = await scene.client.get_workflow_handle(PASS_ID).fetch_history()
        except RPCError:
            return 0
        kind = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
        return sum(1 for event in history.events if event.event_type == kind)

    async def look() -> str:
        """Look at all applications; returns the run of this one."""
        await RebalancingActivities(scene.store, scene.client, Settings()).run_pass(
            PassOrder(), datetime.now(UTC)
        )
        return str((await scene.client.get_workflow_handle(app.workflow_id).describe()).run_id)

    before = await asked()
    await give(scene, provider, 0.89)
    await sampled(scene)
    assert await asked() == before
    assert await look() == first
    await give(scene, provider, 0.2)
    await sampled(scene)
    assert await asked() == before + 1
    assert await look() != first


async def test_a_value_out_of_range_fails_and_recovers_and_wakes_who_waits(scene: Stage) -> None:
    provider = await measured(scene, 7.0)
    await sampled(scene)
    app = await scene.app()
    await result_of(scene, app)
    cluster = await scene.store.get("Cluster", scene.namespace, "de")
    assert cluster.status["metrics_reasons"]["load"]["code"] == "INVALID_METRIC"
    assert (await scene.record(app)).status["state"] == "PENDING"
    first = (await scene.client.get_workflow_handle(app.workflow_id).describe()).run_id

    await give(scene, provider, 0.2)
    await sampled(scene)
    cluster = await scene.store.get("Cluster", scene.namespace, "de")
    assert cluster.status["metrics_reasons"] == {}
    assert (await scene.client.get_workflow_handle(app.workflow_id).describe()).run_id != first
    decision = (await scene.store.decisions(app.uid, 1))[0]
    assert decision["chosen"] is None
