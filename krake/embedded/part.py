"""One supervised process: started, watched until it is ready, started again when it dies, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from krake.embedded.backoff import Backoff
from krake.embedded.record import PartRecord, PartState, ProcessMark
from krake.errors import KrakeError
from krake.launch import module_command

PROBE_INTERVAL = 0.1
"""Seconds between two questions whether a part is ready."""
HOPELESS = 3
"""Deaths before a part was ever ready after which the start is given up."""

Say = Callable[[str], None]
Probe = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class PartSpec:
    """How a part is run. `grace` is the seconds it gets to end by itself."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    address: str
    probe: Probe
    grace: float
    log: Path


class Part:
    """A process that is kept alive. `changed` is called after every change of `record`."""

    def __init__(self, spec: PartSpec, say: Say, changed: Callable[[], None]) -> None:
        self.spec = spec
        self.record = PartRecord(
            name=spec.name,
            state=PartState.STOPPED,
            address=spec.address,
            log=spec.log,
            since=datetime.now(UTC),
        )
        self._say = say
        self._changed = changed
        self._first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready for the first time.

        Raises:
            KrakeError: it dies again and again before that.
        """
        self._life = asyncio.create_task(self._keep_alive(), name=self.spec.name)
        await asyncio.shield(self._first)

    async def stop(self) -> None:
        """Ask it to end, wait as long as its grace says, then kill it."""
        self._stopping.set()
        if self._life is None:
            return
        self.signal(signal.SIGTERM)
        done, _ = await asyncio.wait([self._life], timeout=self.spec.grace)
        if not done:
            self._say(f"{self.spec.name} did not stop within {self.spec.grace:g} s and is killed")
            self.kill()
        await self._life

    def kill(self) -> None:
        """End it at once."""
        self._stopping.set()
        self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _keep_alive(self) -> None:
        backoff = Backoff()
        while not self._stopping.is_set():
            began = time.monotonic()
            reason = await self._live()
            if self._stopping.is_set():
                break
            self.record.restarts += 1
            delay = backoff.after(time.monotonic() - began)
            self._enter(PartState.WAITING)
            self._say(f"{self.spec.name} {reason}; starts again in {delay:g} s; log: {self.spec.log}")
            if self.record.restarts >= HOPELESS and not self._first.done():
                self._first.set_exception(self._hopeless(reason))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
        self._enter(PartState.STOPPED)

    async def _live(self) -> str:
        """One life of the process, from start to end; says how it ended."""
        try:
            self._process = await self._spawn()
        except OSError as error:
            return f"could not be started ({error.strerror})"
        self._enter(PartState.STARTING, self._process.pid)
        if self._stopping.is_set():
            self.signal(signal.SIGTERM)
        watch = asyncio.create_task(self._until_ready())
        try:
            return ending(await self._process.wait())
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _spawn(self) -> asyncio.subprocess.Process:
        with self._open_log() as log:
            return await asyncio.create_subprocess_exec(
                *module_command("krake.embedded.child", str(os.getpid())),
                *self.spec.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.spec.environment},
                start_new_session=True,
            )

    def _open_log(self) -> BinaryIO:
        """The log to append to; where it cannot be opened (folder deleted), the part runs without."""
        try:
            return self.spec.log.open("ab")
        except OSError as error:
            self._say(f"cannot write {self.spec.log}: {error.strerror}")
            return open(os.devnull, "ab")

    async def _until_ready(self) -> None:
        await until(self.spec.probe)
        self._enter(PartState.READY, self.record.process.pid if self.record.process else None)
        if not self._first.done():
            self._first.set_result(None)
        elif self.record.process:
            self._say(f"{self.spec.name} is ready again, pid {self.record.process.pid}")

    def _enter(self, state: PartState, pid: int | None = None) -> None:
        self.record.state = state
        self.record.since = datetime.now(UTC)
        self.record.process = ProcessMark.of(pid) if pid else None
        self._changed()

    def _hopeless(self, reason: str) -> KrakeError:
        return KrakeError(
            f"The {self.spec.name} does not start: it {reason}, {self.record.restarts} times in a row",
            why=last_line(self.spec.log),
            fix=f"Its log says more: {self.spec.log}",
        )


async def until(probe: Probe) -> None:
    """Ask again and again until the answer is yes."""
    while True:
        if await probe():
            return
        await asyncio.sleep(PROBE_INTERVAL)


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def last_line(log: Path) -> str:
    """The last line of a log that says something."""
    lines = [line.strip() for line in log.read_text(errors="replace")[-4000:].splitlines() if line.strip()]
    return lines[-1] if lines else ""
