"""Calling a cloud from an activity: heartbeats, no half calls, failures that Temporal understands."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.failures import passing_error, user_error
from krake.provisioning.provider import ProviderError

Result = TypeVar("Result")

_BEAT = 2.0


async def called(work: Coroutine[Any, Any, Result]) -> Result:
    """Make a call to a cloud to its end, even when the activity is cancelled meanwhile.

    A call that was sent cannot be taken back. Whoever cancels it goes on only when it is over, so that nobody
    looks for what it made too early; the worker's own end is what a repeated call is for.

    Raises:
        ApplicationError: the call failed; not to be retried where only somebody can mend it.
    """
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task}, timeout=_BEAT)
            activity.heartbeat()
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        task.exception()
        raise asyncio.CancelledError
    try:
        return task.result()
    except ProviderError as error:
        raise as_failure(error) from error


def as_failure(error: ProviderError) -> ApplicationError:
    """The failure as Temporal retries it, or not."""
    return (passing_error if error.temporary else user_error)(error.code, error.message)
