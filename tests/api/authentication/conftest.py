"""The API with the ways to authenticate that a test chooses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.authentication import authenticator
from api.deps import Services
from krake.secrets import Cipher, new_key
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.conftest import NOWHERE
from tests.support.databases import new_sqlite
from tests.support.issuer import Issuer, running_issuer

Opened = AbstractAsyncContextManager[httpx.AsyncClient]
Open = Callable[..., Opened]


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    """One store for the tests of a module; tests/krake/store shows that both databases keep tokens alike."""
    url = new_sqlite(tmp_path_factory.mktemp("store"))
    async with Store.open(url, Cipher.from_keys([new_key()])) as opened:
        yield opened


@pytest.fixture(scope="module")
async def app(store: Store, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """One API for the tests of a module: to make one takes longer than most of them."""
    folder = tmp_path_factory.mktemp("state")
    settings = Settings(state_dir=folder, temporal_address=NOWHERE, authorization="always-allow")
    made = create_app(settings, store, await connect(settings, lazy=True))
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
def opened(settings: Settings, store: Store, app: FastAPI) -> Open:
    """Has the API authenticate in these ways, with these settings; gives a client of it."""

    @asynccontextmanager
    async def start(*ways: str, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
        chosen = [AuthenticationWay(way) for way in ways]
        changed = settings.model_copy(update={"authentication": chosen, **changes})
        parts: Services = app.state.services
        parts.authenticate = authenticator(changed, store)
        try:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                yield client
        finally:
            await parts.authenticate.close()

    return start


@pytest.fixture(scope="module")
def shared_issuer() -> Iterator[Issuer]:
    """One issuer for the tests of a module: its keys take a moment to make."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(shared_issuer: Issuer) -> Issuer:
    """The issuer, as if it had just started."""
    shared_issuer.keys = {"first": shared_issuer.keys["first"]}
    shared_issuer.name, shared_issuer.away = shared_issuer.url, False
    shared_issuer.asked.clear()
    return shared_issuer


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def refused(answer: httpx.Response, *words: str) -> None:
    """The answer is a 401 as it has to be: a problem document that says what is wrong, and how to log in."""
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith('Bearer realm="krake"')
    problem = answer.json()
    assert problem["status"] == 401 and problem["request_id"]
    for word in words:
        assert word in problem["detail"]
