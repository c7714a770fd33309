"""Comparing an application with its cluster over the API: what is answered when nobody can tell."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from temporalio.client import Client

from api import comparing
from api.app import create_app
from krake.settings import Settings
from krake.store import Store
from tests.api.documents import APPLICATIONS
from tests.support.store import add

PLACED = {
    "state": "RUNNING",
    "scheduled_to": {"api": "kubernetes", "kind": "Cluster", "namespace": "testing", "name": "de"},
}


async def problem(client: httpx.AsyncClient, name: str = "echo") -> tuple[int, str]:
    """Status and detail of the answer."""
    answer = await client.get(f"{APPLICATIONS}/{name}/diff")
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["detail"]


async def test_what_is_nowhere_cannot_be_compared(client: httpx.AsyncClient, store: Store) -> None:
    assert (await problem(client))[0] == 404
    await add(store)
    status, detail = await problem(client)
    assert (status, detail.startswith("Application 'echo' is on no cluster yet")) == (409, True)


async def test_without_temporal_nobody_can_tell(client: httpx.AsyncClient, store: Store) -> None:
    await add(store, status=PLACED)
    status, detail = await problem(client)
    assert (status, "does not answer" in detail) == (503, True)


@pytest.fixture
async def unattended(settings: Settings, store: Store, temporal: Client) -> AsyncIterator[httpx.AsyncClient]:
    """An API with a Temporal that no worker works for."""
    app = create_app(settings, store, temporal)
    made = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api")
    async with app.router.lifespan_context(app), made:
        yield made


async def test_without_a_worker_nobody_can_tell(
    unattended: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "DEADLINE", 1.0)
    await add(store, status=PLACED)
    assert await problem(unattended) == (503, "No worker finished the comparison within 1 s")
