"""The administrator's token of the embedded mode: made by the first start, in a file of the state folder."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from krake.errors import KrakeError
from krake.identities import MASTERS
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.tokens import Token, digest_of, issue

if TYPE_CHECKING:
    from krake.store.tokens import Tokens

FILE = "admin.token"
USER = "system:admin"


def token_file(settings: Settings) -> Path | None:
    """Where the token is; None where the settings take no tokens."""
    return settings.state_dir / FILE if AuthenticationWay.TOKENS in settings.authentication else None


async def ensure_admin_token(settings: Settings) -> None:
    """Make sure that the file holds a token that is good for everything; one that was revoked is replaced.

    Raises:
        KrakeError: the file cannot be used, or the store cannot.
    """
    # SQLAlchemy takes most of a second to load, which those who only ask where the file is should not pay.
    from krake.store.engine import open_database
    from krake.store.tokens import Tokens

    path = token_file(settings)
    if path is None:
        return
    database = open_database(settings.store_url)
    try:
        tokens = Tokens(database)
        known = await tokens.find(digest_of(read_token(path))) if path.exists() else None
        if known is None or known.expired():
            await _renew(tokens, path)
    finally:
        await database.close()


def read_token(path: Path) -> str:
    """The token in a file.

    Raises:
        KrakeError: it cannot be read, or others can read it.
    """
    try:
        with path.open() as file:
            mode = os.fstat(file.fileno()).st_mode
            token = file.read().strip()
    except OSError as error:
        raise _unusable(path, error) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KrakeError(
            f"The token file {path} can be read by others",
            why=f"Its mode is {stat.S_IMODE(mode):04o}; whoever has the token administers this Krake",
            fix=f"Delete it, and `krake up` makes another token: rm {path}",
        )
    return token


async def _renew(tokens: Tokens, path: Path) -> None:
    """A new token in the place of the one that this folder had."""
    name = f"krake-up-{hashlib.sha256(str(path.parent).encode()).hexdigest()[:8]}"
    secret, token = issue(name, USER, [MASTERS])
    await _replace(tokens, token)
    try:
        _write(path, secret)
    except OSError as error:
        raise _unusable(path, error) from None


async def _replace(tokens: Tokens, token: Token) -> None:
    if await tokens.find_by_name(token.name):
        await tokens.remove(token.name)
    await tokens.add(token)


def _write(path: Path, secret: str) -> None:
    """Write the file at once, for its owner only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
    fresh.replace(path)


def _unusable(path: Path, error: OSError) -> KrakeError:
    return KrakeError(
        f"The token file {path} cannot be used",
        why=error.strerror or str(error),
        fix="Check that its folder belongs to the user who runs Krake",
    )
