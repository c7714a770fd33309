"""Status and observation: written by different parts, without ever overwriting each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from krake.store import NewEvent, Record, Store
from tests.support.store import DELETING, UPDATED, add, remove, set_status


async def observe(store: Store, record: Record, **changes: Any) -> Record:
    async with store.transaction() as transaction:
        return await transaction.write_observation(record, changes)


async def test_fields_are_merged_into_the_stored_status(store: Store) -> None:
    made = await add(store, status={"state": "PENDING", "services": {"a": "1"}})
    first = await set_status(store, made, state="CREATING", services={"b": "2"})
    second = await set_status(store, made, reason=None)
    assert first.status == {"state": "CREATING", "services": {"b": "2"}}
    assert second.status == {**first.status, "reason": None}
    assert second == await store.get("Application", "testing", "echo")
    assert made.revision < first.revision < second.revision
    assert second.generation == 1


async def test_confirmations_are_found_without_reading_the_clusters(store: Store) -> None:
    both = await add(store, "both", kind="Cluster", status={"verified_at": "2026-01-01T00:00:00+00:00"})
    await observe(store, both, confirmed_at="2026-01-02T00:00:00+00:00", nodes=[1])
    verified = await add(store, "new", kind="Cluster", status={"verified_at": "2026-01-03T00:00:00+00:00"})
    await add(store, "never", kind="Cluster", status={"verified_at": None})
    await add(store, "app", status={"verified_at": "2026-01-03T00:00:00+00:00"})
    assert await store.confirmations() == {
        both.uid: datetime(2026, 1, 2, tzinfo=UTC),
        verified.uid: datetime(2026, 1, 3, tzinfo=UTC),
    }


async def test_a_confirmation_is_no_news_to_watchers(store: Store) -> None:
    made = await add(store, kind="Cluster", status={"state": "ONLINE", "observed_generation": 1})
    seen = await observe(store, made, generation=1, observed_at="2026-01-01T00:00:00+00:00", state="ONLINE")
    later = {"observed_at": "2026-01-01T00:00:10+00:00", "confirmed_at": "2026-01-01T00:00:10+00:00"}
    again = await observe(store, seen, **later)
    assert again.revision == seen.revision
    assert again.observation["confirmed_at"] == later["confirmed_at"]


async def test_writes_with_an_old_copy_keep_what_others_wrote(store: Store, other_store: Store) -> None:
    made = await add(store)
    await set_status(other_store, made, state="RUNNING")
    await observe(other_store, made, nodes=3)
    async with store.transaction() as transaction:
        await transaction.update_spec(made, labels={"a": "b"}, spec={"n": 1}, event=UPDATED)
    record = await store.get("Application", "testing", "echo")
    assert (record.status, record.observation, record.labels) == (
        {"state": "RUNNING"},
        {"nodes": 3},
        {"a": "b"},
    )


async def test_a_status_that_does_not_change_is_not_written_but_its_event_is(store: Store) -> None:
    made = await add(store)
    async with store.transaction() as transaction:
        same = await transaction.write_status(made, {"state": "PENDING"}, NewEvent("Waiting"))
        await transaction.write_observation(made, {}, NewEvent("Seen"))
    assert same == made
    assert await store.revision() == made.revision
    assert [event.type for event in await store.events()] == ["Created", "Waiting", "Seen"]


async def test_values_are_compared_as_they_are_stored(store: Store) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    made = await set_status(store, await add(store), scheduled=moment)
    assert made.status["scheduled"] == "2026-01-02T00:00:00+00:00"
    assert await set_status(store, made, scheduled=moment) == made


async def test_a_confirmation_is_stored_without_a_new_revision(store: Store) -> None:
    made = await observe(store, await add(store), nodes=3, observed_at="2026-01-01T00:00:00Z")
    confirmed = await observe(store, made, nodes=3, observed_at="2026-01-01T00:00:10Z")
    assert confirmed.revision == made.revision == await store.revision()
    assert (await store.get("Application", "testing", "echo")).observation == {
        "nodes": 3,
        "observed_at": "2026-01-01T00:00:10Z",
    }
    changed = await observe(store, made, nodes=2, observed_at="2026-01-01T00:00:20Z")
    assert changed.revision > made.revision


async def test_a_confirmation_that_begins_to_count_is_news(store: Store) -> None:
    made = await set_status(
        store, await add(store), observed_generation=1, deployed_at="2026-01-01T00:01:00Z"
    )
    early = await observe(store, made, generation=1, observed_at="2026-01-01T00:00:59Z")
    late = await observe(store, made, generation=1, observed_at="2026-01-01T00:01:09Z")
    assert late.revision > early.revision


async def test_counting_by_state(store: Store) -> None:
    for number, state in enumerate(["RUNNING", "RUNNING", "FAILED"]):
        await add(store, f"a-{number}", status={"state": state})
    cluster = await add(store, "c", kind="Cluster", status={"state": "ONLINE"})
    assert await store.count_by_state("Application") == {"RUNNING": 2, "FAILED": 1}
    assert await store.count_by_state("Cluster") == {"ONLINE": 1}
    cluster = await set_status(store, cluster, observed_generation=1)
    await observe(store, cluster, state="NOTREADY", generation=1, observed_at="2026-01-01T00:00:00Z")
    assert await store.count_by_state("Cluster") == {"NOTREADY": 1}
    await remove(store, cluster)
    assert await store.count_by_state("Cluster") == {}


async def test_unobserved_are_those_with_something_left_to_do(store: Store) -> None:
    new = await add(store, "new")
    done = await set_status(store, await add(store, "done"), observed_generation=1)
    assert [record.name for record in await store.unobserved(10)] == ["new"]
    async with store.transaction() as transaction:
        await transaction.update_spec(done, labels={}, spec={"n": 1}, event=UPDATED)
    assert [record.name for record in await store.unobserved(10)] == ["new", "done"]
    assert [record.name for record in await store.unobserved(1)] == ["new"]
    async with store.transaction() as transaction:
        marked = await transaction.mark_deleted(new, DELETING)
    await set_status(store, marked, observed_generation=marked.generation)
    assert {record.name for record in await store.unobserved(10)} == {"new", "done"}
