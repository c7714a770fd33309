"""Work that a cancellation of the workflow does not reach."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def uncancelled(work: Coroutine[Any, Any, Result]) -> Result:
    """Do the work to its end, whatever is asked meanwhile; returns or raises what it does."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            continue
        except Exception:
            break
    return task.result()
