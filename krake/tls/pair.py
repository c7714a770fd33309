"""A certificate and its key as two files beside each other, readable by their owner only."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from krake.errors import KrakeError

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Where a certificate (with its chain) and its key are."""

    certificate: Path
    key: Path

    @classmethod
    def of(cls, folder: Path, name: str) -> Pair:
        """The files for a name; what file names should not hold becomes `-`: `system-admin`."""
        stem = _UNSAFE.sub("-", name).strip(".-") or "unnamed"
        return cls(folder / f"{stem}.crt", folder / f"{stem}.key")


def require_absent(pair: Pair, danger: str) -> None:
    """Refuse to overwrite.

    Raises:
        KrakeError: one of the files is there.
    """
    for path in (pair.certificate, pair.key):
        if path.exists():
            raise KrakeError(
                f"{path} exists already",
                why=danger,
                fix="Use another name or folder, or --force to replace it",
            )


def write_pair(pair: Pair, certificate: bytes, key: bytes) -> None:
    """Write both files, the key first.

    Raises:
        KrakeError: they cannot be written.
    """
    try:
        pair.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(pair.key, key)
        _write_private(pair.certificate, certificate)
    except OSError as error:
        raise KrakeError(
            f"The files for {pair.certificate.stem} cannot be written",
            why=f"{error.filename}: {error.strerror}",
            fix="Check the folder, or choose another one with --directory",
        ) from None


def _write_private(path: Path, content: bytes) -> None:
    """Complete or not at all, and never readable by others."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(scratch, path)
