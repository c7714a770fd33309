"""`krake up`: starts the parts in order, keeps them alive, stops them in order."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from krake.embedded.part import Part, PartSpec, Say
from krake.embedded.plan import Plan
from krake.embedded.record import ProcessMark, Record
from krake.errors import KrakeError
from krake.local_access import announce, withdraw

START_LIMIT = 120.0
"""Seconds in which all parts must be ready."""


class Supervisor:
    """One `krake up` on a state folder whose lock the caller holds."""

    def __init__(self, plan: Plan, temporal: Path, say: Say, on_ready: Callable[[Plan], None]) -> None:
        self._plan = plan
        self._temporal = temporal
        self._say = say
        self._on_ready = on_ready
        self._parts: list[Part] = []
        self._stop = asyncio.Event()
        self._record = _record(plan)

    async def run(self) -> None:
        """Start everything, tell when it is ready, and stay until a signal asks to stop.

        Raises:
            KrakeError: a part does not start.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._asked_to_stop)
        try:
            if await self._started():
                self._record.ready = True
                self._write()
                self._announce()
                self._on_ready(self._plan)
                await self._stop.wait()
        finally:
            withdraw(self._plan.url)
            await self._stop_all()

    async def _started(self) -> bool:
        """Start the parts; False where a signal came first."""
        start = asyncio.create_task(self._start_all())
        stop = asyncio.create_task(self._stop.wait())
        done, pending = await asyncio.wait([start, stop], return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        if start in done:
            await start
        return start in done

    async def _start_all(self) -> None:
        """Temporal first; the worker and the API need it and start side by side."""
        try:
            async with asyncio.timeout(START_LIMIT):
                await self._start(self._plan.temporal(self._temporal))
                await asyncio.gather(self._start(self._plan.worker()), self._start(self._plan.api()))
        except TimeoutError:
            late = ", ".join(part.spec.name for part in self._parts if part.record.state != "ready")
            raise KrakeError(
                f"Not ready within {START_LIMIT:g} s: {late}",
                fix=f"The logs say why: {self._plan.folder.logs}",
            ) from None

    async def _start(self, spec: PartSpec) -> None:
        part = Part(spec, self._say, self._write)
        self._parts.append(part)
        self._record.parts.append(part.record)
        await part.start()

    def _asked_to_stop(self) -> None:
        """The first signal stops in order, a second one kills."""
        if not self._stop.is_set():
            self._stop.set()
            return
        self._say("killing all parts")
        for part in self._parts:
            part.kill()

    async def _stop_all(self) -> None:
        """Stop in the reverse order: no new requests, then no new work, then the engine."""
        order = {"api": 0, "worker": 1, "temporal": 2}
        self._stop.set()
        self._record.ready = False
        for part in sorted(self._parts, key=lambda part: order[part.spec.name]):
            self._say(f"stopping {part.spec.name}")
            await part.stop()
        self._plan.folder.forget()
        self._say("stopped")

    def _announce(self) -> None:
        """Have `rok` find the token. It can be told otherwise, so that a failure does not end anything."""
        if path := self._plan.token_file:
            try:
                announce(self._plan.url, path)
            except OSError as error:
                self._say(f"rok has to be told the token ({path}): {error.strerror}")

    def _write(self) -> None:
        """Keep the record current. A full disk must not end the supervision, only `krake status` suffers."""
        try:
            self._plan.folder.write(self._record)
        except OSError as error:
            self._say(f"cannot write {self._plan.folder.path}: {error.strerror}")


def _record(plan: Plan) -> Record:
    """The record of this process."""
    mark = ProcessMark.of(os.getpid())
    if mark is None:
        raise RuntimeError("This process is not in the process table")
    return Record(supervisor=mark, started=datetime.now(UTC), addresses=plan.addresses())
