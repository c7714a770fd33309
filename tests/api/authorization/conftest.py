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
from api.deps import Services
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.authorization.callers import Guarded


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
async def guarded_app(rbac_settings: Settings, store: Store) -> AsyncIterator[FastAPI]:
    """The running application with the base roles."""
    await store_base_roles(store)
    made = create_app(rbac_settings, store, await connect(rbac_settings, lazy=True))
    parts: Services = made.state.services
    parts.authenticate = by_header
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def guarded(guarded_app: FastAPI) -> AsyncIterator[Guarded]:
    """Requests to it in anybody's name."""
    transport = httpx.ASGITransport(guarded_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield Guarded(guarded_app, client)
