"""Waiting for something that can only be asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], *, pause: float, patience: float) -> None:
    """Ask every `pause` seconds until the answer is yes.

    Raises:
        TimeoutError: it is not within `patience` seconds.
    """
    async with asyncio.timeout(patience):
        while True:
            if await condition():
                return
            await asyncio.sleep(pause)
