"""SQLite as the store's database: one connection that reads, one that writes, each with its own thread."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiosqlite

from krake.store.engine import Session
from krake.store.errors import StoreError, Unavailable
from krake.store.prepared import Prepared
from krake.store.schema import require_current
from krake.store.statements import Statements, statements_for

BUSY_SECONDS = 10.0
"""How long a write waits for another process's write."""

PRAGMAS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=268435456",
)
_BUSY_CODES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn the driver's errors about the file into errors that say what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY_CODES:
            raise Unavailable(
                f"The database {path} was busy for {BUSY_SECONDS:.0f} s",
                why="Another process is writing to it",
                fix="Try again; if it stays, look for a process that hangs: fuser " + path,
            ) from error
        raise Unavailable(
            f"The database {path} cannot be used",
            why=str(error),
            fix="Check that the folder exists, is writable and has space left",
        ) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise StoreError(
            f"The database {path} is damaged or no SQLite database",
            why=str(error),
            fix="Restore it from a backup, or move it away and start empty",
        ) from error


async def connect(path: str, *, read_only: bool) -> aiosqlite.Connection:
    """A connection in autocommit mode with Krake's settings."""
    with explained(path):
        connection = await aiosqlite.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256
        )
        pragmas = [*PRAGMAS, "PRAGMA query_only=ON"] if read_only else PRAGMAS
        try:
            for pragma in pragmas:
                await connection.execute_fetchall(pragma)
        except BaseException:
            await connection.close()
            raise
    return connection


class _Connection:
    """Executes statements on one connection; the driver's thread keeps them in order."""

    def __init__(self, driver: aiosqlite.Connection, path: str) -> None:
        self.driver = driver
        self._path = path

    async def fetch(self, statement: Prepared, /, **values: Any) -> list[list[Any]]:
        """Execute the statement and return its rows, in one hop to the driver's thread."""
        with explained(self._path):
            rows = await self.driver.execute_fetchall(statement.sql, statement.encode(values))
        return statement.decode(rows)


class SqliteDatabase:
    """A database file, shared by any number of processes of this machine."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._opening: asyncio.Future[tuple[_Connection, _Connection]] | None = None
        self._writing = asyncio.Lock()
        self._reader: _Connection | None = None
        self._writer: _Connection | None = None

    @property
    def statements(self) -> Statements:
        """The store's statements for SQLite."""
        return statements_for("sqlite")

    async def _open(self) -> tuple[_Connection, _Connection]:
        """Both connections. A caller that is cancelled meanwhile leaves no half-open one behind: a
        connection's thread would outlive it and keep the process alive."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._connect())
        try:
            return await asyncio.shield(self._opening)
        except Exception:
            self._opening = None
            raise

    async def _connect(self) -> tuple[_Connection, _Connection]:
        _require_file(self._path)
        reader = await connect(self._path, read_only=True)
        try:
            require_current(await _version(reader))
            writer = await connect(self._path, read_only=False)
        except BaseException:
            await reader.close()
            raise
        self._reader, self._writer = _Connection(reader, self._path), _Connection(writer, self._path)
        return self._reader, self._writer

    async def fetch(self, statement: Prepared, /, **values: Any) -> list[list[Any]]:
        """Execute a read: one statement, hence one snapshot."""
        reader = self._reader or (await self._open())[0]
        return await reader.fetch(statement, **values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A write transaction; the lock is taken at its start, so that it cannot fail half-way for it."""
        writer = self._writer or (await self._open())[1]
        async with self._writing:
            try:
                with explained(self._path):
                    await writer.driver.execute_fetchall("BEGIN IMMEDIATE")
                yield writer
                with explained(self._path):
                    await writer.driver.execute_fetchall("COMMIT")
            except BaseException:
                # Queued behind whatever a cancelled caller left on the thread, so it ends that, too.
                await asyncio.shield(writer.driver.rollback())
                raise

    async def close(self) -> None:
        """Close both connections."""
        if self._opening is not None:
            await asyncio.gather(self._opening, return_exceptions=True)
        async with self._writing:
            for connection in (self._reader, self._writer):
                if connection is not None:
                    await connection.driver.close()
            self._reader = self._writer = self._opening = None


def _require_file(path: str) -> None:
    """The driver would make an empty file."""
    if not Path(path).exists():
        require_current(None)


async def _version(connection: aiosqlite.Connection) -> str | None:
    tables = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    if not list(await connection.execute_fetchall(tables)):
        return None
    rows = list(await connection.execute_fetchall("SELECT version_num FROM alembic_version"))
    return str(rows[0][0]) if rows else None
