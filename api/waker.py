"""Waking lifecycles after a commit, without the request waiting for Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from api.metrics import Metrics
from krake.messages.base import Target

Wake = Callable[[Target, str], Awaitable[None]]
"""Wakes one lifecycle; raises when Temporal does not take the signal."""

IN_FLIGHT = 16
QUEUED = 10_000
SECONDS_PER_WAKE = 10.0

_log = structlog.get_logger("api.waker")


class Waker:
    """Sends wake-ups in the background, a bounded number at a time.

    A wake-up that is dropped or fails is no loss: the change is committed, and the Sweep workflow finds
    resources whose change nobody works on. So nothing is retried here.

    Args:
        wake: sends one wake-up.
        metrics: counts what became of each.
        in_flight: wake-ups that are sent at the same time.
        queued: wake-ups that may wait for their turn.
    """

    def __init__(
        self, wake: Wake, metrics: Metrics, *, in_flight: int = IN_FLIGHT, queued: int = QUEUED
    ) -> None:
        self._wake = wake
        self._metrics = metrics
        self._in_flight = in_flight
        self._queued = queued
        self._causes: dict[Target, str] = {}
        self._queue: asyncio.Queue[Target] = asyncio.Queue()
        self._senders: list[asyncio.Task[None]] = []
        self._failures = 0

    def start(self) -> None:
        """Begin to send."""
        self._senders = [
            asyncio.create_task(self._send_all(), name=f"waker-{number}") for number in range(self._in_flight)
        ]

    def wake(self, target: Target, cause: str) -> None:
        """Have the lifecycle look at its resource soon. Wake-ups that wait for their turn are merged."""
        if target not in self._causes:
            if len(self._causes) >= self._queued:
                self._metrics.wakes.labels("dropped").inc()
                return
            self._queue.put_nowait(target)
        self._causes[target] = cause

    async def close(self, seconds: float) -> None:
        """Send what is waiting, for some seconds at most, then stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._queue.join()
        except TimeoutError:
            self._metrics.wakes.labels("dropped").inc(len(self._causes))
            _log.warning("wake-ups dropped at shutdown", count=len(self._causes))
        for sender in self._senders:
            sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)

    async def _send_all(self) -> None:
        while True:
            target = await self._queue.get()
            try:
                await self._send(target, self._causes.pop(target))
            finally:
                self._queue.task_done()

    async def _send(self, target: Target, cause: str) -> None:
        try:
            async with asyncio.timeout(SECONDS_PER_WAKE):
                await self._wake(target, cause)
        except Exception as error:
            self._metrics.wakes.labels("failed").inc()
            self._failed(error)
        else:
            self._metrics.wakes.labels("sent").inc()
            self._worked()

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        if self._failures == 1:
            _log.warning(
                "Temporal does not take wake-ups; the sweep will find these changes once it does",
                error=str(error) or type(error).__name__,
            )

    def _worked(self) -> None:
        if self._failures:
            _log.info("Temporal takes wake-ups again", failed_meanwhile=self._failures)
            self._failures = 0
