"""What the store asks of a database, and which database a URL means."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from krake.store.errors import StoreError
from krake.store.prepared import Prepared
from krake.store.statements import Statements

MAXIMUM = 2**31 - 1
"""Stands for "no limit" in statements."""

_FIX = "Use sqlite+aiosqlite:///PATH for a file, or postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE"


class Session(Protocol):
    """Something that executes statements: a database outside, or inside, of a transaction."""

    async def fetch(self, statement: Prepared, /, **values: Any) -> list[list[Any]]:
        """Execute the statement and return its rows.

        Raises:
            Unavailable: the database cannot be reached or is too busy.
        """


class Database(Session, Protocol):
    """One open database: reads at any time, and write transactions one after the other."""

    @property
    def statements(self) -> Statements:
        """The store's statements, compiled for this database."""

    def transaction(self) -> AbstractAsyncContextManager[Session]:
        """A write transaction that holds the one write lock: it sees all commits before it and commits at
        the end of the block, or rolls back on an error. No two of them can wait for each other."""

    async def close(self) -> None:
        """Close all connections."""


def parse(url: str) -> URL:
    """The URL in its parts.

    Raises:
        StoreError: it is none, or of a database that Krake does not know.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("The database URL cannot be read", fix=_FIX) from error
    if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise StoreError(f"Krake does not know the database '{parsed.drivername}'", fix=_FIX)
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError("The SQLite database has to be a file, because several processes share it", fix=_FIX)
    return parsed


def open_database(url: str) -> Database:
    """The database of a URL; connections are made when they are first needed."""
    parsed = parse(url)
    if parsed.drivername == "sqlite+aiosqlite":
        from krake.store.sqlite import SqliteDatabase

        return SqliteDatabase(str(parsed.database))
    from krake.store.postgres import PostgresDatabase

    return PostgresDatabase(parsed)
