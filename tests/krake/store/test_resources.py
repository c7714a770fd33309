"""Creating, reading, updating and removing resources."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from krake.store import AlreadyExists, NewEvent, NotFound, RevisionConflict, Store, StoreError
from tests.support.store import CREATED, DELETING, UPDATED, add, remove, set_status

SPEC = {"manifest": [{"kind": "Pod", "metadata": {"name": "ü☃"}, "n": 1.5, "none": None, "list": [1, [2]]}]}


async def test_a_resource_is_read_back_as_it_was_stored(store: Store, other_store: Store) -> None:
    made = await add(store, labels={"location": "DE"}, spec=SPEC)
    assert await other_store.get("Application", "testing", "echo") == made
    assert await other_store.find("Application", "testing", "echo") == made
    assert await other_store.get_by_uid(made.uid) == made
    assert (made.generation, made.labels, made.spec, made.observation) == (1, {"location": "DE"}, SPEC, {})
    assert made.revision == made.created_revision
    assert made.created == made.modified
    assert datetime.now(UTC) - made.created < timedelta(minutes=1)
    assert made.deleted is None


async def test_missing_resources(store: Store) -> None:
    assert await store.find("Application", "testing", "echo") is None
    assert await store.get_by_uid("none") is None
    with pytest.raises(NotFound, match=r"^Application 'echo' does not exist in namespace 'testing'$"):
        await store.get("Application", "testing", "echo")
    async with store.transaction() as transaction:
        assert await transaction.find("Application", "testing", "echo") is None
        assert await transaction.get_by_uid("none") is None
        with pytest.raises(NotFound, match=r"^Cloud 'x' does not exist$"):
            await transaction.get("Cloud", "", "x")


async def test_a_name_can_be_taken_once_in_a_kind_and_namespace(store: Store) -> None:
    made = await add(store)
    await add(store, namespace="other")
    await add(store, kind="Cluster")
    with pytest.raises(AlreadyExists, match=r"^Application 'echo' already exists in namespace 'testing'$"):
        await add(store)
    assert await store.get("Application", "testing", "echo") == made


async def test_a_transaction_goes_on_after_a_taken_name(store: Store) -> None:
    await add(store)
    async with store.transaction() as transaction:
        for name, expected in (("echo", pytest.raises(AlreadyExists)), ("echo-2", nullcontext())):
            with expected:
                await transaction.create(
                    "Application", "testing", name, labels={}, spec={}, status={}, event=CREATED
                )
    assert await store.find("Application", "testing", "echo-2")


async def test_an_update_is_a_new_generation_and_revision(store: Store) -> None:
    made = await add(store, labels={"a": "1"})
    async with store.transaction() as transaction:
        record = await transaction.get("Application", "testing", "echo")
        changed = await transaction.update_spec(record, labels={"a": "2"}, spec=SPEC, event=UPDATED)
    assert await store.get("Application", "testing", "echo") == changed
    assert (changed.generation, changed.labels, changed.spec) == (2, {"a": "2"}, SPEC)
    assert changed.revision > made.revision
    assert changed.created_revision == made.revision
    assert changed.modified > made.modified
    assert changed.created == made.created


async def test_an_update_without_a_difference_writes_nothing(store: Store) -> None:
    made = await add(store, labels={"a": "1"}, spec=SPEC)
    async with store.transaction() as transaction:
        same = await transaction.update_spec(made, labels={"a": "1"}, spec=SPEC, event=UPDATED)
    assert same == made == await store.get("Application", "testing", "echo")
    assert await store.revision() == made.revision
    assert [event.type for event in await store.events()] == ["Created"]


async def test_an_update_of_an_expected_revision(store: Store) -> None:
    made = await add(store)
    async with store.transaction() as transaction:
        changed = await transaction.update_spec(
            made, labels={}, spec={"n": 1}, event=UPDATED, expected_revision=made.revision
        )
    with pytest.raises(RevisionConflict, match="changed meanwhile"):
        async with store.transaction() as transaction:
            await transaction.update_spec(
                made, labels={}, spec={"n": 2}, event=UPDATED, expected_revision=made.revision
            )
    assert await store.get("Application", "testing", "echo") == changed


async def test_a_new_secret_alone_can_make_a_new_generation(store: Store) -> None:
    made = await add(store, kind="Cluster", spec={"n": 1})
    async with store.transaction() as transaction:
        assert await transaction.secret(made.uid, "kubeconfig") is None
        await transaction.put_secret(made.uid, "kubeconfig", b"new")
        assert await transaction.secret(made.uid, "kubeconfig") == b"new"
        changed = await transaction.update_spec(
            made, labels={}, spec={"n": 1}, event=UPDATED, force_generation=True
        )
    assert changed.generation == 2
    assert changed.revision > made.revision
    assert changed == await store.get("Cluster", "testing", "echo")


async def test_marking_for_deletion_happens_once(store: Store) -> None:
    made = await add(store)
    async with store.transaction() as transaction:
        marked = await transaction.mark_deleted(made, DELETING)
    async with store.transaction() as transaction:
        again = await transaction.mark_deleted(made, DELETING)
    assert marked.deleted is not None
    assert (marked.generation, marked.modified) == (2, made.modified)
    assert again == marked == await store.get("Application", "testing", "echo")
    assert [event.type for event in await store.events()] == ["Created", "Deleting"]


async def test_a_removed_resource_is_gone_and_its_name_free(store: Store) -> None:
    made = await add(store)
    await remove(store, made)
    assert await store.find("Application", "testing", "echo") is None
    assert await store.get_by_uid(made.uid) is None
    assert (await add(store)).uid != made.uid


async def test_writing_to_a_removed_resource_is_refused_even_if_the_name_is_taken_again(store: Store) -> None:
    made = await add(store)
    await remove(store, made)
    again = await add(store)
    with pytest.raises(NotFound):
        await set_status(store, made, state="RUNNING")
    with pytest.raises(NotFound):
        await remove(store, made)
    assert await store.get("Application", "testing", "echo") == again


async def test_an_error_rolls_the_whole_transaction_back(store: Store, other_store: Store) -> None:
    before = await store.revision()
    with pytest.raises(RuntimeError):
        async with store.transaction() as transaction:
            made = await transaction.create(
                "Application", "testing", "echo", labels={}, spec={}, status={}, event=CREATED
            )
            await transaction.put_secret(made.uid, "kubeconfig", b"secret")
            raise RuntimeError
    assert await other_store.find("Application", "testing", "echo") is None
    assert await other_store.events() == []
    assert await other_store.revision() == before
    await add(store)


async def test_nothing_is_visible_before_the_commit(store: Store, other_store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.create(
            "Application", "testing", "echo", labels={}, spec={}, status={}, event=CREATED
        )
        assert await transaction.find("Application", "testing", "echo")
        assert await store.find("Application", "testing", "echo") is None
        assert await other_store.find("Application", "testing", "echo") is None
    assert await other_store.find("Application", "testing", "echo")


async def test_a_given_uid_is_kept(store: Store) -> None:
    uid = "11111111-2222-3333-4444-555555555555"
    async with store.transaction() as transaction:
        await transaction.put_secret(uid, "token", b"value")
        made = await transaction.create(
            "Cluster", "testing", "c", labels={}, spec={}, status={}, event=NewEvent("Registered"), uid=uid
        )
    assert made.uid == uid
    assert await store.secret(uid, "token") == b"value"


async def test_a_nul_character_is_refused_by_both_databases(store: Store) -> None:
    with pytest.raises(StoreError, match="NUL character"):
        await add(store, spec={"text": "a\x00b"})
    made = await add(store, spec={"text": "a\\u0000b"})
    assert (await store.get("Application", "testing", "echo")).spec == made.spec == {"text": "a\\u0000b"}
