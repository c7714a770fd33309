"""Several processes on one store, some of them dying."""

from __future__ import annotations

import asyncio

from krake.store import Store
from tests.support.store import CREATED, add
from tests.support.store_process import finish, store_process


async def test_processes_write_at_once(store: Store, url: str, key: str) -> None:
    async with (
        store_process(url, key, "create", "p", 150) as first,
        store_process(url, key, "create", "q", 150) as second,
    ):
        own = asyncio.gather(*(add(store, f"t{number}") for number in range(50)))
        outputs = await asyncio.gather(finish(first), finish(second))
        revisions = [int(line) for output in outputs for line in output]
        revisions += [record.revision for record in await own]
    assert sorted(revisions) == list(range(1, 351))


async def test_a_process_killed_inside_a_transaction_leaves_nothing_and_blocks_nobody(
    store: Store, url: str, key: str
) -> None:
    async with store_process(url, key, "hang", "half") as process:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"inside\n"
        writing = asyncio.create_task(add(store))
        done, _ = await asyncio.wait([writing], timeout=0.2)
        assert not done
        process.kill()
        async with asyncio.timeout(5):
            made = await writing
    assert await store.find("Application", "testing", "half") is None
    assert made.revision == 1


async def test_a_cancelled_transaction_is_rolled_back(store: Store, other_store: Store) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with store.transaction() as transaction:
            await transaction.create(
                "Application", "testing", "half", labels={}, spec={}, status={}, event=CREATED
            )
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        await add(other_store)
        await add(store, "echo-2")
    assert await store.find("Application", "testing", "half") is None


async def test_cancelling_at_any_point_leaves_the_store_usable(store: Store, other_store: Store) -> None:
    for steps in range(25):
        task = asyncio.create_task(add(store, f"c{steps}"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            await add(other_store, f"o{steps}")
    assert len([r for r in (await store.list("Application")).items if r.name.startswith("o")]) == 25
