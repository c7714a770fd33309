"""Writes those audit entries that no transaction of their request holds: denied and failed ones."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from krake.models.audit import AuditEntry
from krake.store.audit import AuditTrail
from krake.store.errors import Unavailable

BATCH = 200
"""Entries that one transaction writes."""
WAITING = 2000
"""Entries that may wait; beyond that the connections that cause more of them wait, too."""
PAUSE = 1.0
"""Seconds after which a store that did not answer is asked again."""

_log = structlog.get_logger("api.audit")


class AuditRecorder:
    """A queue of entries with one writer, so that answers need not wait for the store."""

    def __init__(self, trail: AuditTrail) -> None:
        self._trail = trail
        self._queue: asyncio.Queue[AuditEntry] = asyncio.Queue(WAITING)
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._writer = asyncio.create_task(self._write_all(), name="audit")

    async def add(self, entry: AuditEntry) -> None:
        """Have an entry written soon; waits while too many others do."""
        await self._queue.put(entry)

    async def settled(self) -> None:
        """Return when everything that was added before has been written, or the store does not answer."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._queue.join(), PAUSE)

    async def close(self, seconds: float) -> None:
        """Write what waits, for some seconds, and stop; what could not be written goes to the log."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._queue.join(), seconds)
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        while not self._queue.empty():
            entry = self._queue.get_nowait()
            _log.error("an audit entry could not be stored", **entry.model_dump(mode="json"))

    async def _write_all(self) -> None:
        while True:
            entries = [await self._queue.get()]
            while len(entries) < BATCH and not self._queue.empty():
                entries.append(self._queue.get_nowait())
            try:
                await self._insist(entries)
            finally:
                for _ in entries:
                    self._queue.task_done()

    async def _insist(self, entries: list[AuditEntry]) -> None:
        """Write the entries as soon as the store answers."""
        while True:
            try:
                return await self._trail.write(entries)
            except Unavailable as error:
                _log.warning("audit entries wait for the store", entries=len(entries), why=error.what)
            except asyncio.CancelledError:
                for entry in entries:
                    _log.error("an audit entry could not be stored", **entry.model_dump(mode="json"))
                raise
            await asyncio.sleep(PAUSE)
