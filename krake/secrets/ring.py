"""The keys of a key file: read, written anew, and followed while processes run.

A key a line, newest first; behind a `#` is when it was made. The first encrypts, the others only decrypt.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from krake.secrets.cipher import Cipher, decoded, key_id
from krake.secrets.errors import SecretError
from krake.secrets.keys import load_or_create_key, new_key

LOCK_SECONDS = 10.0

_log = structlog.get_logger("krake.secrets")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the file, and when it was made; None where the file does not say."""

    text: str = field(repr=False)
    made: datetime | None = None

    @classmethod
    def new(cls) -> Key:
        """A random key, made now."""
        return cls(new_key(), datetime.now(UTC).replace(microsecond=0))

    @property
    def id(self) -> str:
        """Its name in lists and messages."""
        return key_id(self.text)

    def line(self) -> str:
        """As it stands in the file."""
        return f"{self.text} # made {self.made.isoformat()}" if self.made else self.text


def read_keys(path: Path) -> list[Key]:
    """The keys of the file, newest first; a missing file is made.

    Raises:
        SecretError: the file cannot be used, or a key in it is malformed.
    """
    keys = [_parsed(line) for line in load_or_create_key(path).splitlines() if line.strip()]
    decoded([key.text for key in keys])
    return keys


def write_keys(path: Path, keys: Sequence[Key]) -> None:
    """Replace the file at once; running processes take the new keys up when they need one.

    Raises:
        SecretError: the file cannot be written.
    """
    scratch = path.with_name(f".{path.name}.new")
    try:
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{key.line()}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except OSError as error:
        raise SecretError(
            f"The key file {path} cannot be written",
            why=error.strerror or str(error),
            fix="Run this as the user who runs Krake, where the file is not mounted read-only",
        ) from error


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Keep other rotations away from the key file.

    Raises:
        SecretError: another one is at it.
    """
    try:
        with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
            yield
    except Timeout:
        raise SecretError(
            f"Another process is changing the key file {path}", fix="Wait for it, and try again"
        ) from None


class FileCipher(Cipher):
    """A cipher that follows its key file: whatever it writes is under the first key of this moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = _mark(path)
        super().__init__(_bytes(path))
        self._mark = self._mark or _mark(path)

    def _refresh(self) -> None:
        mark = _mark(self._path)
        if mark is None or mark == self._mark:
            return
        self._mark = mark
        try:
            self._install(_bytes(self._path))
        except SecretError as error:
            # The keys in memory are good; a slip in the file must not stop everything that runs.
            _log.error("the key file cannot be used, the former keys stay", error=str(error))


def _bytes(path: Path) -> list[bytes]:
    return decoded([key.text for key in read_keys(path)])


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What changes whenever the file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _parsed(line: str) -> Key:
    text, _, comment = line.partition("#")
    word, _, moment = comment.strip().partition(" ")
    try:
        made = datetime.fromisoformat(moment) if word == "made" else None
    except ValueError:
        made = None
    return Key(text.strip(), made)
