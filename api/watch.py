"""The stream of a watch: one JSON line a change, an empty line as heartbeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import structlog
from fastapi.responses import StreamingResponse

from api.authorization.reach import Reach
from api.entries import Entry
from api.feed import Feed
from api.metrics import Metrics
from api.problems import ProblemError
from krake.store.errors import StoreError

MEDIA_TYPE = "application/x-ndjson"
LONGEST_WAIT = 60.0
BATCH = 64 * 1024

Look = Callable[[], Awaitable[Reach]]
"""Tells the namespaces that a client may see at this moment; raises when it may not see anything any more."""

_log = structlog.get_logger("api.watch")


def watch(
    feed: Feed,
    metrics: Metrics,
    look: Look,
    *,
    since: int,
    namespace: str | None,
    name: str | None,
    heartbeat: int,
) -> StreamingResponse:
    """The answer that goes on for as long as the client listens.

    Args:
        feed: the changes of the kind.
        metrics: counts the open streams.
        look: asked again before each batch of changes.
        since: the revision that the client knows.
        namespace: only changes there; None for all.
        name: only changes of resources of this name; None for all.
        heartbeat: seconds between empty lines while nothing happens; 0 for none.
    """

    def wanted(entry: Entry) -> bool:
        return namespace in (None, entry.namespace) and name in (None, entry.name)

    return StreamingResponse(
        _counted(_lines(feed, since, wanted, look, heartbeat), feed, metrics),
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _counted(lines: AsyncIterator[bytes], feed: Feed, metrics: Metrics) -> AsyncIterator[bytes]:
    feed.join()
    metrics.watches.inc()
    try:
        async for chunk in lines:
            yield chunk
    except StoreError as error:
        _log.info("watch ended", error=error.what)
    except ProblemError as problem:
        _log.info("watch ended", error=problem.detail)
    finally:
        metrics.watches.dec()
        feed.leave()


async def _lines(
    feed: Feed, since: int, wanted: Callable[[Entry], bool], look: Look, heartbeat: int
) -> AsyncIterator[bytes]:
    silent_since, lapse = time.monotonic(), 0
    while not feed.closed:
        # Rights may be taken away while the stream is open.
        reach = await look()
        visible = partial(_visible, wanted, reach)
        entries, newest = await feed.since(since, visible)
        lapsed, lapse = feed.lapsed(lapse, visible)
        for chunk in [*_chunks(entries, since), *_chunks(lapsed, newest)]:
            yield chunk
            silent_since = time.monotonic()
        since = newest
        rest = heartbeat - (time.monotonic() - silent_since) if heartbeat else LONGEST_WAIT
        if rest > 0:
            await feed.wait(since, rest)
        else:
            yield b"\n"
            silent_since = time.monotonic()
            await asyncio.sleep(0)


def _visible(wanted: Callable[[Entry], bool], reach: Reach, entry: Entry) -> bool:
    return wanted(entry) and entry.namespace in reach


def _chunks(entries: list[Entry], since: int) -> list[bytes]:
    """The lines, gathered so that a long backlog is sent in few pieces of bounded size."""
    chunks: list[bytes] = []
    lines: list[bytes] = []
    size = 0
    for entry in entries:
        lines.append(entry.line(since))
        size += len(lines[-1])
        since = entry.revision
        if size >= BATCH:
            chunks.append(b"".join(lines))
            lines, size = [], 0
    return [*chunks, b"".join(lines)] if lines else chunks
