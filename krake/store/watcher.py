"""Waiting for the next revision, with one cheap poll for all waiters of the process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.075
"""How often the counter is read while somebody waits; writes of this process are seen at once."""


class Watcher:
    """Tells waiters of new revisions.

    Args:
        read: reads the newest revision from the database.
        interval: seconds between two reads.
    """

    def __init__(self, read: Callable[[], Awaitable[int]], interval: float = POLL_SECONDS) -> None:
        self._read = read
        self._interval = interval
        self._newest = 0
        self._waiters: set[tuple[int, asyncio.Future[None]]] = set()
        self._poller: asyncio.Task[None] | None = None
        self._closed = False

    def publish(self, revision: int) -> None:
        """Let those waiting for this revision go on."""
        self._newest = max(self._newest, revision)
        for since, waiter in self._waiters:
            if since < self._newest and not waiter.done():
                waiter.set_result(None)

    async def wait(self, since: int, seconds: float) -> int:
        """The newest known revision as soon as it is larger than `since`, or after so many seconds.

        Raises:
            Unavailable: the database cannot be read.
            RuntimeError: the store is closed, or was meanwhile.
        """
        try:
            self.publish(await self._read())
        except Exception as error:
            if self._closed:
                raise _closed() from error
            raise
        if self._closed:
            raise _closed()
        if self._newest > since or seconds <= 0:
            return self._newest
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (since, waiter)
        self._waiters.add(entry)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="store-watcher")
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            return self._newest
        finally:
            self._waiters.discard(entry)
        return self._newest

    async def _poll(self) -> None:
        while self._waiters:
            try:
                self.publish(await self._read())
            except Exception as error:
                self._fail(error)
                return
            await asyncio.sleep(self._interval)

    def _fail(self, error: Exception) -> None:
        for _, waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(error)

    async def close(self) -> None:
        """Stop polling; those who wait get an error."""
        self._closed = True
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)
            self._poller = None
        self._fail(_closed())


def _closed() -> RuntimeError:
    return RuntimeError("The store has been closed")
