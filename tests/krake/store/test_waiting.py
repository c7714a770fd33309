"""Waiting for the next change: at once for this process, quickly for others, and for nothing when idle."""

from __future__ import annotations

import asyncio
import time

import pytest

from krake.store import Store
from krake.store.watcher import Watcher
from tests.support.store import add
from tests.support.store_process import finish, store_process


async def test_a_newer_revision_is_returned_at_once(store: Store) -> None:
    revision = (await add(store)).revision
    assert await store.wait_for_change(revision - 1, 30) == revision
    assert await store.wait_for_change(revision, 0) == revision


async def test_the_time_runs_out(store: Store) -> None:
    revision = (await add(store)).revision
    started = time.monotonic()
    assert await store.wait_for_change(revision, 0.2) == revision
    assert 0.15 < time.monotonic() - started < 2


async def test_a_write_of_this_process_is_seen_at_once(store: Store) -> None:
    waiting = asyncio.create_task(store.wait_for_change(0, 30))
    await asyncio.sleep(0)
    made = await add(store)
    async with asyncio.timeout(5):
        assert await waiting == made.revision


async def test_a_write_of_another_process_is_seen_soon(store: Store, url: str, key: str) -> None:
    since = (await add(store)).revision
    waiting = [asyncio.create_task(store.wait_for_change(since, 30)) for _ in range(20)]
    async with store_process(url, key, "create", "other", 1) as process:
        (line,) = await finish(process)
        async with asyncio.timeout(2):
            assert set(await asyncio.gather(*waiting)) == {int(line)}


async def test_all_waiters_share_one_poll_that_ends_with_them() -> None:
    reads = 0

    async def read() -> int:
        nonlocal reads
        reads += 1
        return 0

    watcher = Watcher(read, interval=0.05)
    await asyncio.gather(*(watcher.wait(0, 0.5) for _ in range(50)))
    assert 50 < reads <= 50 + 12
    pollers = [task for task in asyncio.all_tasks() if task.get_name() == "store-watcher"]
    async with asyncio.timeout(5):
        await asyncio.gather(*pollers)


async def test_an_unreadable_database_is_told_to_those_who_wait() -> None:
    answers: list[int | Exception] = [0, ConnectionError("gone")]

    async def read() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ConnectionError, match="gone"):
        await Watcher(read, interval=0.01).wait(0, 30)


@pytest.mark.parametrize("pause", [0, 0.05])
async def test_closing_the_store_ends_the_waiting(url: str, store: Store, pause: float) -> None:
    """Whether the waiter is still reading what there is, or waits already."""
    waiting = asyncio.create_task(store.wait_for_change(0, 30))
    await asyncio.sleep(pause)
    await store.close()
    with pytest.raises(RuntimeError, match="closed"):
        await waiting
