"""PostgreSQL as the store's database: a pool of open connections with prepared statements."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import orjson
from sqlalchemy.engine import URL

from krake.store.engine import Session
from krake.store.errors import Unavailable
from krake.store.prepared import Prepared, postgres_dialect
from krake.store.schema import require_current
from krake.store.statements import Statements, statements_for
from krake.tls.postgres import postgres_tls

POOL_SIZE = 10
COMMAND_SECONDS = 30.0
WRITERS = 2
"""Transactions of this process that hold a connection: one at work, and one that takes over the lock at once.
More would only wait for the lock with connections that readers need."""

_BEGIN = "BEGIN; SELECT value FROM counter WHERE id = 1 FOR UPDATE"
"""One round trip. The counter's row is the write lock: taken first by every transaction, so that revisions
are in commit order, what a transaction read stays true until it commits, and no two can deadlock."""

_SETTINGS = {
    "application_name": "krake",
    "jit": "off",
    "lock_timeout": "10000",
    # A process that is stopped inside a transaction must not keep all others from writing.
    "idle_in_transaction_session_timeout": "30000",
}
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
    # What the driver raises on a connection that the server has just told to end.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_BUSY = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ObjectNotInPrerequisiteStateError,
)
_UNTRUSTED = (ssl.SSLError, ssl.CertificateError)


def connect_options(url: URL) -> dict[str, Any]:
    """The driver's arguments for a URL.

    Raises:
        KrakeError: what it says of TLS cannot be done.
    """
    plain, encryption = postgres_tls(url)
    _, options = postgres_dialect().create_connect_args(plain)
    return {**options, **encryption}


def place(url: URL) -> str:
    """Where the database is, for messages: without user and password."""
    host = url.host or url.query.get("host") or "localhost"
    return f"{host}:{url.port or 5432}/{url.database or ''}"


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn the driver's errors about the connection into errors that say what to do."""
    try:
        yield
    except _UNTRUSTED as error:
        raise Unavailable(
            f"The encrypted connection to PostgreSQL at {place} fails",
            why=str(error),
            fix="Check sslmode, sslrootcert, sslcert and sslkey in the database URL, and the certificate",
        ) from error
    except _REFUSED as error:
        raise Unavailable(
            f"PostgreSQL at {place} refuses the connection",
            why=str(error),
            fix="Check user, password and database name in the database URL",
        ) from error
    except _BUSY as error:
        raise Unavailable(
            f"PostgreSQL at {place} was busy for too long",
            why=str(error),
            fix="Try again; if it stays, look in pg_stat_activity for who holds the lock",
        ) from error
    except _LOST as error:
        raise Unavailable(
            f"PostgreSQL at {place} cannot be reached",
            why=str(error) or type(error).__name__,
            fix="Check that it runs and that host and port in the database URL are right",
        ) from error


async def _prepare(connection: Any) -> None:
    """Let the driver hand out JSON as Python types; it is given as text."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=orjson.loads)


async def _keep(connection: Any) -> None:
    """Nothing to reset on a connection that comes back: no session state is ever set."""


class _Connection:
    """Executes statements on one connection, inside its transaction."""

    def __init__(self, driver: Any, place: str) -> None:
        self._driver = driver
        self._place = place

    async def fetch(self, statement: Prepared, /, **values: Any) -> list[list[Any]]:
        """Execute the statement and return its rows, in one round trip."""
        with explained(self._place):
            rows = await self._driver.fetch(statement.sql, *statement.encode(values))
        return statement.decode(rows)


class PostgresDatabase:
    """A database on a server, shared by any number of processes anywhere."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._place = place(url)
        self._opening = asyncio.Lock()
        self._writing = asyncio.Semaphore(WRITERS)
        self._pool: Any = None

    @property
    def statements(self) -> Statements:
        """The store's statements for PostgreSQL."""
        return statements_for("postgresql")

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                with explained(self._place):
                    pool = await asyncpg.create_pool(
                        min_size=1,
                        max_size=POOL_SIZE,
                        command_timeout=COMMAND_SECONDS,
                        init=_prepare,
                        reset=_keep,
                        server_settings=_SETTINGS,
                        **connect_options(self._url),
                    )
                try:
                    require_current(await _version(pool))
                except BaseException:
                    await pool.close()
                    raise
                self._pool = pool
            return self._pool

    async def fetch(self, statement: Prepared, /, **values: Any) -> list[list[Any]]:
        """Execute a read: one statement, hence one snapshot."""
        pool = self._pool or await self._open()
        with explained(self._place):
            rows = await pool.fetch(statement.sql, *statement.encode(values))
        return statement.decode(rows)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A write transaction; the lock is taken at its start."""
        pool = self._pool or await self._open()
        async with self._writing:
            with explained(self._place):
                driver = await pool.acquire()
            try:
                with explained(self._place):
                    await driver.execute(_BEGIN)
                yield _Connection(driver, self._place)
                with explained(self._place):
                    await driver.execute("COMMIT")
            except BaseException:
                await asyncio.shield(_roll_back(driver))
                raise
            finally:
                await pool.release(driver)

    async def close(self) -> None:
        """Close the pool, after what is running has ended."""
        async with self._opening:
            pool, self._pool = self._pool, None
            if pool is not None:
                await pool.close()


async def _roll_back(driver: Any) -> None:
    """Roll back, or cut the connection: the server then rolls back by itself."""
    try:
        await driver.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InternalClientError, OSError):
        driver.terminate()
    except asyncpg.InterfaceError:
        # The connection was lost, and the pool has let go of it already.
        return


async def _version(pool: Any) -> str | None:
    if await pool.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    version = await pool.fetchval("SELECT version_num FROM alembic_version")
    return str(version) if version else None
