"""The state folder of the embedded mode: who uses it, its logs, and what it says about the last start."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from krake.embedded.record import Record
from krake.errors import KrakeError

_LOG_LIMIT = 20 * 1024 * 1024
"""Bytes after which a log is put aside when its part starts; one older log is kept."""


class StateDir:
    """One state folder. Everything that `krake up` keeps is below `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self.logs = self.path / "logs"
        self._record = self.path / "supervisor.json"

    def prepare(self) -> None:
        """Make the folder, readable by its owner only.

        Raises:
            KrakeError: it cannot be made or written to.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise KrakeError(
                f"Cannot write to the state folder {self.path}",
                why=error.strerror or str(error),
                fix="Choose another one with --state-dir or KRAKE_STATE_DIR, or mend its permissions",
            ) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder: it ends with the process, however that ends.

        Raises:
            KrakeError: another `krake up` has it; names its process and addresses.
        """
        lock = FileLock(self.path / "supervisor.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise self._in_use() from None
        try:
            yield
        finally:
            lock.release()

    def read(self) -> Record | None:
        """What the last `krake up` wrote; None where there was none or it cannot be understood."""
        try:
            return Record.model_validate_json(self._record.read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValidationError):
            return None

    def running(self) -> Record | None:
        """The record of the `krake up` that runs on this folder now."""
        record = self.read()
        return record if record and record.supervisor.find() else None

    def write(self, record: Record) -> None:
        """Replace the record; a reader sees the old or the new one, never half of it."""
        fresh = self._record.with_suffix(".new")
        fresh.write_text(record.model_dump_json(indent=2))
        os.replace(fresh, self._record)

    def forget(self) -> None:
        """Remove the record: nothing of that start is left."""
        self._record.unlink(missing_ok=True)

    def log(self, part: str) -> Path:
        """A part's log file; one that has grown too large is put aside first."""
        path = self.logs / f"{part}.log"
        if path.exists() and path.stat().st_size > _LOG_LIMIT:
            os.replace(path, path.with_suffix(".log.1"))
        return path

    def _in_use(self) -> KrakeError:
        """Says who uses the folder."""
        record = self.running()
        if record is None:
            return KrakeError(
                f"The state folder {self.path} is locked by another process",
                fix="Wait until it has finished, or choose another folder with --state-dir",
            )
        places = ", ".join(f"{name} {address}" for name, address in record.addresses.items())
        return KrakeError(
            f"Krake is already running here, pid {record.supervisor.pid}",
            why=places,
            fix="See `krake status`, stop it with `krake down`, or start another with --state-dir and ports",
        )
