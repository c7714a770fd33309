"""What watchers read: changes after a revision, none skipped, removals included."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import pytest

from krake.store import Changes, Record, Store, TooOld
from tests.support.store import add, remove, set_status
from tests.support.store_process import finish, store_process


def shape(changes: Changes) -> list[tuple[str, str]]:
    return [(change.type.value, change.record.name) for change in changes.items]


async def test_changes_since_a_revision(store: Store) -> None:
    old = await add(store, "old")
    gone = await add(store, "gone")
    await add(store, "untouched")
    since = await store.revision()
    assert shape(await store.changes("Application", None, since)) == []
    await set_status(store, old, state="RUNNING")
    await add(store, "new")
    await add(store, "elsewhere", "other")
    await add(store, "cluster", kind="Cluster")
    await remove(store, gone)
    changes = await store.changes("Application", None, since)
    expected = [("MODIFIED", "old"), ("ADDED", "new"), ("ADDED", "elsewhere"), ("DELETED", "gone")]
    assert shape(changes) == expected
    assert changes.revision == await store.revision() == changes.items[-1].record.revision
    assert shape(await store.changes("Application", "other", since)) == [("ADDED", "elsewhere")]
    assert shape(await store.changes("Application", None, changes.revision)) == []


async def test_a_resource_made_again_is_removed_first_and_added_then(store: Store) -> None:
    since = (await add(store)).revision
    await remove(store, await store.get("Application", "testing", "echo"))
    again = await add(store)
    changes = await store.changes("Application", None, since)
    assert shape(changes) == [("DELETED", "echo"), ("ADDED", "echo")]
    assert changes.items[1].record == again


async def test_a_removal_carries_the_last_state(store: Store) -> None:
    made = await set_status(store, await add(store, labels={"a": "b"}, spec={"n": 1}), state="RUNNING")
    await remove(store, made)
    record = (await store.changes("Application", None, made.revision)).items[0].record
    assert (record.labels, record.spec, record.status) == (made.labels, made.spec, made.status)
    assert (record.uid, record.created_revision) == (made.uid, made.created_revision)


async def test_a_revision_whose_removals_are_forgotten_is_too_old(store: Store) -> None:
    before = (await add(store)).revision
    await remove(store, await store.get("Application", "testing", "echo"))
    removed = await store.revision()
    await store.prune(datetime.now(UTC))
    with pytest.raises(TooOld, match="not known"):
        await store.changes("Application", None, before)
    assert shape(await store.changes("Application", None, removed)) == []
    with pytest.raises(TooOld):
        await store.changes("Application", None, removed + 1)


class Replica:
    """A watcher's copy of the store, kept up to date by nothing but changes."""

    def __init__(self) -> None:
        self.revision = 0
        self.known: dict[str, int] = {}
        self.seen: set[str] = set()

    async def update(self, store: Store) -> None:
        changes = await store.changes("Application", None, self.revision)
        revisions = [change.record.revision for change in changes.items]
        assert revisions == sorted(set(revisions))
        assert not revisions or revisions[-1] <= changes.revision
        for change in changes.items:
            self.seen.add(change.record.uid)
            if change.type == "DELETED":
                self.known.pop(change.record.uid, None)
            else:
                self.known[change.record.uid] = change.record.revision
        self.revision = changes.revision

    async def follow(self, store: Store, until: asyncio.Event) -> None:
        while not until.is_set():
            await store.wait_for_change(self.revision, 0.2)
            await self.update(store)


async def _churn(store: Store, prefix: str, choice: random.Random) -> set[str]:
    """Create, change and remove at random; all uids that ever were."""
    uids: set[str] = set()
    mine: list[Record] = []
    for number in range(60):
        action = choice.choice(["add", "add", "status", "remove"])
        if action == "add" or not mine:
            mine.append(await add(store, f"{prefix}-{number}"))
            uids.add(mine[-1].uid)
        elif action == "status":
            await set_status(store, choice.choice(mine), count=number)
        else:
            await remove(store, mine.pop(choice.randrange(len(mine))))
    return uids


@pytest.mark.timeout(60)
async def test_no_watcher_ever_skips_a_commit(store: Store, other_store: Store, url: str, key: str) -> None:
    written = asyncio.Event()
    replicas = [Replica() for _ in range(3)]
    followers = [asyncio.create_task(replica.follow(other_store, written)) for replica in replicas]
    async with (
        store_process(url, key, "create", "p", 80) as first,
        store_process(url, key, "create", "q", 80) as second,
    ):
        churns = [_churn(store, f"t{n}", random.Random(n)) for n in range(3)]
        uids, lines = await asyncio.gather(
            asyncio.gather(*churns), asyncio.gather(finish(first), finish(second))
        )
    written.set()
    await asyncio.gather(*followers)
    revisions = [int(line) for output in lines for line in output]
    assert len(revisions) == len(set(revisions)) == 160
    stored = {record.uid: record.revision for record in (await store.list("Application")).items}
    for replica in replicas:
        await replica.update(store)
        assert replica.known == stored
        assert replica.revision == await store.revision()
        assert set().union(*uids) <= replica.seen
