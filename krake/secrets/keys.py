"""Key files: made once, readable by their owner only."""

from __future__ import annotations

import os
import stat
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path

from krake.secrets.cipher import KEY_BYTES
from krake.secrets.errors import SecretError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def new_key() -> str:
    """A random key as text."""
    return urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def load_or_create_key(path: Path) -> str:
    """The content of the key file, see `krake.secrets.ring`: a key a line, newest first. A missing file
    is made, complete or not at all, also by several processes at once.

    Raises:
        SecretError: the file cannot be read or made, is empty, or others than its owner can read it.
    """
    try:
        if not path.exists():
            _create(path)
        return _load(path)
    except OSError as error:
        raise SecretError(
            f"The key file {path} cannot be used",
            why=error.strerror or str(error),
            fix="Check that its folder exists and that the file belongs to the user who runs Krake",
        ) from error


def _create(path: Path) -> None:
    """Write a temporary file and link it to its name: whoever links first has made the key."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(new_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return
    finally:
        os.unlink(temporary)


def _load(path: Path) -> str:
    with path.open() as file:
        mode = os.fstat(file.fileno()).st_mode
        key = file.read().strip()
    if mode & _OTHERS:
        raise SecretError(
            f"The key file {path} can be read by others",
            why=f"Its mode is {stat.S_IMODE(mode):04o}; it protects the credentials of all clusters",
            fix=f"Run: chmod 600 {path}",
        )
    if not key:
        raise SecretError(f"The key file {path} is empty", fix="Put the key back from a backup")
    return key
