"""A user in a namespace of Krake of their own, and both clusters as Kubernetes shows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from krake.embedded.sandbox import Sandbox
from tests.support.kubernetes import Kubernetes, kubernetes
from tests.support.stack import Krake
from tests.support.user import User

LAST = "test_traces"
"""The module that looks at everything the others left behind."""
OBSERVED = {
    "/kubernetes/namespaces/{}/clusters": {"force": "True"},
    "/infrastructure/namespaces/{}/clouds": {"policy": "cascade"},
    "/core/namespaces/{}/metrics": {},
}
"""What Krake looks at again and again, and how it is deleted at once."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Look for traces when all others have left theirs."""
    items.sort(key=lambda item: LAST in item.nodeid)


@pytest.fixture(scope="session")
async def de(sandboxes: dict[str, Sandbox]) -> AsyncIterator[Kubernetes]:
    """The cluster in Germany."""
    async with kubernetes(sandboxes["de"]) as cluster:
        yield cluster


@pytest.fixture(scope="session")
async def it(sandboxes: dict[str, Sandbox]) -> AsyncIterator[Kubernetes]:
    """The cluster in Italy."""
    async with kubernetes(sandboxes["it"]) as cluster:
        yield cluster


@pytest.fixture(scope="session")
async def settled(
    krake: Krake, sandboxes: dict[str, Sandbox], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A namespace of Krake in which both clusters are ONLINE."""
    user = User(krake, "settled", tmp_path_factory.mktemp("settled"))
    for answer in await asyncio.gather(*(user.register(sandbox) for sandbox in sandboxes.values())):
        answer.ok()
    return user.namespace


@pytest.fixture
async def krake_up(krake: Krake) -> AsyncIterator[Krake]:
    """The stack for tests that kill parts of it: whatever happens, all of it runs again afterwards."""
    yield krake
    await krake.up()


@pytest.fixture
def rok(krake: Krake, settled: str, tmp_path: Path) -> User:
    """A user in the namespace with both clusters."""
    return User(krake, settled, tmp_path)


@pytest.fixture
async def newcomer(krake: Krake, tmp_path: Path) -> AsyncIterator[User]:
    """A user in an empty namespace; what would be observed until the run ends is deleted with the test."""
    user = User(krake, f"new-{uuid4().hex[:8]}", tmp_path)
    yield user
    await krake.up()
    async with krake.http(timeout=30) as http:
        for path, options in OBSERVED.items():
            collection = path.format(user.namespace)
            items = (await http.get(collection)).raise_for_status().json()["items"]
            names = [item["metadata"]["name"] for item in items]
            await asyncio.gather(*(http.delete(f"{collection}/{name}", params=options) for name in names))


@pytest.fixture
def name() -> str:
    """A name that no other test uses, for an application and its objects."""
    return f"app-{uuid4().hex[:8]}"
