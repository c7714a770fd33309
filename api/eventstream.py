"""The stream of a resource's events: one JSON line an event, an empty line as heartbeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import structlog
from fastapi.responses import StreamingResponse

from api.deps import Services
from api.ending import Ending
from api.problems import ProblemError
from api.watch import LONGEST_WAIT, MEDIA_TYPE, Look
from krake.store.errors import StoreError

LOOK_AGAIN = 1.0
"""Seconds between two looks: an event alone, without a change of its resource, makes no new revision."""
LEAST_PAUSE = 0.1
"""Seconds between two looks while the store is busy with other resources."""

_log = structlog.get_logger("api.events")


def stream_events(
    services: Services,
    look: Look,
    ending: Ending,
    kind: str,
    namespace: str,
    name: str,
    *,
    after: int,
    heartbeat: int,
) -> StreamingResponse:
    """The answer that goes on for as long as the client listens.

    Args:
        services: the store, and whether the server is being stopped.
        look: asked again before each batch of events; raises when the client may not see them any more.
        ending: the last line, where the client may not see any more.
        kind: the kind of the resource.
        namespace: its namespace.
        name: its name.
        after: id of the last event that the client knows.
        heartbeat: seconds between empty lines while nothing happens; 0 for none.
    """
    lines = _lines(services, look, (kind, namespace, name), after, float(heartbeat) or LONGEST_WAIT)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(_counted(services, lines, ending), media_type=MEDIA_TYPE, headers=headers)


async def _counted(services: Services, lines: AsyncIterator[bytes], ending: Ending) -> AsyncIterator[bytes]:
    services.metrics.watches.inc()
    try:
        async for line in lines:
            yield line
    except StoreError as error:
        _log.info("stream of events ended", error=error.what)
    except ProblemError as problem:
        _log.info("stream of events ended", error=problem.detail)
        yield ending(problem) + b"\n"
    finally:
        services.metrics.watches.dec()


async def _lines(
    services: Services, look: Look, address: tuple[str, str, str], after: int, heartbeat: float
) -> AsyncIterator[bytes]:
    store, feed = services.store, services.feeds.of(address[0])
    silent_since = time.monotonic()
    while not feed.closed:
        await look()
        revision = await store.revision()
        found = await store.events(*address, after_id=after)
        if found:
            yield b"".join(event.model_dump_json().encode() + b"\n" for event in found)
            after, silent_since = found[-1].id, time.monotonic()
            continue
        if time.monotonic() - silent_since >= heartbeat:
            yield b"\n"
            silent_since = time.monotonic()
        await asyncio.sleep(LEAST_PAUSE)
        await store.wait_for_change(revision, min(LOOK_AGAIN, heartbeat))
