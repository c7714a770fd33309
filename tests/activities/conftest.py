"""A real store for activities, and a real cluster where they need one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.kubernetes.connections import Connections
from activities.kubernetes.limits import Limits
from krake.embedded.sandbox import Sandbox
from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store import Store
from tests.activities.workbench import Workbench, workbench
from tests.support.databases import new_sqlite
from tests.support.servers import sandbox_cluster


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store on SQLite; tests/krake/store shows that both databases behave alike."""
    async with Store.open(new_sqlite(tmp_path), Cipher.from_keys([new_key()])) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose state is the test's own."""
    return Settings(state_dir=tmp_path)


@pytest.fixture
async def connections(store: Store) -> AsyncIterator[Connections]:
    """Connections to the clusters in the store."""
    opened = Connections(store, Limits(timeout=3.0))
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    """A cluster that the tests of activities have for themselves."""
    async with sandbox_cluster(tmp_path_factory.mktemp("activities"), nodes=1) as cluster:
        yield cluster


@pytest.fixture
async def bench(store: Store, connections: Connections, sandbox: Sandbox) -> AsyncIterator[Workbench]:
    """Activities at work on the cluster, in a namespace of the test's own."""
    async with workbench(store, connections, sandbox) as opened:
        yield opened
