"""A worker process from start to end."""

from __future__ import annotations

import asyncio
import gc
import signal

import structlog
from prometheus_client import start_http_server
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from activities.kubernetes.connections import Connections
from activities.kubernetes.limits import Limits
from krake.errors import KrakeError
from krake.settings import Settings
from krake.store.opening import open_store
from krake.temporal import connect
from worker.build import build_worker
from worker.schedules import ensure_schedules

log = structlog.get_logger()


async def serve(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what runs within the time the settings give.

    Raises:
        KrakeError: Temporal or the store cannot be reached, or the metrics port is taken.
    """
    client = await connect(settings, _runtime(settings))
    async with open_store(settings) as store:
        await store.ping()
        connections = Connections(store, Limits(settings.cluster_timeout, settings.cluster_concurrency))
        try:
            worker = build_worker(client, store, connections, settings)
            await ensure_schedules(client, settings)
            stop = _stop_on_signals()
            async with worker:
                _serve_metrics(settings)
                gc.freeze()
                log.info("worker ready", task_queue=worker.task_queue)
                await stop.wait()
                log.info("worker stopping")
        finally:
            await connections.close()


def _runtime(settings: Settings) -> Runtime:
    address = f"{settings.worker_metrics_host}:{settings.worker_temporal_metrics_port}"
    try:
        return Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=address)))
    except (RuntimeError, ValueError) as error:
        raise _port_taken(address, "KRAKE_WORKER_TEMPORAL_METRICS_PORT") from error


def _serve_metrics(settings: Settings) -> None:
    """Serve the process's metrics; that they answer is also how others see that the worker is ready."""
    try:
        start_http_server(settings.worker_metrics_port, settings.worker_metrics_host)
    except OSError as error:
        address = f"{settings.worker_metrics_host}:{settings.worker_metrics_port}"
        raise _port_taken(address, "KRAKE_WORKER_METRICS_PORT") from error


def _port_taken(address: str, variable: str) -> KrakeError:
    return KrakeError(
        f"Cannot serve metrics on {address}",
        why="the port is taken or may not be used",
        fix=f"Set {variable} to another port; 0 takes any free one",
    )


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
