"""Which token a call of `rok` shows: the first that there is, most explicit first."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rok.errors import ExitCode, RokError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rok.config import Config
    from rok.logins import Login

MARGIN = 30.0
"""Seconds before its end from which on a token is renewed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A token, and where it comes from in words; both empty where there is none."""

    token: str = field(default="", repr=False)
    source: str = ""


def find_token(config: Config, environ: Mapping[str, str], explicit: str | None) -> Found:
    """The token for the API of the configuration.

    In this order: `--token-file`, `ROK_TOKEN`, `ROK_TOKEN_FILE`, the configuration, `rok login`, a `krake up`
    of this user on this machine.

    Raises:
        RokError: a file that was named cannot be read, or holds no token; a login cannot be renewed.
    """
    if explicit:
        return _from_file(explicit, "--token-file")
    if environ.get("ROK_TOKEN"):
        return Found(checked_token(environ["ROK_TOKEN"], "ROK_TOKEN"), "ROK_TOKEN")
    if environ.get("ROK_TOKEN_FILE"):
        return _from_file(environ["ROK_TOKEN_FILE"], "ROK_TOKEN_FILE")
    if config.token:
        return Found(checked_token(config.token, config.source), config.source)
    if config.token_file:
        return _from_file(config.token_file, config.source)
    return _from_login(config, environ) or _from_this_machine(config.api_url)


def _from_login(config: Config, environ: Mapping[str, str]) -> Found | None:
    from rok.logins import Logins

    logins = Logins(environ)
    login = logins.find(config)
    if login is None:
        return None
    if login.refresh_token and login.expires and login.expires - MARGIN < time.time():
        login = _renewed(login)
        logins.keep(config, login)
    return Found(login.token, "rok login")


def _renewed(login: Login) -> Login:
    from rok.device import renew

    return renew(login)


def _from_this_machine(url: str) -> Found:
    """The administrator's token of a `krake up`; one that cannot be read is as if it were not there."""
    from krake.local_access import token_file_for

    path = token_file_for(url)
    if path is None:
        return Found()
    try:
        return Found(path.read_text(encoding="ascii").strip(), f"`krake up` on this machine ({path})")
    except (OSError, UnicodeDecodeError):
        return Found()


def _from_file(name: str, said_by: str) -> Found:
    try:
        text = Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RokError(
            f"Cannot read the token file {name}",
            code=ExitCode.USAGE,
            why=str(getattr(error, "strerror", None) or "it is not a text file"),
            fix=f"Check {said_by}",
        ) from None
    return Found(checked_token(text, f"the file {name}"), f"{name} ({said_by})")


def checked_token(token: str, where: str) -> str:
    """The token, if it can be one: what else would be sent might be a key, or break the request.

    Raises:
        RokError: it cannot.
    """
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise RokError(
            f"There is no token in {where}",
            code=ExitCode.USAGE,
            why="A token is one line of letters, digits and signs, without blanks",
            fix="Ask whoever administers Krake for one, or use `rok login`",
        )
    return token
