"""A lifecycle with a long history goes on in a new run, and loses nothing.

The server of these tests suggests so after some dozen events; others do after thousands.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter

from krake.embedded.binaries import TEMPORAL, ensure
from krake.embedded.ports import free_port
from krake.embedded.temporal import TemporalServer
from krake.store import Store
from tests.support.waiting import until
from tests.workflows.failures import unreachable
from tests.workflows.stage import Stage, stage
from tests.workflows.test_application import ended


@dataclass(frozen=True)
class ImpatientServer(TemporalServer):
    """Suggests a new run early."""

    def command(self, program: Path) -> list[str]:
        """The command line of any server, with a lower limit."""
        limit = "--dynamic-config-value=limit.historyCount.suggestContinueAsNew=20"
        return [*super().command(program), limit]


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A client of that server."""
    server = ImpatientServer(tmp_path_factory.mktemp("impatient"), free_port("127.0.0.1"))
    await server.start((await asyncio.to_thread(ensure, [TEMPORAL]))[TEMPORAL.name])
    try:
        yield await Client.connect(server.address, data_converter=pydantic_data_converter)
    finally:
        await server.stop()


@pytest.fixture
async def scene(client: Client, store: Store) -> AsyncIterator[Stage]:
    """A stage on that server."""
    async with stage(client, store) as opened:
        yield opened


async def runs(scene: Stage, workflow_id: str) -> list[WorkflowExecutionStatus | None]:
    """How the runs of a lifecycle ended."""
    query = f"WorkflowId = '{workflow_id}'"
    return [found.status async for found in scene.client.list_workflows(query)]


async def test_a_long_deployment_goes_on_in_a_new_run(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(backoff_limit=3)
    scene.clusters.plan("apply_manifest", *unreachable(2))
    await scene.wake(app)
    await until("its lifecycle ends", lambda: ended(scene, app))
    record = await scene.record(app)
    assert (record.status["state"], record.status["observed_generation"]) == ("RUNNING", 1)
    assert scene.clusters.count("await_ready") == 1

    async def continued() -> bool:
        return WorkflowExecutionStatus.CONTINUED_AS_NEW in await runs(scene, app.workflow_id)

    await until("the list of runs shows it", continued)


async def test_what_changes_just_then_is_not_lost(scene: Stage) -> None:
    await scene.cluster()
    app = await scene.app(backoff_limit=-1)
    scene.clusters.plan("apply_manifest", *unreachable(1))
    await scene.wake(app)
    for seconds in range(10, 30):
        await scene.update(app, readiness_timeout=seconds)
        await scene.wake(app, "sweep")
    await until("its lifecycle ends", lambda: ended(scene, app))
    record = await scene.record(app)
    assert (record.status["state"], record.status["observed_generation"]) == ("RUNNING", record.generation)
