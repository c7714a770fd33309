"""Real servers for tests; a session fixture enters one of these once and all tests share the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from kubernetes.aio import client, config

from krake.embedded import sandboxes
from krake.embedded.binaries import TEMPORAL, ensure
from krake.embedded.ports import free_port
from krake.embedded.sandbox import Sandbox
from krake.embedded.temporal import TemporalServer


@asynccontextmanager
async def sandbox_cluster(
    folder: Path, name: str = "sandbox", *, labels: Mapping[str, str] | None = None, nodes: int = 2
) -> AsyncIterator[Sandbox]:
    """A Kubernetes control plane with simulated nodes, deleted afterwards."""
    sandbox = await sandboxes.create(name, labels=labels, nodes=nodes, root=folder)
    try:
        yield sandbox
    finally:
        await sandbox.delete()


@asynccontextmanager
async def temporal_server(folder: Path) -> AsyncIterator[TemporalServer]:
    """Temporal's development server without web pages, stopped afterwards."""
    program = (await asyncio.to_thread(ensure, [TEMPORAL]))[TEMPORAL.name]
    server = TemporalServer(folder, free_port("127.0.0.1"))
    await server.start(program)
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def kubernetes_client(sandbox: Sandbox) -> AsyncIterator[client.ApiClient]:
    """The official client as a sandbox's administrator."""
    async with await config.new_client_from_config(str(sandbox.kubeconfig)) as api:
        yield api
