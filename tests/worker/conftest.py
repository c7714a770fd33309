"""A real Temporal server for the worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from krake.embedded.temporal import TemporalServer
from krake.keyfile import prepare_keys
from krake.settings import Settings
from tests.support.databases import make_tables
from tests.support.servers import temporal_server


@pytest.fixture(scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TemporalServer]:
    """A development server that the tests of the worker share."""
    async with temporal_server(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture(scope="session")
async def client(temporal: TemporalServer) -> Client:
    """A client as Krake's parts have one."""
    return await Client.connect(temporal.address, data_converter=pydantic_data_converter)


@pytest.fixture
def settings(tmp_path: Path, temporal: TemporalServer) -> Settings:
    """Settings of a worker with a store of its own, on free ports."""
    settings = Settings(
        state_dir=tmp_path,
        temporal_address=temporal.address,
        worker_metrics_port=0,
        worker_temporal_metrics_port=0,
        worker_graceful_shutdown=1,
        # Each test has a key of its own, and would find what others left on the server they share.
        temporal_encryption=False,
    )
    prepare_keys(settings)
    make_tables(settings.store_url)
    return settings
