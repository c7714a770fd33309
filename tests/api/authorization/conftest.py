"""The API with roles in force, and callers that say who they are."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import Scope

from api.app import create_app
from api.authentication import Authenticator, User
from api.authorization.base import store_base_roles
from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.authorization.callers import Guarded
from tests.support.databases import make_tables


class ByHeader(Authenticator):
    """Takes everybody for whom the test says."""

    async def __call__(self, scope: Scope) -> User:
        """Whoever the test says it is."""
        headers = Headers(scope=scope)
        groups = tuple(name for name in headers.get("X-Groups", "").split(",") if name)
        return User(headers["X-User"], groups)


by_header = ByHeader([], None)


@pytest.fixture
def rbac_settings(settings: Settings) -> Settings:
    """Settings with roles in force, as by default."""
    return settings.model_copy(update={"authorization": Settings.model_fields["authorization"].default})


@pytest.fixture
async def guarded_app(
    rbac_settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    """The running application with the base roles."""
    await store_base_roles(store)
    made = create_app(rbac_settings, store, await connect(rbac_settings, lazy=True))
    monkeypatch.setattr(made.state.services, "authenticate", by_header)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guarded]:
    """The same on SQLite, for all tests of a module: users and roles of one must not be in another's way."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("shared"), temporal_address="127.0.0.1:1")
    make_tables(settings.store_url)
    async with Store.open(settings.store_url, Cipher.from_keys([new_key()])) as store:
        await store_base_roles(store)
        app = create_app(settings, store, await connect(settings, lazy=True))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app.state.services, "authenticate", by_header)
            transport = httpx.ASGITransport(app)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://api") as client,
            ):
                yield Guarded(app, client)


@pytest.fixture
async def guarded(guarded_app: FastAPI) -> AsyncIterator[Guarded]:
    """Requests to it in anybody's name."""
    transport = httpx.ASGITransport(guarded_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield Guarded(guarded_app, client)
