"""What a pass over all applications counts, in both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from krake.moves import request_migration
from krake.store import NewEvent, Store
from tests.support.store import add, remove, set_status

NAMESPACE = "testing"


async def test_moves_are_counted_by_who_asked_and_by_what_runs(store: Store) -> None:
    apps = [await add(store, f"app-{at}", NAMESPACE) for at in range(4)]
    since = datetime.now(UTC) - timedelta(seconds=5)
    async with store.transaction() as transaction:
        for app, actor in ((apps[0], "me"), (apps[1], "me"), (apps[2], "you")):
            asked = await request_migration(transaction, app, trigger="asked for", actor=actor)
        # The same again is no second request, and neither is anything else that happens.
        await request_migration(transaction, asked, trigger="asked for", actor="me")
        await transaction.add_event(apps[0], NewEvent("Migrating", actor="me"))
        assert await transaction.count_moving() == 3
        assert await transaction.asked_to_move("me", since) == {apps[0].uid: 1, apps[1].uid: 1}
    assert await store.asked_to_move("me", datetime.now(UTC) + timedelta(seconds=5)) == {}
    parked = {**(await store.get("Application", NAMESPACE, "app-1")).status["request"], "parked": True}
    await set_status(store, apps[1], request=parked)
    await set_status(store, apps[2], request=None)
    await remove(store, apps[0])
    assert await store.count_moving() == 0


async def test_whether_somebody_may_wait_for_room(store: Store) -> None:
    assert not await store.somebody_waits(NAMESPACE)
    app = await add(store, "echo", NAMESPACE, status={"state": "PENDING"})
    assert await store.somebody_waits(NAMESPACE)
    assert not await store.somebody_waits("elsewhere")
    await set_status(store, app, state="RUNNING")
    assert not await store.somebody_waits(NAMESPACE)
    await set_status(store, app, state="DEGRADED")
    assert await store.somebody_waits(NAMESPACE)


async def test_reservations_of_all_namespaces(store: Store) -> None:
    for namespace in ("one", "two"):
        app = await add(store, "echo", namespace)
        held = {"scheduled_uid": f"cluster-{namespace}", "reserved": {f"cluster-{namespace}": {"cpu": 5}}}
        await set_status(store, app, **held)
    assert await store.reserved(None) == {"cluster-one": (("cpu", 5),), "cluster-two": (("cpu", 5),)}
