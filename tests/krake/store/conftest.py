"""The store on both databases: every test here runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from krake.secrets import Cipher, new_key
from krake.store import Store
from tests.support.databases import new_sqlite
from tests.support.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'krake.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with tables."""
    if request.param == "sqlite":
        yield new_sqlite(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database_with_tables() as made:
        yield made


@pytest.fixture(scope="session")
def key() -> str:
    """The encryption key of all stores."""
    return new_key()


@pytest.fixture
async def store(url: str, key: str) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(url, Cipher.from_keys([key])) as opened:
        yield opened


@pytest.fixture
async def other_store(url: str, key: str) -> AsyncIterator[Store]:
    """The same store, opened a second time as another process would."""
    async with Store.open(url, Cipher.from_keys([key])) as opened:
        yield opened
