"""Stopping a running `krake up`, and what one that was killed left behind."""

from __future__ import annotations

from collections.abc import Callable

import psutil

from krake.embedded.record import Record
from krake.embedded.statedir import StateDir
from krake.errors import KrakeError

Say = Callable[[str], None]

_PATIENCE = 15.0
"""Seconds that they get to end by themselves."""


def stop(record: Record, patience: float) -> None:
    """Ask a running `krake up` to stop, and wait until it has.

    Raises:
        KrakeError: it still runs after `patience` seconds.
    """
    process = record.supervisor.find()
    if process is None:
        return
    try:
        process.terminate()
        process.wait(patience)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        raise KrakeError(
            f"Krake (pid {process.pid}) still runs after {patience:g} s",
            fix=f"Wait longer with --timeout, or run `kill -9 {process.pid}` and `krake down` again",
        ) from None
    except psutil.AccessDenied:
        raise KrakeError(
            f"Krake (pid {process.pid}) belongs to another user", fix="Stop it as that user"
        ) from None


def stop_leftovers(folder: StateDir, say: Say) -> int:
    """Stop what the last `krake up` left behind and return how many processes that were.

    To be called only by who holds the folder's lock: the last supervisor is gone then.
    """
    record = folder.read()
    if record is None:
        return 0
    found = {part.name: part.process.find() for part in record.parts if part.process}
    left = {name: process for name, process in found.items() if process}
    for name, process in left.items():
        say(f"stopping {name}, pid {process.pid}, left by a krake up that was killed")
        _end(process)
    _, alive = psutil.wait_procs(left.values(), timeout=_PATIENCE)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive)
    folder.forget()
    return len(left)


def _end(process: psutil.Process) -> None:
    try:
        process.terminate()
    except psutil.NoSuchProcess:
        return
