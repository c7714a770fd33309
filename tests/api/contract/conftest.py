"""One running application for each database, which all rows of the table share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from krake.secrets import Cipher, new_key
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.conftest import NOWHERE
from tests.support.databases import new_sqlite
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="module")
def sqlite_for_all(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a SQLite database with tables."""
    return new_sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="module")
def postgresql_for_all(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a PostgreSQL database with tables."""
    with postgres_server.database_with_tables() as made:
        yield made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def shared_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FastAPI]:
    """The application on an empty database of each sort; no Temporal answers."""
    folder: Path = tmp_path_factory.mktemp("contract")
    url = request.getfixturevalue(f"{request.param}_for_all")
    settings = Settings(
        state_dir=folder,
        temporal_address=NOWHERE,
        authentication=[AuthenticationWay.STATIC],
        static_user="tester",
        authorization="always-allow",
    )
    async with Store.open(url, Cipher.from_keys([new_key()])) as store:
        app = create_app(settings, store, await connect(settings, lazy=True))
        async with app.router.lifespan_context(app):
            yield app


@pytest.fixture(scope="module")
async def caller(shared_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it, without a socket between them."""
    transport = httpx.ASGITransport(shared_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as made:
        yield made
