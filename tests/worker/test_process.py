"""`python -m worker` from start to end, as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from krake import temporal as krake_temporal
from krake.embedded.ports import free_port
from krake.settings import Settings
from krake.store.opening import open_store
from tests.activities.workbench import nowhere, register, target_of
from tests.support.plain_http import plain_http
from tests.support.waiting import until

HOST = "127.0.0.1"
GRACE = 2.0
START = 90.0
"""Seconds that a busy machine may take to start a process that loads all clients."""


class WorkerProcess:
    """A worker that a test started; what it says is in `output`."""

    def __init__(self, settings: Settings, **environment: str) -> None:
        self.metrics = f"http://{HOST}:{environment.get('KRAKE_WORKER_METRICS_PORT', '')}/metrics"
        self._log = settings.state_dir / "worker.log"
        variables = {
            "KRAKE_STATE_DIR": str(settings.state_dir),
            "KRAKE_TEMPORAL_ADDRESS": settings.temporal_address,
            "KRAKE_TEMPORAL_ENCRYPTION": str(settings.temporal_encryption),
            "KRAKE_WORKER_TEMPORAL_METRICS_PORT": "0",
            "KRAKE_WORKER_GRACEFUL_SHUTDOWN": str(GRACE),
            "KRAKE_OBSERVE_INTERVAL": "1",
            **environment,
        }
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker"],
                env={**os.environ, **variables},
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
            )

    @property
    def output(self) -> str:
        """Everything it has said."""
        return self._log.read_text()

    async def ready(self) -> None:
        """Wait until it polls."""
        await until("the worker is ready", self._answers, START)

    async def _answers(self) -> bool:
        assert self.process.poll() is None, self.output
        async with plain_http() as client:
            try:
                return (await client.get(self.metrics)).status_code == 200
            except httpx.TransportError:
                return False

    async def ended(self, seconds: float) -> int:
        """Wait for its end; returns its exit code."""

        async def over() -> bool:
            return self.process.poll() is not None

        await until("the worker ends", over, seconds)
        return int(self.process.returncode)


@contextmanager
def worker_process(settings: Settings, **environment: str) -> Iterator[WorkerProcess]:
    """A worker with metrics on a free port, killed at the end."""
    port = environment.pop("KRAKE_WORKER_METRICS_PORT", str(free_port(HOST)))
    worker = WorkerProcess(settings, KRAKE_WORKER_METRICS_PORT=port, **environment)
    try:
        yield worker
    finally:
        worker.process.kill()
        worker.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_worker_stops_at_once(settings: Settings, number: signal.Signals) -> None:
    with worker_process(settings) as worker:
        await worker.ready()
        started = time.monotonic()
        worker.process.send_signal(number)
        assert await worker.ended(10) == 0
        assert time.monotonic() - started < GRACE + 3
        assert "Traceback" not in worker.output


async def test_a_worker_at_work_stops_within_its_time(settings: Settings) -> None:
    """Observing never ends by itself: another worker takes it over."""
    with worker_process(settings) as worker:
        await worker.ready()
        client = await krake_temporal.connect(settings)
        async with open_store(settings) as store:
            cluster = target_of(await register(store, "de", nowhere()))
        await krake_temporal.wake(client, cluster, "created")
        handle = client.get_workflow_handle(f"{cluster.workflow_id}/observe")

        async def at_work() -> bool:
            description = await handle.describe() if await exists() else None
            return description is not None and bool(description.raw_description.pending_activities)

        async def exists() -> bool:
            query = f"WorkflowId = '{handle.id}'"
            return [found async for found in client.list_workflows(query)] != []

        await until("the cluster is observed", at_work)
        started = time.monotonic()
        worker.process.terminate()
        assert await worker.ended(15) == 0
        assert time.monotonic() - started < GRACE + 5
        await handle.terminate()


async def test_temporal_that_cannot_be_reached_is_told(settings: Settings) -> None:
    nobody = f"{HOST}:{free_port(HOST)}"
    with worker_process(settings, KRAKE_TEMPORAL_ADDRESS=nobody) as worker:
        assert await worker.ended(START) == 1, worker.output
        assert f"Error: Cannot reach Temporal at {nobody}" in worker.output
        assert "check KRAKE_TEMPORAL_ADDRESS" in worker.output
        assert "Traceback" not in worker.output


@pytest.mark.parametrize("variable", ["KRAKE_WORKER_METRICS_PORT", "KRAKE_WORKER_TEMPORAL_METRICS_PORT"])
async def test_a_taken_metrics_port_is_told(settings: Settings, variable: str) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with worker_process(settings, **{variable: str(port)}) as worker:
            assert await worker.ended(START) == 1, worker.output
            assert f"Error: Cannot serve metrics on {HOST}:{port}" in worker.output
            assert f"Set {variable} to another port" in worker.output
            assert "Traceback" not in worker.output


async def test_a_store_without_tables_is_told(settings: Settings) -> None:
    (settings.state_dir / "krake.db").unlink()
    with worker_process(settings) as worker:
        assert await worker.ended(START) == 1, worker.output
        assert worker.output.startswith("Error: ") or "\nError: " in worker.output
        assert "Traceback" not in worker.output
