"""The Keystone of the run's OpenStack for Krake's authentication."""

from __future__ import annotations

import pytest

from tests.api.conftest import settings, sqlite_url
from tests.openstack.cloud import OpenStack
from tests.openstack.keystone import Keystone

__all__ = ["settings", "sqlite_url"]


@pytest.fixture
def keystone(openstack: OpenStack) -> Keystone:
    """The server, with its administrator `admin` in the project `admin`; others use it, too."""
    return openstack.keystone
