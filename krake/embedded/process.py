"""Processes that outlive the command that started them: known by a pid file, output in a log file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import ValidationError

from krake.embedded.record import ProcessMark
from krake.errors import KrakeError

POLL = 0.02
KILL_SECONDS = 30.0
LOG_TAIL = 3

# A child that ended stays in the process table until its parent asks for its status: these are asked.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class ManagedProcess:
    """A process that is found again by its pid file, also by another command or after a crash."""

    name: str
    pid_file: Path
    log_file: Path

    def start(self, command: Sequence[str | Path], *, environment: dict[str, str] | None = None) -> None:
        """Starts the process in its own session, its output appended to the log file; does not wait.

        Raises:
            KrakeError: the program cannot be run.
        """
        try:
            with self.log_file.open("ab") as log:
                child = subprocess.Popen(
                    [str(part) for part in command],
                    cwd=self.log_file.parent,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise KrakeError(f"{self.name} cannot be started", why=str(error)) from error
        _children[child.pid] = child
        if mark := ProcessMark.of(child.pid):
            scratch = self.pid_file.with_suffix(".new")
            scratch.write_text(mark.model_dump_json())
            os.replace(scratch, self.pid_file)

    def find(self) -> psutil.Process | None:
        """The running process; never another one that got the same id later."""
        try:
            mark = ProcessMark.model_validate_json(self.pid_file.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        child = _children.get(mark.pid)
        if child and child.poll() is not None:
            del _children[mark.pid]
        return mark.find()

    @property
    def pid(self) -> int | None:
        """The id of the running process."""
        process = self.find()
        return process.pid if process else None

    async def stop(self, grace: float) -> None:
        """Ends the process and waits until it is gone: asks, and after `grace` seconds kills."""
        process = self.find()
        if process:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
                if not await self._ended(grace):
                    process.kill()
            await self._ended(KILL_SECONDS)
        self.pid_file.unlink(missing_ok=True)

    async def _ended(self, seconds: float) -> bool:
        # One that has ended may stay in the process table until its heir looks: no reason to wait.
        deadline = time.monotonic() + seconds
        while self.find() is not None:
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(POLL)
        return True

    def last_lines(self, count: int = LOG_TAIL) -> list[str]:
        """The end of the log."""
        try:
            with self.log_file.open("rb") as log:
                log.seek(max(0, self.log_file.stat().st_size - 16_384))
                lines = log.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        return [line.strip() for line in lines if line.strip()][-count:]


async def wait_until(
    what: str,
    condition: Callable[[], Awaitable[bool]],
    processes: Iterable[ManagedProcess],
    *,
    seconds: float,
) -> None:
    """Waits until `condition` holds, which needs `processes` to run.

    Args:
        what: what is waited for, for the error's text.
        condition: asked again and again.
        processes: those that must stay alive meanwhile.
        seconds: the longest wait.

    Raises:
        KrakeError: a process ended, or the time is over; with the end of the log.
    """
    needed = list(processes)
    deadline = time.monotonic() + seconds
    while True:
        holds = await condition()
        # Also when it holds: another server may have answered in the place of one that ended.
        for process in needed:
            if process.find() is None:
                raise _failure(f"{process.name} ended before {what}", process)
        if holds:
            return
        if time.monotonic() > deadline:
            raise _failure(f"Not {what} within {seconds:g} seconds", needed[0])
        await asyncio.sleep(POLL)


def _failure(what: str, process: ManagedProcess) -> KrakeError:
    return KrakeError(what, why=" | ".join(process.last_lines()), fix=f"Its log: {process.log_file}")
