"""Databases that are away, damaged, busy or not allowed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from krake.secrets import Cipher
from krake.store import SchemaMismatch, Store, StoreError, Unavailable, migrate, sqlite
from tests.support.postgres import PostgresServer
from tests.support.store import CREATED, add
from tests.support.waiting import until


def test_a_missing_folder(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/missing/krake.db"
    with pytest.raises(Unavailable, match=r"missing/krake\.db cannot be made") as caught:
        migrate.upgrade(url)
    assert "folder" in caught.value.fix
    with pytest.raises(SchemaMismatch, match="no tables yet"):
        migrate.check(url)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "krake.db"
    path.write_text("this is a letter to my aunt, and she will be surprised" * 100)
    for use in (migrate.upgrade, migrate.check):
        with pytest.raises(StoreError, match="damaged or no SQLite database"):
            use(f"sqlite+aiosqlite:///{path}")


async def test_a_file_that_is_no_database_for_a_running_store(tmp_path: Path, key: str) -> None:
    path = tmp_path / "krake.db"
    path.write_bytes(b"x" * 8192)
    async with Store.open(f"sqlite+aiosqlite:///{path}", Cipher.from_keys([key])) as store:
        with pytest.raises(StoreError, match="damaged or no SQLite database"):
            await store.ping()


async def test_a_busy_sqlite_file(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    url = f"sqlite+aiosqlite:///{tmp_path}/krake.db"
    migrate.upgrade(url)
    cipher = Cipher.from_keys([key])
    async with Store.open(url, cipher) as first, Store.open(url, cipher) as second:
        async with first.transaction() as transaction:
            await transaction.create("Application", "a", "b", labels={}, spec={}, status={}, event=CREATED)
            with pytest.raises(Unavailable, match="was busy"):
                await add(second)
        assert (await add(second)).revision == 2


async def test_a_database_that_does_not_exist(postgres_server: PostgresServer, key: str) -> None:
    url = postgres_server.url("nowhere")
    with pytest.raises(Unavailable, match='refuses the connection\ndatabase "nowhere" does not exist'):
        migrate.upgrade(url)
    async with Store.open(url, Cipher.from_keys([key])) as store:
        with pytest.raises(Unavailable, match='database "nowhere" does not exist'):
            await store.ping()


async def test_the_store_comes_back_after_its_connections_were_cut(
    postgres_server: PostgresServer, key: str
) -> None:
    url = postgres_server.new_database()
    migrate.upgrade(url)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'krake'"
    async with Store.open(url, Cipher.from_keys([key])) as store:
        await asyncio.gather(*(add(store, f"a{number}") for number in range(5)))
        with pytest.raises(Unavailable):
            async with store.transaction() as transaction:
                await transaction.create(
                    "Application", "a", "b", labels={}, spec={}, status={}, event=CREATED
                )
                postgres_server.execute(cut)
                await transaction.get("Application", "a", "b")

        async def answers() -> bool:
            try:
                await store.ping()
            except Unavailable:
                return False
            return True

        await until("the store answers again", answers, 5)
        assert (await add(store)).revision == 6
        assert len((await store.list("Application")).items) == 6
