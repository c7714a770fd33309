"""What Temporal has to do with the API: wake-ups after commits, and the operations of a resource."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from temporalio import workflow
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.app import create_app
from krake.messages.base import Target
from krake.messages.lifecycle import Progress, Wake
from krake.messages.names import TASK_QUEUE
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster
from tests.support.store import add
from tests.support.waiting import until

ECHO = f"{APPLICATIONS}/echo"


@workflow.defn(name="Application")
class Lifecycle:
    """A lifecycle that collects its wake-ups and ends when it is told that the application is deleted."""

    def __init__(self) -> None:
        self._causes: list[str] = []

    @workflow.run
    async def run(self, target: Target) -> list[str]:
        await workflow.wait_condition(lambda: any("deleted" in cause for cause in self._causes))
        return self._causes

    @workflow.signal
    def wake(self, message: Wake) -> None:
        self._causes.append(message.cause)

    @workflow.query
    def progress(self) -> Progress:
        return Progress(operation="Application", step=f"woken {len(self._causes)} times")


@pytest.fixture
def url(sqlite_url: str) -> str:
    """These tests are about Temporal: one database suffices."""
    return sqlite_url


@pytest.fixture
async def app(settings: Settings, store: Store, temporal: Client) -> AsyncIterator[FastAPI]:
    """The running application, with a Temporal that answers."""
    made = create_app(settings, store, temporal)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def worker(temporal: Client) -> AsyncIterator[None]:
    """A worker for the lifecycle above."""
    async with Worker(
        temporal,
        task_queue=TASK_QUEUE,
        workflows=[Lifecycle],
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=1),
    ):
        yield


@pytest.fixture(autouse=True)
async def no_runs(temporal: Client) -> AsyncIterator[None]:
    """Find no open run of other tests, whose payloads may be encrypted, and leave none to the next one."""
    await _end_runs(temporal)
    yield
    await _end_runs(temporal)


async def _end_runs(temporal: Client) -> None:
    async for run in temporal.list_workflows("ExecutionStatus = 'Running'"):
        try:
            await temporal.get_workflow_handle(run.id).terminate()
        except RPCError as error:
            # The list is a little behind: it may have ended meanwhile.
            if error.status != RPCStatusCode.NOT_FOUND:
                raise


async def operations(client: httpx.AsyncClient) -> list[dict[str, str]]:
    """The application's operations."""
    answer = await client.get(f"{ECHO}/operations")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, str]] = answer.json()["items"]
    return items


@pytest.mark.usefixtures("worker")
async def test_each_write_wakes_the_lifecycle_and_the_runs_are_shown(
    client: httpx.AsyncClient, temporal: Client
) -> None:
    created = await client.post(APPLICATIONS, json=application())

    async def shows(step: str) -> bool:
        return [run["step"] for run in (await operations(client))[:1]] == [step]

    await until("the lifecycle runs", lambda: shows("woken 1 times"))
    await client.put(ECHO, json=created.json())
    await client.put(ECHO, json=application(backoff=2))
    await until("the change reaches the lifecycle", lambda: shows("woken 2 times"))
    await client.delete(ECHO)
    causes = await temporal.get_workflow_handle("application/testing/echo").result()

    assert [cause.partition(" (")[0] for cause in causes] == [
        "created by tester",
        "updated by tester",
        "deleted by tester",
    ]
    assert created.headers["x-request-id"] in causes[0]

    async def completed() -> bool:
        return (await operations(client))[0]["state"] == "COMPLETED"

    await until("the run is shown as completed", completed)
    run = (await operations(client))[0]
    assert run["operation"] == "Application"
    assert run["workflow_id"] == "application/testing/echo"
    assert run["started"] < run["finished"]
    assert run["step"] == ""
    sent = (await client.get("/metrics")).text
    assert 'krake_api_wakes_total{outcome="sent"} 3.0' in sent


async def test_worker_that_is_down_is_told_and_does_not_hang_the_route(client: httpx.AsyncClient) -> None:
    await client.post(APPLICATIONS, json=application())

    async def told() -> bool:
        runs = await operations(client)
        return [run["step"] for run in runs if run["state"] == "RUNNING"] == ["no worker answered"]

    await until("the newest run says that no worker answered", told, 20)


async def test_operations_of_what_never_was(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{ECHO}/operations")).status_code == 404
    assert (await client.get(f"{APPLICATIONS}/a' or KrakeName != '/operations")).status_code == 404


async def test_manifest_and_credentials_never_reach_temporal(
    client: httpx.AsyncClient, temporal: Client
) -> None:
    await client.post(CLUSTERS, json=cluster())

    async def started() -> bool:
        runs = [run async for run in temporal.list_workflows("WorkflowId = 'cluster/testing/de'")]
        return bool(runs)

    await until("the cluster's lifecycle is started", started)
    history = await temporal.get_workflow_handle("cluster/testing/de").fetch_history()
    assert "10.0.0.1" not in history.to_json()
    assert "s3cr3t" not in history.to_json()


async def test_ready_when_all_parts_answer(client: httpx.AsyncClient) -> None:
    ready = await client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ok", "checks": {"store": "ok", "temporal": "ok"}}


class TestWithoutTemporal:
    """What the API owes its clients while Temporal is away."""

    @pytest.fixture
    async def app(self, settings: Settings, store: Store) -> AsyncIterator[FastAPI]:
        """The running application; nothing answers at Temporal's address."""
        made = create_app(settings, store, await connect(settings, lazy=True))
        async with made.router.lifespan_context(made):
            yield made

    async def test_writes_succeed_and_lost_wake_ups_are_counted(self, client: httpx.AsyncClient) -> None:
        assert (await client.post(APPLICATIONS, json=application())).status_code == 201
        assert (await client.delete(ECHO)).status_code == 200

        async def counted() -> bool:
            return 'krake_api_wakes_total{outcome="failed"} 2.0' in (await client.get("/metrics")).text

        await until("the failures are counted", counted)

    async def test_operations_answer_with_a_problem(self, client: httpx.AsyncClient, store: Store) -> None:
        await add(store)
        refused = await client.get(f"{ECHO}/operations")
        assert refused.status_code == 503
        assert "Temporal" in refused.json()["detail"]
        assert refused.headers["retry-after"]

    async def test_readiness_names_the_part_that_fails(self, client: httpx.AsyncClient) -> None:
        failing = await client.get("/readyz")
        assert failing.status_code == 503
        assert failing.json()["checks"] == {"store": "ok", "temporal": "cannot be reached"}
        assert (await client.get("/healthz")).status_code == 200
