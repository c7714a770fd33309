"""Contexts of the configuration file: several APIs or users in one file, one of them current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rok.errors import ExitCode, RokError

if TYPE_CHECKING:
    from pathlib import Path

CURRENT = "current_context"
CONTEXTS = "contexts"


def choose(content: dict[str, Any], name: str | None, path: Path | None) -> tuple[str, dict[str, Any] | None]:
    """The name and the settings of the context in effect; no name where the file's own settings are.

    Args:
        content: the configuration file; its two keys about contexts are taken out of it.
        name: the context that was asked for; None takes the file's current one.
        path: the file.

    Raises:
        RokError: there is no such context, or the file's contexts cannot be understood.
    """
    contexts, current = content.pop(CONTEXTS, None) or {}, content.pop(CURRENT, None)
    if not isinstance(contexts, dict) or not all(isinstance(one, dict) for one in contexts.values()):
        raise _broken(path, f"{CONTEXTS} has to be a mapping of names to settings")
    if current is not None and not isinstance(current, str):
        raise _broken(path, f"{CURRENT} has to be a text")
    wanted = name or current
    if not wanted:
        return "", None
    if wanted not in contexts:
        known = ", ".join(sorted(map(str, contexts))) or "none"
        raise RokError(
            f"There is no context '{wanted}'",
            code=ExitCode.USAGE,
            why=f"{path or 'No configuration file'} has: {known}",
            fix=f"`rok config get-contexts` lists them, `rok config set-context {wanted}` makes one",
        )
    return wanted, dict(contexts[wanted])


def _broken(path: Path | None, why: str) -> RokError:
    return RokError(
        f"Cannot use the configuration {path}",
        code=ExitCode.USAGE,
        why=why,
        fix="`rok config set-context` writes contexts as they have to be",
    )
