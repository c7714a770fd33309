"""Changing the configuration file: whole or not at all, and readable by its owner only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rok.config import FILE_NAMES, candidates, read_file
from rok.contexts import CONTEXTS, CURRENT
from rok.errors import ExitCode, RokError

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNER_ONLY = 0o600


class ConfigFile:
    """The file that is in use, or that will be from the first change on."""

    def __init__(self, explicit: str | None, environ: Mapping[str, str]) -> None:
        named = explicit or environ.get("ROK_CONFIG")
        found = next((path for path in candidates(environ) if path.is_file()), None)
        home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        self.path = Path(named) if named else found or home / FILE_NAMES[0]
        self.content: dict[str, Any] = read_file(self.path) if self.path.is_file() else {}

    @property
    def contexts(self) -> dict[str, Any]:
        """The settings of each context by its name."""
        found = self.content.get(CONTEXTS) or {}
        return found if isinstance(found, dict) else {}

    @property
    def current(self) -> str:
        """The name of the current context; empty where the file's own settings are in effect."""
        return str(self.content.get(CURRENT) or "")

    @property
    def has_own_settings(self) -> bool:
        """Whether the file says something outside of its contexts."""
        return bool(self.content.keys() - {CONTEXTS, CURRENT})

    def set_context(self, name: str, changes: Mapping[str, Any]) -> None:
        """Give a context these settings; what it says beyond them stays."""
        context = {**(self.contexts.get(name) or {})}
        for key, value in changes.items():
            both = isinstance(value, dict) and isinstance(context.get(key), dict)
            context[key] = {**context[key], **value} if both else value
        self.content[CONTEXTS] = {**self.contexts, name: context}

    def use_context(self, name: str) -> None:
        """Make a context the current one."""
        self.content[CURRENT] = name

    def save(self) -> None:
        """Write the file.

        Raises:
            RokError: that cannot be done.
        """
        import yaml

        write_private(self.path, yaml.safe_dump(self.content, sort_keys=False, allow_unicode=True))


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner can read.

    Raises:
        RokError: it cannot be written.
    """
    # A link is followed: some people keep their configuration elsewhere.
    path = path.resolve()
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "w") as file:
            file.write(text)
        fresh.replace(path)
    except OSError as error:
        raise RokError(
            f"Cannot write {path}",
            code=ExitCode.USAGE,
            why=str(error.strerror),
            fix="Check that the folder is yours and has space left",
        ) from None
