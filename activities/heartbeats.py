"""Heartbeats for activities that take longer than a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

Result = TypeVar("Result")


def _nothing() -> str:
    return ""


async def with_heartbeats(
    work: Coroutine[Any, Any, Result], details: Callable[[], object] = _nothing, interval: float = 1.0
) -> Result:
    """Run the work while Temporal hears of it, so that a cancellation or a crash is noticed soon.

    Args:
        work: what the activity does.
        details: what it is doing now, in words or a message; shown by the Temporal UI.
        interval: seconds between two heartbeats.

    Raises:
        ApplicationError: the worker is being stopped; Temporal starts the activity again elsewhere.
    """
    main = asyncio.ensure_future(work)
    beats = asyncio.ensure_future(_beat(details, interval))
    stopping = asyncio.ensure_future(activity.wait_for_worker_shutdown())
    try:
        await asyncio.wait({main, beats, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if main.done():
            return main.result()
        raise ApplicationError("the worker is being stopped", type="WORKER_STOPPING")
    finally:
        for task in (main, beats, stopping):
            task.cancel()
        await asyncio.gather(main, beats, stopping, return_exceptions=True)


async def _beat(details: Callable[[], object], interval: float) -> None:
    while True:
        activity.heartbeat(details())
        await asyncio.sleep(interval)
