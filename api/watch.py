"""The stream of a watch: one change after the other, and heartbeats while there is none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import structlog
from fastapi.responses import StreamingResponse

from api.authorization.reach import Reach
from api.authorization.standing import RECHECK
from api.ending import Ending
from api.entries import Entry
from api.feed import Feed
from api.metrics import Metrics
from api.narrowing import Narrowing
from api.problems import ProblemError
from api.selectors import Selector
from api.streams import JSON_LINES_TYPE, Form, JsonLines
from krake.store.errors import StoreError

MEDIA_TYPE = JSON_LINES_TYPE
LONGEST_WAIT = 60.0
BATCH = 64 * 1024

Look = Callable[[], Awaitable[Reach]]
"""Tells the namespaces that a client may see at this moment; raises when it may not see anything any more."""

_log = structlog.get_logger("api.watch")


@dataclass(frozen=True, slots=True)
class Watching:
    """What one watcher asked for."""

    since: int
    """The revision that the client knows."""
    namespace: str | None
    """Only changes there; None for all."""
    name: str | None = None
    """Only changes of resources of this name; None for all."""
    selector: Selector = field(default_factory=Selector)
    heartbeat: int = 10
    """Seconds between heartbeats while nothing happens; 0 for none."""
    form: Form = field(default_factory=JsonLines)

    def wants(self, reach: Reach, entry: Entry) -> bool:
        """Whether the change is of a resource that the watch may be about, for who may see so much."""
        if entry.namespace not in reach:
            return False
        return self.namespace in (None, entry.namespace) and self.name in (None, entry.name)


def watch(feed: Feed, metrics: Metrics, look: Look, asked: Watching, ending: Ending) -> StreamingResponse:
    """The answer that goes on for as long as the client listens.

    Args:
        feed: the changes of the kind.
        metrics: counts the open streams.
        look: asked again before each batch of changes, and every few seconds.
        asked: what the client wants.
        ending: the last line, where the client may not see any more.
    """
    return StreamingResponse(
        _counted(_last_word(_lines(feed, look, asked), asked.form, ending), feed, metrics),
        media_type=asked.form.media_type,
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
    finally:
        metrics.watches.dec()
        feed.leave()


async def _last_word(lines: AsyncIterator[bytes], form: Form, ending: Ending) -> AsyncIterator[bytes]:
    try:
        async for chunk in lines:
            yield chunk
    except ProblemError as problem:
        _log.info("watch ended", error=problem.detail)
        yield form.change(ending(problem), None)


async def _lines(feed: Feed, look: Look, asked: Watching) -> AsyncIterator[bytes]:
    silent_since, lapse, since = time.monotonic(), 0, asked.since
    narrowing, form = Narrowing(asked.selector), asked.form
    while not feed.closed:
        # Rights may be taken away, and credentials lapse, while the stream is open.
        visible = partial(asked.wants, await look())
        entries, newest = await feed.since(since, visible)
        lapsed, lapse = feed.lapsed(lapse, visible)
        for chunk in _chunks(_events(entries, since, narrowing, form, resumable=True)):
            yield chunk
            silent_since = time.monotonic()
        for chunk in _chunks(_events(lapsed, newest, narrowing, form, resumable=False)):
            yield chunk
            silent_since = time.monotonic()
        since = newest
        heartbeat = asked.heartbeat
        rest = heartbeat - (time.monotonic() - silent_since) if heartbeat else LONGEST_WAIT
        if rest > 0:
            await feed.wait(since, min(rest, RECHECK))
        else:
            yield form.heartbeat
            silent_since = time.monotonic()
            await asyncio.sleep(0)


def _events(
    entries: Iterable[Entry], since: int, narrowing: Narrowing, form: Form, *, resumable: bool
) -> Iterable[bytes]:
    """What the watcher is told of the changes. Those by time alone have no revision to resume from."""
    for entry in entries:
        told = narrowing.told(entry, since)
        if told is not None:
            yield form.change(entry.event(told), entry.revision if resumable else None)
        since = entry.revision if resumable else since


def _chunks(events: Iterable[bytes]) -> Iterable[bytes]:
    """The events, gathered so that a long backlog is sent in few pieces of bounded size."""
    gathered: list[bytes] = []
    size = 0
    for event in events:
        gathered.append(event)
        size += len(event)
        if size >= BATCH:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)
