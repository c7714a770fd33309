"""Databases with tables, copied from one that was migrated: most tests need tables, few how they are made."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import make_url

from krake.store import migrate


def make_tables(url: str) -> str:
    """Make the file of a SQLite URL with all tables, as `migrate.upgrade` does; gives the URL back."""
    database = make_url(url).database
    assert database and not Path(database).exists(), f"{url} is no new SQLite database"
    content, mode = _migrated()
    path = Path(database)
    path.touch(mode)
    path.write_bytes(content)
    return url


def new_sqlite(folder: Path) -> str:
    """The URL of a new SQLite database with tables in a folder."""
    return make_tables(f"sqlite+aiosqlite:///{folder / 'krake.db'}")


@cache
def _migrated() -> tuple[bytes, int]:
    """A migrated file and its mode; one connection made it, which leaves no log beside it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "krake.db"
        migrate.upgrade(f"sqlite+aiosqlite:///{path}")
        assert [entry.name for entry in path.parent.glob("krake.db-*")] == []
        return path.read_bytes(), path.stat().st_mode & 0o777
