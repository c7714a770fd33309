"""A stage as that of `tests/workflows`, with production's settings, on a clock that skips waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store import Store
from tests.support.databases import new_sqlite
from tests.time_skipping.clock import Clock, simulated_clock
from tests.time_skipping.observing import ObserveNothing
from tests.time_skipping.server import time_skipping_server
from tests.workflows.stage import Stage, stage
from workflows.observe_cluster import ObserveCluster
from workflows.registry import WORKFLOWS


@pytest.fixture
async def environment(tmp_path: Path) -> AsyncIterator[WorkflowEnvironment]:
    """A test server of the test's own: what another test left undone would keep its clock from skipping."""
    async with time_skipping_server(tmp_path) as started:
        yield started


@pytest.fixture
async def clock(environment: WorkflowEnvironment) -> AsyncIterator[Clock]:
    """The clock of the server and of this process."""
    async with simulated_clock(environment) as clock:
        yield clock


@pytest.fixture
async def store(clock: Clock, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(new_sqlite(tmp_path), Cipher.from_keys([new_key()])) as opened:
        yield opened


@pytest.fixture
async def scene(environment: WorkflowEnvironment, clock: Clock, store: Store) -> AsyncIterator[Stage]:
    """A worker with production's settings and four slots for activities; nobody observes clusters."""
    workflows = [ObserveNothing, *(each for each in WORKFLOWS if each is not ObserveCluster)]
    async with stage(
        environment.client, store, Settings(), workflows=workflows, clock=clock, slots=4
    ) as opened:
        yield opened
