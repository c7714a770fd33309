"""Making and upgrading the tables."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from krake.secrets import Cipher
from krake.store import SchemaMismatch, Store, migrate
from krake.store.schema import configuration, versions
from krake.store.tables.whole import metadata
from tests.support.store import add
from tests.support.store_process import finish, store_process


async def execute(url: str, sql: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(sql))
    await engine.dispose()


async def inspected(url: str, look: Any) -> Any:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(look)
    await engine.dispose()
    return found


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def test_a_fresh_database(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    with pytest.raises(SchemaMismatch, match="no tables yet") as caught:
        migrate.check(empty_url)
    assert caught.value.fix == "Run: krake db upgrade"
    assert migrate.upgrade(empty_url) == versions()[0] == migrate.current(empty_url)
    migrate.check(empty_url)


async def test_a_second_upgrade_changes_nothing(url: str, store: Store) -> None:
    made = await add(store)
    assert migrate.upgrade(url) == versions()[0]
    assert await store.get("Application", "testing", "echo") == made


async def test_the_migrations_make_the_tables_that_the_code_uses(url: str) -> None:
    assert await inspected(url, _differences) == []


async def test_processes_upgrade_at_once(empty_url: str, key: str) -> None:
    async with (
        store_process(empty_url, key, "migrate") as first,
        store_process(empty_url, key, "migrate") as second,
        store_process(empty_url, key, "migrate") as third,
    ):
        outputs = await asyncio.gather(*(finish(process) for process in (first, second, third)))
    assert outputs == [[versions()[0]]] * 3
    migrate.check(empty_url)


async def test_a_database_of_a_newer_release_is_refused(url: str, key: str) -> None:
    await execute(url, "UPDATE alembic_version SET version_num = '9999'")
    for refused in (migrate.check, migrate.upgrade):
        with pytest.raises(SchemaMismatch, match="newer than this Krake: it has version '9999'"):
            refused(url)
    async with Store.open(url, Cipher.from_keys([key])) as store:
        with pytest.raises(SchemaMismatch, match="newer"):
            await store.ping()
        with pytest.raises(SchemaMismatch, match="newer"):
            await add(store)


async def test_a_store_without_tables_says_what_to_do(empty_url: str, key: str) -> None:
    async with Store.open(empty_url, Cipher.from_keys([key])) as store:
        with pytest.raises(SchemaMismatch, match="krake db upgrade"):
            await store.ping()
        migrate.upgrade(empty_url)
        await store.ping()


async def test_a_failing_upgrade_leaves_nothing_half_done(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_index = op.create_index

    def fail_late(name: str, *arguments: Any, **options: Any) -> None:
        if name == "ix_decisions_at":
            raise RuntimeError("interrupted")
        create_index(name, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", fail_late)
        with pytest.raises(RuntimeError, match="interrupted"):
            migrate.upgrade(empty_url)
    assert migrate.current(empty_url) is None
    assert await inspected(empty_url, _tables) == set()
    migrate.upgrade(empty_url)
    migrate.check(empty_url)


async def test_alembic_by_itself_can_take_the_tables_away(url: str) -> None:
    config = configuration()
    config.set_main_option("sqlalchemy.url", url)
    await asyncio.to_thread(command.downgrade, config, "base")
    assert await inspected(url, _tables) == {"alembic_version"}
    assert migrate.upgrade(url) == versions()[0]
