"""A web server for templates and archives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.files import FileServer, file_server


@pytest.fixture
def web() -> Iterator[FileServer]:
    """A web server on this machine."""
    with file_server() as server:
        yield server
