"""The API on a real store: most tests run on SQLite and on PostgreSQL, those of Temporal on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from temporalio.client import Client

from api.app import create_app
from api.server import Server, address_of, config, listen
from krake.secrets import Cipher, new_key
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.support.databases import new_sqlite
from tests.support.plain_http import plain_http
from tests.support.postgres import PostgresServer
from tests.support.servers import temporal_server

NOWHERE = "127.0.0.1:1"
"""An address at which no Temporal answers: what the API owes its clients does not depend on it."""


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database with tables."""
    return new_sqlite(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database with tables."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database_with_tables() as made:
        yield made


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(url, Cipher.from_keys([new_key()])) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings for tests; no Temporal answers, and everything is allowed."""
    return Settings(
        state_dir=tmp_path,
        temporal_address=NOWHERE,
        authentication=[AuthenticationWay.STATIC],
        static_user="tester",
        authorization="always-allow",
    )


@pytest.fixture
async def app(settings: Settings, store: Store) -> AsyncIterator[FastAPI]:
    """The running application."""
    made = create_app(settings, store, await connect(settings, lazy=True))
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, without a socket between them."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as made:
        yield made


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real server on a free port; gives its URL."""
    with listen("127.0.0.1", 0) as listener:
        server = Server(config(app))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield address_of(listener)
        finally:
            server.should_exit = True
            await asyncio.wait_for(serving, 10)


@pytest.fixture
async def http(settings: Settings, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application through a real server and sockets."""
    made = create_app(settings, store, await connect(settings, lazy=True))
    async with served(made) as base_url, plain_http(base_url=base_url) as client:
        yield client


@pytest.fixture(scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A connection to a real Temporal server."""
    async with temporal_server(tmp_path_factory.mktemp("temporal")) as server:
        yield await connect(Settings(temporal_address=server.address, temporal_encryption=False))
