"""Bringing a database's tables to the version of this release."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.runtime.migration import MigrationContext
from filelock import FileLock, Timeout
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from krake.store import postgres, sqlite
from krake.store.engine import parse
from krake.store.errors import Unavailable
from krake.store.schema import configuration, require_current, require_known
from krake.tls.postgres import postgres_tls

LOCK_SECONDS = 60.0
"""How long a migration waits for one that another process runs."""

_ADVISORY_LOCK = 0x6B72616B65
"""Any number that nobody else uses: "krake"."""

T = TypeVar("T")


def upgrade(url: str) -> str:
    """Bring the tables to the newest version, all steps or none, and return it. Safe to call at any time, by
    several processes at once, and from any thread; it blocks for some tenths of a second.

    Raises:
        SchemaMismatch: a newer release made the tables.
        Unavailable: the database cannot be reached, or another migration does not end.
        StoreError: the URL is malformed or of an unknown database.
    """
    return _run(_upgrade(parse(url)))


def current(url: str) -> str | None:
    """The version of the tables; None where there are none.

    Raises:
        Unavailable: the database cannot be reached.
        StoreError: the URL is malformed or of an unknown database.
    """
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        return None
    return _run(_current(parsed))


def check(url: str) -> None:
    """Return when the tables are those of this release.

    Raises:
        SchemaMismatch: the tables are missing, older or newer.
        Unavailable: the database cannot be reached.
        StoreError: the URL is malformed or of an unknown database.
    """
    require_current(current(url))


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run in a thread of its own, so that callers inside and outside of an event loop get the same."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _upgrade(url: URL) -> str:
    with _exclusive(url):
        async with _connect(url) as connection:
            if url.get_backend_name() == "postgresql":
                lock = text("SELECT pg_advisory_xact_lock(:number)")
                await connection.execute(lock, {"number": _ADVISORY_LOCK})
            return await connection.run_sync(_to_newest)


async def _current(url: URL) -> str | None:
    async with _connect(url) as connection:
        return await connection.run_sync(_version)


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _to_newest(connection: Connection) -> str:
    require_known(_version(connection))
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return str(_version(connection))


@contextmanager
def _exclusive(url: URL) -> Iterator[None]:
    """Keep other processes from migrating the same SQLite file: switching it to WAL cannot wait by itself."""
    sqlite_file = url.get_backend_name() == "sqlite"
    if sqlite_file and not Path(str(url.database)).parent.is_dir():
        raise Unavailable(
            f"The database {url.database} cannot be made",
            why="Its folder does not exist",
            fix="Make the folder, or correct the path in the database URL",
        )
    lock = FileLock(f"{url.database}.lock", timeout=LOCK_SECONDS) if sqlite_file else nullcontext()
    try:
        with lock:
            yield
    except Timeout as error:
        raise Unavailable(
            f"Another process has been migrating {url.database} for {LOCK_SECONDS:.0f} s",
            fix="Wait for it, or end it if it hangs, and try again",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The database {url.database} cannot be used",
            why=error.strerror or str(error),
            fix="Check that the folder exists and is writable",
        ) from error


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """The same errors as in daily use: of the driver, whether or not SQLAlchemy wrapped them."""
    if url.get_backend_name() == "sqlite":
        with sqlite.explained(str(url.database)), _unwrapped():
            yield
    else:
        with postgres.explained(postgres.place(url)), _unwrapped():
            yield


@contextmanager
def _unwrapped() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        cause: BaseException = error.orig or error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        raise cause from error


@asynccontextmanager
async def _connect(url: URL) -> AsyncIterator[AsyncConnection]:
    """A transaction that excludes other writers in SQLite."""
    plain, encryption = postgres_tls(url)
    engine = create_async_engine(plain, poolclass=NullPool, connect_args=encryption)
    if url.get_backend_name() == "sqlite":
        _begin_immediately(engine)
    try:
        with _explained(url):
            async with engine.begin() as connection:
                yield connection
    finally:
        await engine.dispose()


def _begin_immediately(engine: AsyncEngine) -> None:
    """Let SQLAlchemy begin transactions by itself: the driver would commit before every change of a table."""

    @event.listens_for(engine.sync_engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(sqlite.BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
