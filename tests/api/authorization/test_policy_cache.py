"""The policy is current: at once in this process, soon in others, and for next to nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

import httpx
import pytest

from api.app import create_app
from api.authentication import User
from api.authorization.authorizer import Authorizer
from api.authorization.needs import Need
from api.authorization.reach import EVERYWHERE, NOWHERE
from api.problems import ProblemError
from krake.models.permissions import Verb
from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store import Store
from krake.store.errors import StoreError
from krake.temporal import connect
from tests.api.authorization.callers import Guarded, binding, metric, rule
from tests.api.authorization.conftest import by_header
from tests.api.authorization.test_matrix import ON_SQLITE
from tests.support.waiting import until

APPLICATIONS = "/kubernetes/namespaces/a/applications"
NEED = Need.of(Verb.LIST, "kubernetes", "applications")


@pytest.fixture
async def elsewhere(
    url: str, rbac_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Guarded]:
    """Another API process on the same store."""
    async with Store.open(url, Cipher.from_keys([new_key()])) as store:
        app = create_app(rbac_settings, store, await connect(rbac_settings, lazy=True))
        monkeypatch.setattr(app.state.services, "authenticate", by_header)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            yield Guarded(app, client)


@ON_SQLITE
async def test_what_is_revoked_ends_with_the_next_request(guarded: Guarded) -> None:
    for _ in range(2):
        await guarded.grant("anna", rule("get,list", "applications", ["a"]))
        assert (await guarded.ask("anna", "GET", APPLICATIONS)).status_code == 200
        await guarded.master("DELETE", "/core/rolebindings/anna")
        assert (await guarded.ask("anna", "GET", APPLICATIONS)).status_code == 403
        await guarded.master("POST", "/core/rolebindings", binding("anna", "anna", ["anna"]))
        assert (await guarded.ask("anna", "GET", APPLICATIONS)).status_code == 200
        await guarded.master("DELETE", "/core/roles/anna")
        assert (await guarded.ask("anna", "GET", APPLICATIONS)).status_code == 403
        await guarded.master("DELETE", "/core/rolebindings/anna")


async def test_another_process_follows_within_a_second(guarded: Guarded, elsewhere: Guarded) -> None:
    await guarded.grant("anna", rule("get,list", "applications", ["a"]))

    async def answers(status: int) -> None:
        async def so() -> bool:
            return (await elsewhere.ask("anna", "GET", APPLICATIONS)).status_code == status

        await until(f"the other process answers {status}", so, seconds=1)

    await answers(200)
    await guarded.master("DELETE", "/core/rolebindings/anna")
    await answers(403)
    await guarded.bind("anna", "anna", ["a"])
    await answers(200)


@ON_SQLITE
async def test_a_watch_ends_when_its_right_is_taken(guarded: Guarded) -> None:
    documents = [metric(name) for name in ("one", "two", "three")]
    await guarded.grant("anna", rule("list", "metrics", ["a", "b"], "core"))
    async with guarded.watching("anna", "/core/metrics", heartbeat=0) as watch:
        assert await watch.status() == 200
        await guarded.master("POST", "/core/namespaces/b/metrics", documents[0])
        assert await watch.chunk() == [("ADDED", "b", "one")]
        # From two namespaces to one, and then to none.
        narrow = binding("anna", "anna", ["anna"], namespaces=["a"])
        await guarded.master("PUT", "/core/rolebindings/anna", narrow)
        await guarded.master("POST", "/core/namespaces/b/metrics", documents[1])
        await guarded.master("POST", "/core/namespaces/a/metrics", documents[1])
        assert await watch.chunk() == [("ADDED", "a", "two")]
        await guarded.master("DELETE", "/core/rolebindings/anna")
        await guarded.master("POST", "/core/namespaces/a/metrics", documents[2])
        assert await watch.chunk() == [("ERROR", "", "403")]
        assert await watch.chunk() == []
        assert await watch.ended()


@ON_SQLITE
async def test_asking_costs_one_small_query_now_and_then(
    guarded: Guarded, store: Store, rbac_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await guarded.grant("anna", rule("list", "applications", ["a"]))
    asked: list[str] = []
    newest, listed = store.newest_of, store.list

    async def counted_newest(*kinds: str) -> tuple[int | None, ...]:
        asked.append("newest")
        return await newest(*kinds)

    async def counted_list(kind: str) -> object:
        asked.append(f"list {kind}")
        return await listed(kind)

    monkeypatch.setattr(store, "newest_of", counted_newest)
    monkeypatch.setattr(store, "list", counted_list)
    authorizer, anna = Authorizer(rbac_settings, store), User("anna")
    await asyncio.gather(*(authorizer.authorize(anna, NEED, "a") for _ in range(20)))
    assert asked == ["newest", "list Role", "list RoleBinding"]
    times = []
    for _ in range(2000):
        started = time.perf_counter()
        await authorizer.authorize(anna, NEED, "a")
        times.append(time.perf_counter() - started)
    assert set(asked[3:]) <= {"newest"}
    assert median(times) < 0.0001


async def test_without_a_store_nothing_is_allowed(rbac_settings: Settings, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/missing/krake.db"
    async with Store.open(url, Cipher.from_keys([new_key()])) as store:
        authorizer = Authorizer(rbac_settings, store)
        with pytest.raises(StoreError):
            await authorizer.authorize(User("anna"), NEED, "a")
        assert await authorizer.authorize(User("root", ("system:masters",)), NEED, None) == EVERYWHERE


@ON_SQLITE
@pytest.mark.parametrize("mode", ["always-allow", "always-deny"])
async def test_modes_that_ask_no_roles(rbac_settings: Settings, store: Store, mode: str) -> None:
    settings = rbac_settings.model_copy(update={"authorization": mode})
    authorizer = Authorizer(settings, store)
    for user in (User("anna"), User("root", ("system:masters",))):
        assert await authorizer.reach(user, NEED) == (EVERYWHERE if mode == "always-allow" else NOWHERE)
    if mode == "always-deny":
        with pytest.raises(ProblemError, match="KRAKE_AUTHORIZATION"):
            await authorizer.authorize(User("anna"), NEED, "a")


def test_roles_decide_unless_something_else_is_said() -> None:
    assert Settings().authorization == "rbac"
