"""Collecting what was left behind on a real cluster, and nothing that is in use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from activities.kubernetes.collecting import CollectingActivities, owed
from activities.kubernetes.disowning import Fate, collect_orphan
from activities.kubernetes.objects import OWNER_ANNOTATION, OWNER_LABEL
from krake.leftovers import leave_behind, let_go
from krake.messages.base import Target
from krake.messages.removing import Collected, Collection
from krake.secrets import Cipher, new_key
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, Workbench, register, run, target_of
from tests.support.manifests import config_map, deployment, service
from tests.support.store import add


async def left(bench: Workbench, app: Target, *, forget: bool) -> None:
    """The application loses the cluster, and its objects stay; with `forget` it is deleted by force."""
    async with bench.store.transaction() as transaction:
        record = await transaction.get("Application", app.namespace, app.name)
        if forget:
            await leave_behind(transaction, record, "deleted by force")
            await transaction.remove(record, NewEvent("Deleted"))
        else:
            event = NewEvent("LetGo")
            uid = bench.cluster.uid
            assert await let_go(transaction, record, uid, owed=True, reason="a test", event=event)


async def collected(bench: Workbench, **fields: bool) -> Collected:
    """Collect from the cluster, as a worker would."""
    activities = CollectingActivities(bench.store, bench.connections)
    return await run(activities.collect_orphans, Collection(cluster=bench.cluster, **fields))


async def test_what_was_left_is_removed_and_forgotten(bench: Workbench) -> None:
    app = await bench.app("echo", deployment("echo"), service("echo"), config_map("settings"))
    await bench.deploy(app)
    await left(bench, app, forget=True)
    outcome = await collected(bench)
    assert (outcome.removed, outcome.kept, outcome.remaining) == (3, 0, 0)
    assert await bench.store.orphans() == []
    for path in (bench.path("deployments", "echo", "apps/v1"), bench.path("configmaps", "settings")):
        assert await bench.api.find(path) is None
    last = (await bench.store.events(uid=bench.cluster.uid))[-1]
    assert last.type == "OrphansCollected"
    assert last.message.endswith(f"of application {NAMESPACE}/echo")
    assert (await collected(bench)).message == "nothing was left behind"


async def test_what_belongs_to_somebody_else_by_now_is_left_alone(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings"))
    await bench.deploy(app)
    await left(bench, app, forget=True)
    path = bench.path("configmaps", "settings")
    await bench.api.merge(path, {"metadata": {"labels": {OWNER_LABEL: "another"}}})
    assert (await collected(bench)).removed == 1
    assert await bench.store.orphans() == []
    assert (await bench.api.get(path))["metadata"]["labels"][OWNER_LABEL] == "another"


async def test_an_application_that_came_back_keeps_what_it_names_and_loses_the_rest(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings"), config_map("old"))
    await bench.deploy(app)
    await left(bench, app, forget=False)
    await bench.update(app, config_map("settings"))
    await bench.deploy(app)
    outcome = await collected(bench)
    assert (outcome.removed, outcome.kept) == (1, 1)
    assert await bench.store.orphans() == []
    metadata = (await bench.api.get(bench.path("configmaps", "settings")))["metadata"]
    assert metadata["annotations"][OWNER_ANNOTATION] == f"{NAMESPACE}/echo"
    assert await bench.api.find(bench.path("configmaps", "old")) is None


class Racing(Store):
    """A store in which something happens right after the nth look at a resource."""

    after = 0
    happens: Callable[[], Awaitable[object]]

    async def get_by_uid(self, uid: str) -> Record | None:
        """Look, and have it happen before anybody acts on what was seen."""
        record = await super().get_by_uid(uid)
        self.after -= 1
        if self.after == 0:
            await self.happens()
        return record


@pytest.mark.parametrize("look", [1, 2])
async def test_an_application_that_comes_back_meanwhile_loses_nothing(bench: Workbench, look: int) -> None:
    """It is placed here again between a look at the store and what follows from that, and its apply may not
    change the object: the collection notices all the same."""
    app = await bench.app("echo", config_map("settings"))
    await bench.deploy(app)
    path = bench.path("configmaps", "settings")
    before = (await bench.api.get(path))["metadata"]["uid"]
    await left(bench, app, forget=False)
    orphan = (await bench.store.orphans())[0]
    access = await bench.connections.to(bench.cluster)
    database = bench.store._database
    async with Racing(database, Cipher.from_keys([new_key()])) as store:
        store.after = look
        store.happens = lambda: bench.deploy(app)
        first = await collect_orphan(store, access, bench.cluster, orphan)
    assert first is (Fate.NEEDED if look == 1 else Fate.WAITING)
    assert await collect_orphan(bench.store, access, bench.cluster, orphan) is Fate.NEEDED
    metadata = (await bench.api.get(path))["metadata"]
    assert (metadata["uid"], metadata.get("deletionTimestamp")) == (before, None)


async def test_what_was_never_seen_may_still_be_made_by_a_late_apply(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings"))
    await bench.place(app)
    await left(bench, app, forget=True)
    assert (await collected(bench)).remaining == 1
    orphan = (await bench.store.orphans())[0]
    assert orphan.object_uid == ""
    access = await bench.connections.to(bench.cluster)
    old = orphan.model_copy(update={"at": datetime.now(UTC) - timedelta(seconds=61)})
    assert await collect_orphan(bench.store, access, bench.cluster, old) is Fate.REMOVED


async def test_a_cluster_registered_anew_owes_nothing_unless_somebody_says_so(bench: Workbench) -> None:
    old = await register(bench.store, "old", {"contexts": []})
    app = await add(
        bench.store,
        "echo",
        NAMESPACE,
        status={
            "scheduled_uid": old.uid,
            "scheduled_to": {"namespace": NAMESPACE, "name": bench.cluster.name},
            "objects": [{"api_version": "v1", "kind": "ConfigMap", "namespace": "x", "name": "settings"}],
        },
    )
    await left(bench, target_of(app), forget=True)
    assert await owed(bench.store, Collection(cluster=bench.cluster)) == []
    again = Collection(cluster=bench.cluster, predecessors=True)
    assert await owed(bench.store, again) == []
    async with bench.store.transaction() as transaction:
        await transaction.remove(old, NewEvent("Deleted"))
    assert [item.object_name for item in await owed(bench.store, again)] == ["settings"]
