"""A real Temporal server and a real store; only what clusters do is in the test's hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from krake.secrets import Cipher, new_key
from krake.store import Store
from tests.support.databases import new_sqlite
from tests.support.servers import temporal_server
from tests.workflows.stage import Stage, stage


@pytest.fixture(scope="session")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A client of a development server that the workflow tests share."""
    async with temporal_server(tmp_path_factory.mktemp("temporal")) as server:
        yield await Client.connect(server.address, data_converter=pydantic_data_converter)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(new_sqlite(tmp_path), Cipher.from_keys([new_key()])) as opened:
        yield opened


@pytest.fixture
async def scene(client: Client, store: Store) -> AsyncIterator[Stage]:
    """A worker of the test's own, with a cluster that does what the test says."""
    async with stage(client, store) as opened:
        yield opened
