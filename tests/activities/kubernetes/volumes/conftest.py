"""Two clusters whose Pods run commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.kubernetes.connections import Connections
from krake.settings import Settings
from krake.store import Store
from tests.activities.kubernetes.volumes.stage import Stage, staged


@pytest.fixture
async def stage(
    tmp_path: Path, store: Store, connections: Connections, settings: Settings
) -> AsyncIterator[Stage]:
    """A Pod on both clusters, with nothing in its volume yet."""
    async with staged(tmp_path, store, connections, settings) as opened:
        yield opened
