"""Waiting for something to become true, with a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.1
"""Seconds between two questions: what is waited for needs the processor as well."""


async def until(what: str, condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Waits until the condition holds; fails the test when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while not await condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(pause)
        pause = min(pause * 1.25, LONGEST_PAUSE)
