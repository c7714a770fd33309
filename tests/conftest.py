"""Servers that the whole run shares: two real clusters and a whole Krake, started when first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.workermanage import WorkerController

from krake.embedded.sandbox import Sandbox
from krake.leaving import leave
from tests.im.server import running_im
from tests.openstack.cloud import OpenStack, running_openstack
from tests.support.groups import LoadGroups, leave_groups, sort_slowest_first
from tests.support.postgres import postgres_server
from tests.support.servers import sandbox_cluster
from tests.support.stack import Krake, running_krake

__all__ = ["postgres_server"]

# How long an example takes says more about the machine than about Krake, which `make bench` measures.
settings.register_profile("krake", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("krake")

_STATUS = pytest.StashKey[int]()
_SHARED = pytest.StashKey[TemporaryDirectory[str]]()
_GROUPS = "krake_groups"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Tell each process of several where it leaves which files belong together."""
    stash = node.config.stash
    if _SHARED not in stash:
        stash[_SHARED] = TemporaryDirectory(prefix="krake-tests-")
    node.workerinput[_GROUPS] = str(Path(stash[_SHARED].name, "groups.json"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In one process of several, leave which files belong together, and have the slow ones first."""
    if target := getattr(config, "workerinput", {}).get(_GROUPS):
        leave_groups(items, Path(target))
        sort_slowest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroups | None:
    """With `--dist loadfile`, files that share expensive servers go to one process."""
    if config.getvalue("dist") != "loadfile":
        return None
    return LoadGroups(config, log, Path(config.stash[_SHARED].name, "groups.json"))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how the run ended."""
    session.config.stash[_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End the process as the worker does: the tests use Temporal's client in it, too."""
    if _SHARED in config.stash:
        config.stash[_SHARED].cleanup()
    if _STATUS in config.stash:
        leave(config.stash[_STATUS])


@pytest.fixture(scope="session")
async def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Sandbox]]:
    """Two clusters by name: `de` in Germany, `it` in Italy."""
    folder = tmp_path_factory.mktemp("sandboxes")
    async with AsyncExitStack() as stack:
        contexts = [
            sandbox_cluster(folder, name, labels={"location": name.upper()}, nodes=2) for name in ("de", "it")
        ]
        made = await asyncio.gather(*(stack.enter_async_context(context) for context in contexts))
        yield {sandbox.name: sandbox for sandbox in made}


@pytest.fixture(scope="session")
async def krake(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Krake]:
    """Temporal, API and worker as processes of their own."""
    folder: Path = tmp_path_factory.mktemp("krake")
    async with running_krake(folder) as krake:
        yield krake


@pytest.fixture(scope="session")
async def openstack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenStack]:
    """Keystone, Glance and Magnum, whose clusters are sandboxes."""
    async with running_openstack(tmp_path_factory.mktemp("openstack")) as cloud:
        yield cloud


@pytest.fixture(scope="session")
async def infrastructure_manager(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of an Infrastructure Manager, which anybody may sign in to; its machines are records."""
    async with running_im(tmp_path_factory.mktemp("im")) as address:
        yield address
