"""Krake's API in front of a real Keystone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from api.app import create_app
from krake.embedded.ports import free_port
from krake.secrets import Cipher, new_key
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.authentication.conftest import bearer, refused
from tests.openstack.keystone import PASSWORD, Keystone

pytestmark = pytest.mark.timeout(600)
"""Keystone takes its time to be made, with the rest of the run's OpenStack."""


@pytest.fixture
async def client(keystone: Keystone, settings: Settings, sqlite_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that asks Keystone each time."""
    async with api_that_asks(keystone.url, settings, sqlite_url) as made:
        yield made


@asynccontextmanager
async def api_that_asks(url: str, settings: Settings, sqlite_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that asks a Keystone at this address each time."""
    ways = [AuthenticationWay.TOKENS, AuthenticationWay.KEYSTONE]
    changes = {"authentication": ways, "keystone_url": url, "keystone_cache_seconds": 0.0}
    settings = settings.model_copy(update=changes)
    async with Store.open(sqlite_url, Cipher.from_keys([new_key()])) as store:
        app = create_app(settings, store, await connect(settings, lazy=True))
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://api") as made,
        ):
            yield made


async def test_projects_and_roles_are_groups(client: httpx.AsyncClient, keystone: Keystone) -> None:
    token = await keystone.log_in("admin", scope="admin")
    by_header = await client.get("/me", headers={"X-Auth-Token": token})
    by_bearer = await client.get("/me", headers=bearer(token))
    me = by_header.json()
    assert by_bearer.json() == me
    assert me["user"] == "admin"
    roles = {group.rpartition(":")[2] for group in me["groups"] if group.count(":") == 2}
    assert {"admin", "member", "reader"} <= roles


async def test_a_user_without_rights_may_ask_about_itself_and_one_of_another_domain_is_refused(
    client: httpx.AsyncClient, keystone: Keystone
) -> None:
    admin = await keystone.log_in("admin", scope="admin")
    other = await keystone.create(admin, "domains", name="other")
    for domain in ("default", other):
        await keystone.create(admin, "users", name="alice", password=PASSWORD, domain_id=domain)
    me = (await client.get("/me", headers=bearer(await keystone.log_in("alice")))).json()
    assert (me["user"], me["groups"]) == ("alice", ["system:authenticated"])
    foreign = await keystone.log_in("alice", domain=other)
    refused(await client.get("/me", headers=bearer(foreign)), "the domain 'Default'")


async def test_revoked_and_invented_tokens_are_refused(client: httpx.AsyncClient, keystone: Keystone) -> None:
    token = await keystone.log_in("admin", scope="admin")
    assert (await client.get("/me", headers=bearer(token))).status_code == 200
    await keystone.revoke(token)
    for bad in (token, token[:-4] + "AAAA", "invented"):
        answer = await client.get("/me", headers=bearer(bad))
        refused(answer, "Keystone does not know it")
        assert answer.json()["title"] == "INVALID_KEYSTONE_TOKEN"


async def test_a_keystone_that_is_gone_is_no_refusal(
    keystone: Keystone, settings: Settings, sqlite_url: str
) -> None:
    token = await keystone.log_in("admin", scope="admin")
    nowhere = f"http://127.0.0.1:{free_port('127.0.0.1')}/v3"
    async with api_that_asks(nowhere, settings, sqlite_url) as client:
        answer = await client.get("/me", headers=bearer(token))
    assert answer.status_code == 503
    assert "Keystone does not answer" in answer.json()["detail"]
