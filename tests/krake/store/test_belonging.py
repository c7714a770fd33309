"""Which applications are on a cluster, and who owns whom, as the store finds it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from alembic import command

from krake.secrets import Cipher
from krake.store import NewEvent, Store, migrate
from krake.store.schema import configuration
from tests.support.store import add, set_status

OWNER = {"api": "kubernetes", "kind": "Application", "name": "base", "namespace": "testing"}
MOVING = {"source_uid": "c-1", "target_uid": "c-2"}


async def names_on(store: Store, cluster_uid: str) -> list[str]:
    return [record.name for record in await store.on_cluster(cluster_uid)]


async def test_applications_are_found_on_their_cluster_and_on_both_while_they_move(store: Store) -> None:
    await add(store, "stays", status={"scheduled_uid": "c-1"})
    mover = await add(store, "moves", status={"scheduled_uid": "c-1", "migration": MOVING})
    await add(store, "nowhere")
    await add(store, "de", kind="Cluster", status={"scheduled_uid": "c-1"})
    assert (await names_on(store, "c-1"), await names_on(store, "c-2")) == (["moves", "stays"], ["moves"])
    await set_status(store, mover, scheduled_uid="c-2")
    assert (await names_on(store, "c-1"), await names_on(store, "c-2")) == (["moves", "stays"], ["moves"])
    await set_status(store, mover, migration=None)
    assert (await names_on(store, "c-1"), await names_on(store, "c-2")) == (["stays"], ["moves"])
    assert await names_on(store, "") == []


async def test_owners_and_finalizers_are_kept_without_a_new_generation(store: Store) -> None:
    made = await add(store)
    assert await store.owned() == []
    for _ in range(2):
        async with store.transaction() as transaction:
            changed = await transaction.set_ownership(made, [OWNER], ["mine"], NewEvent("Updated"))
    assert (changed.owners, changed.finalizers, changed.generation) == ([OWNER], ["mine"], 1)
    assert await store.owned() == [changed] == [await store.get_by_uid(made.uid)]
    assert [event.type for event in await store.events(uid=made.uid)] == ["Created", "Updated"]


@pytest.mark.parametrize("purpose", ["drain", "delete"])
async def test_a_draining_counts_as_something_left_to_do(store: Store, purpose: str) -> None:
    """So that a lost wake-up is repaired; a deleted cluster counts anyhow."""
    made = await add(store, "de", kind="Cluster", status={"observed_generation": 1})
    await set_status(store, made, clearing={"purpose": purpose})
    assert [record.name for record in await store.unobserved(9)] == (["de"] if purpose == "drain" else [])


async def test_an_upgrade_finds_out_where_applications_are(empty_url: str, key: str) -> None:
    migrate.upgrade(empty_url)
    status: dict[str, Any] = {"scheduled_uid": "c-1", "migration": MOVING}
    async with Store.open(empty_url, Cipher.from_keys([key])) as store:
        await add(store, "moves", status=status)
    config = configuration()
    config.set_main_option("sqlalchemy.url", empty_url)
    await asyncio.to_thread(command.downgrade, config, "0002")
    migrate.upgrade(empty_url)
    async with Store.open(empty_url, Cipher.from_keys([key])) as store:
        assert (await names_on(store, "c-1"), await names_on(store, "c-2")) == (["moves"], ["moves"])
