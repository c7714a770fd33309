"""What was desired before stays readable, and every change of state leaves an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from krake.secrets import Cipher
from krake.store import NewEvent, Record, Store
from tests.support.store import add, remove, set_status


async def update(store: Store, record: Record, spec: dict[str, Any], cause: str = "request-2") -> Record:
    """Change the spec in a transaction of its own."""
    async with store.transaction() as transaction:
        event = NewEvent("Updated", actor="somebody", cause=cause)
        return await transaction.update_spec(record, labels={"n": "1"}, spec=spec, event=event)


async def ready(store: Store, record: Record, state: str = "RUNNING") -> Record:
    """Have the present generation found ready."""
    return await set_status(store, record, state=state, observed_generation=record.generation)


async def test_each_generation_is_kept_with_who_made_it_and_why(store: Store) -> None:
    made = await add(store, spec={"size": 1}, labels={"a": "b"})
    changed = await update(store, made, {"size": 2})
    assert (await update(store, changed, {"size": 2})).generation == 2
    second, first = await store.generations(made.uid)
    assert (first.generation, first.spec, first.labels) == (1, {"size": 1}, {"a": "b"})
    assert (first.actor, first.cause, first.outcome) == ("tester", "request-1", "")
    assert (second.generation, second.spec, second.labels) == (2, {"size": 2}, {"n": "1"})
    assert (second.actor, second.cause) == ("somebody", "request-2")
    assert second.at >= first.at
    assert await store.generation(made.uid, 1) == first
    assert await store.generation(made.uid, 7) is None
    assert await store.cause_of_generation(made.uid, 2) == "request-2"
    assert await store.cause_of_generation(made.uid, 7) == ""


async def test_clusters_have_credentials_and_no_history_of_their_spec(store: Store) -> None:
    cluster = await add(store, kind="Cluster", spec={"kubeconfig": {}})
    await update(store, cluster, {"kubeconfig": {}, "backoff": 2})
    assert await store.generations(cluster.uid) == []


async def test_what_became_of_a_generation_is_kept_with_it(store: Store) -> None:
    record = await ready(store, await add(store, spec={"size": 1}))
    assert record.status["last_good_generation"] == 1
    record = await update(store, record, {"size": 2})
    record = await set_status(store, record, state="RECONCILING")
    assert record.status["last_good_generation"] == 1
    reason = {"code": "NOT_READY", "message": "too late"}
    record = await set_status(store, record, state="FAILED", reason=reason, observed_generation=2)
    record = await update(store, record, {"size": 3})
    record = await update(store, record, {"size": 4})
    await ready(store, record, "COMPLETED")
    outcomes = [(item.generation, item.outcome, item.message) for item in await store.generations(record.uid)]
    assert outcomes == [(4, "good", ""), (3, "", ""), (2, "failed", "NOT_READY: too late"), (1, "good", "")]
    assert (await store.get("Application", "testing", "echo")).status["last_good_generation"] == 4


async def test_a_generation_that_was_good_once_stays_good(store: Store) -> None:
    record = await ready(store, await add(store))
    reason = {"code": "KUBERNETES_ERROR", "message": "no"}
    await set_status(store, record, state="FAILED", reason=reason)
    assert [item.outcome for item in await store.generations(record.uid)] == ["good"]


async def test_a_status_of_an_older_generation_says_nothing_of_the_present_one(store: Store) -> None:
    record = await update(store, await add(store), {"size": 2})
    record = await set_status(store, record, state="RUNNING", observed_generation=1)
    assert "last_good_generation" not in record.status
    assert [item.outcome for item in await store.generations(record.uid)] == ["", ""]


async def test_old_generations_go_and_the_last_good_one_stays(url: str, key: str) -> None:
    async with Store.open(url, Cipher.from_keys([key]), generations_kept=3) as store:
        record = await ready(store, await add(store, spec={"size": 1}))
        other = await add(store, "other")
        for size in range(2, 8):
            record = await update(store, record, {"size": size})
        assert [item.generation for item in await store.generations(record.uid)] == [7, 6, 5, 1]
        record = await ready(store, record)
        record = await update(store, record, {"size": 8})
        assert [item.generation for item in await store.generations(record.uid)] == [8, 7, 6]
        assert len(await store.generations(other.uid)) == 1


async def test_the_whole_history_outlives_its_resource_by_the_retention(store: Store) -> None:
    live, gone = await add(store, "live"), await add(store, "gone")
    async with store.transaction() as transaction:
        await transaction.record_decision(gone, {"n": 1})
    before_removal = datetime.now(UTC)
    await remove(store, gone)
    # What happened long before the removal stays as long as the removal itself.
    await store.prune(before_removal)
    assert len(await store.generations(gone.uid)) == 1
    assert len(await store.decisions(gone.uid, 5)) == 1
    assert [event.type for event in await store.events(uid=gone.uid)] == ["Created", "Removed"]
    await store.prune(datetime.now(UTC) + timedelta(seconds=1))
    assert await store.generations(gone.uid) == []
    assert await store.decisions(gone.uid, 5) == []
    assert await store.events(uid=gone.uid) == []
    assert len(await store.generations(live.uid)) == 1


async def test_a_change_of_state_without_an_event_gets_one(store: Store) -> None:
    record = await add(store, kind="Cluster")
    status = {"state": "ONLINE", "message": "all nodes are ready", "observed_generation": 1}
    record = await set_status(store, record, **status)
    await set_status(store, record, message="something else")
    now = datetime.now(UTC).isoformat()
    seen = {"state": "OFFLINE", "observed_at": now, "generation": 1}
    reason = {"code": "CLUSTER_NOT_REACHABLE", "message": "no answer"}
    async with store.transaction() as transaction:
        await transaction.write_observation(record, {**seen, "reason": reason})
    told = [(event.type, event.message, event.actor) for event in await store.events(uid=record.uid)][1:]
    assert told == [
        ("Online", "all nodes are ready", "krake"),
        ("Offline", "CLUSTER_NOT_REACHABLE: no answer", "krake observer"),
    ]


async def test_the_newest_events_and_causes(store: Store) -> None:
    made = await add(store)
    for number in range(4):
        async with store.transaction() as transaction:
            await transaction.add_event(made, NewEvent("Counted", str(number), cause=f"cause {number}"))
    newest = await store.latest_events("Application", "testing", "echo", 2)
    assert [event.message for event in newest] == ["2", "3"]
    assert await store.latest_cause(made.uid, "Counted") == "cause 3"
    assert await store.latest_cause(made.uid, "Never") == ""
