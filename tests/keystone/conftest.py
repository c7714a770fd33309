"""A real Keystone for Krake's authentication; a test ends it, so it is none that others use."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.api.conftest import settings, sqlite_url
from tests.openstack.keystone import Keystone, running_keystone

__all__ = ["settings", "sqlite_url"]


@pytest.fixture(scope="session")
async def keystone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Keystone]:
    """The server, with its administrator `admin` in the project `admin`."""
    async with running_keystone(tmp_path_factory.mktemp("keystone")) as server:
        yield server
