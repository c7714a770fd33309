"""Which versions of the tables exist, and whether a database has the newest one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from krake.store.errors import SchemaMismatch

MIGRATIONS = Path(__file__).parent / "migrations"


def configuration() -> Config:
    """Alembic's configuration, without a file, so that it works from an installed package."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


@cache
def versions() -> tuple[str, ...]:
    """All versions of the tables that this release knows, newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions())


def require_known(version: str | None) -> None:
    """Raise `SchemaMismatch` when a newer release made the tables."""
    if version is not None and version not in versions():
        raise SchemaMismatch(
            f"The database is newer than this Krake: it has version '{version}'",
            why=f"This release knows versions up to '{versions()[0]}'",
            fix="Install the newer release of Krake again, or restore a backup from before its upgrade",
        )


def require_current(version: str | None) -> None:
    """Raise `SchemaMismatch` when the tables are missing, older or newer than this release needs."""
    require_known(version)
    if version != versions()[0]:
        raise SchemaMismatch(
            "The database has no tables yet" if version is None else "The database is older than this Krake",
            fix="Run: krake db upgrade",
        )
