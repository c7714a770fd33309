"""Where the state is kept, and the keys of what is secret in it."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_state_path
from pydantic import Field, SecretStr

from krake.setting_groups.base import SettingGroup


class StorageSettings(SettingGroup):
    """Where the state is kept, and the keys of what is secret in it."""

    state_dir: Path = Field(default_factory=lambda: user_state_path("krake"))
    """Folder of the embedded mode: databases, key, logs, sandboxes."""
    database_url: str = ""
    """Store: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`; empty: SQLite in the state folder."""
    secret_keys: list[SecretStr] = Field(default_factory=list)
    """Keys that encrypt secrets at rest, newest first (a JSON list); empty uses the key file."""
    secret_key_file: Path | None = None
    """File with the keys, one a line, newest first; empty is `secret.key` in the state folder."""
