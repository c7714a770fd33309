"""Events, decisions and secrets, and forgetting those of removed resources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from krake.secrets import Cipher, SecretError, new_key
from krake.store import NewEvent, Store
from tests.support.store import add, remove


async def test_events_tell_who_did_what_and_why(store: Store) -> None:
    made = await add(store)
    await add(store, "other")
    async with store.transaction() as transaction:
        await transaction.add_event(made, NewEvent("Scheduled", "to c1", cause="wake"))
    first, second = await store.events("Application", "testing", "echo")
    assert (first.type, first.message, first.actor, first.cause) == (
        "Created",
        "made by a test",
        "tester",
        "request-1",
    )
    assert (second.type, second.message, second.actor, second.cause) == (
        "Scheduled",
        "to c1",
        "krake",
        "wake",
    )
    assert (first.kind, first.namespace, first.name, first.uid) == (
        "Application",
        "testing",
        "echo",
        made.uid,
    )
    assert first.at == pytest.approx(made.created, abs=timedelta(seconds=5))
    assert first.id < second.id


async def test_events_can_be_chosen_and_paged(store: Store) -> None:
    made = await add(store, "a")
    await add(store, "b")
    await add(store, "c", "other")
    await add(store, "d", "", kind="GlobalCloud")
    assert [event.name for event in await store.events()] == ["a", "b", "c", "d"]
    assert [event.name for event in await store.events("Application")] == ["a", "b", "c"]
    assert [event.name for event in await store.events("Application", "testing")] == ["a", "b"]
    assert [event.name for event in await store.events(uid=made.uid)] == ["a"]
    page = await store.events(limit=2)
    rest = await store.events(after_id=page[-1].id)
    assert [event.name for event in page + rest] == ["a", "b", "c", "d"]
    assert rest[-1].namespace is None


async def test_events_and_decisions_outlive_their_resource(store: Store) -> None:
    made = await add(store)
    async with store.transaction() as transaction:
        await transaction.record_decision(made, {"chosen": "c1"})
        await transaction.record_decision(made, {"chosen": "c2"})
    await remove(store, made)
    assert [event.type for event in await store.events(uid=made.uid)] == ["Created", "Removed"]
    both = await store.decisions(made.uid, 10)
    assert [item["chosen"] for item in both] == ["c2", "c1"]
    assert both[0]["id"] > both[1]["id"]
    assert await store.decisions(made.uid, 1) == both[:1]


async def test_pruning_forgets_only_old_things_of_removed_resources(store: Store) -> None:
    live, gone = await add(store, "live"), await add(store, "gone")
    async with store.transaction() as transaction:
        await transaction.record_decision(live, {"n": 1})
        await transaction.record_decision(gone, {"n": 2})
    await remove(store, gone)
    await store.prune(datetime.now(UTC) - timedelta(hours=1))
    assert len(await store.events(uid=gone.uid)) == 2
    assert len((await store.changes("Application", None, gone.revision)).items) == 1
    await store.prune(datetime.now(UTC))
    assert await store.events(uid=gone.uid) == []
    assert await store.decisions(gone.uid, 10) == []
    assert len(await store.events(uid=live.uid)) == 1
    assert [item["n"] for item in await store.decisions(live.uid, 10)] == [1]


async def test_secrets_are_stored_replaced_and_removed_with_their_resource(store: Store) -> None:
    made = await add(store, kind="Cluster")
    assert await store.secret(made.uid, "kubeconfig") is None
    for value in (b"first", b"second \x00\xff"):
        async with store.transaction() as transaction:
            await transaction.put_secret(made.uid, "kubeconfig", value)
        assert await store.secret(made.uid, "kubeconfig") == value
    await remove(store, made)
    assert await store.secret(made.uid, "kubeconfig") is None


async def test_a_wrong_key_is_told(store: Store, url: str, key: str) -> None:
    made = await add(store, kind="Cluster")
    async with store.transaction() as transaction:
        await transaction.put_secret(made.uid, "kubeconfig", b"value")
    fresh = new_key()
    async with Store.open(url, Cipher.from_keys([fresh])) as other:
        with pytest.raises(SecretError, match="encrypted with a key that is not set") as caught:
            await other.secret(made.uid, "kubeconfig")
        assert fresh not in str(caught.value)
    async with Store.open(url, Cipher.from_keys([fresh, key])) as rotated:
        assert await rotated.secret(made.uid, "kubeconfig") == b"value"
