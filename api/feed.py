"""The changes of a kind, read from the store once and shared by all watchers of this process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

import structlog

from api.ages import AgeReader
from api.entries import Entry
from api.lapses import Lapses
from krake.models.kinds import APPLICATION
from krake.store.errors import StoreError
from krake.store.store import Store

KEPT = 4096
"""Changes of a kind that are held for watchers; one that is further behind reads from the store."""
WAIT = 30.0
RETRY = 1.0

_log = structlog.get_logger("api.feed")


class Feed:
    """The changes of one kind.

    It reads the store only while somebody watches. A watcher is nothing but the revision it has come to, so
    that a slow one holds up nobody and costs no memory: when the kept changes do not reach back to its
    revision any more, it is served from the store.
    """

    def __init__(self, store: Store, kind: str, ages: AgeReader) -> None:
        self._store = store
        self._kind = kind
        self._ages = ages
        self._lapses = Lapses(store, ages, kind, self._wake_watchers)
        self._lapse_finder: asyncio.Task[None] | None = None
        self._entries: deque[Entry] = deque()
        self._floor = 0
        self._head = -1
        self._watchers = 0
        self._reader: asyncio.Task[None] | None = None
        self._grown = asyncio.Event()
        self.closed = False

    async def since(self, revision: int, wanted: Callable[[Entry], bool]) -> tuple[list[Entry], int]:
        """The wanted changes after a revision, and the revision that they lead to.

        Raises:
            TooOld: the store does not know all of them any more, or has never been at that revision.
        """
        if self._floor <= revision <= self._head:
            return self._kept(revision, wanted), self._head
        changes = await self._store.changes(self._kind, None, revision)
        ages = await self._ages.read(self._kind)
        entries = (Entry.of(change, ages) for change in changes.items)
        return [entry for entry in entries if wanted(entry)], changes.revision

    def lapsed(self, number: int, wanted: Callable[[Entry], bool]) -> tuple[list[Entry], int]:
        """Wanted resources whose shown state changed by time alone; see `Lapses.since`."""
        return self._lapses.since(number, wanted)

    def _kept(self, revision: int, wanted: Callable[[Entry], bool]) -> list[Entry]:
        found: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.revision <= revision:
                break
            if wanted(entry):
                found.append(entry)
        found.reverse()
        return found

    async def wait(self, revision: int, seconds: float) -> None:
        """Return when there may be changes after the revision, the time is over, or the feed is closed."""
        if self.closed or self._head > revision:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._grown.wait()
        except TimeoutError:
            return

    def join(self) -> None:
        """Count a watcher in: from now on the store is read."""
        self._watchers += 1
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read(), name=f"feed-{self._kind}")
            if self._kind == APPLICATION.name:
                self._lapse_finder = asyncio.create_task(self._lapses.run(), name="feed-lapses")

    def leave(self) -> None:
        """Count a watcher out; the last one stops the reading."""
        self._watchers -= 1
        if self._watchers == 0 and self._reader is not None:
            self._stop()
            self._forget()

    def close(self) -> None:
        """Let every watcher come to its end."""
        self.closed = True
        self._stop()
        self._wake_watchers()

    def _stop(self) -> None:
        for task in (self._reader, self._lapse_finder):
            if task is not None:
                task.cancel()
        self._reader = self._lapse_finder = None

    def _forget(self) -> None:
        self._entries.clear()
        self._floor, self._head = 0, -1

    def _wake_watchers(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    async def _read(self) -> None:
        while True:
            try:
                if self._head < 0:
                    self._floor = self._head = await self._store.revision()
                    self._wake_watchers()
                await self._read_on()
            except StoreError as error:
                _log.warning("changes cannot be read", kind=self._kind, error=error.what)
                self._forget()
                await asyncio.sleep(RETRY)
            except Exception:
                _log.exception("reading changes failed", kind=self._kind)
                self._forget()
                await asyncio.sleep(RETRY)

    async def _read_on(self) -> None:
        while True:
            if await self._store.wait_for_change(self._head, WAIT) <= self._head:
                continue
            changes = await self._store.changes(self._kind, None, self._head)
            ages = await self._ages.read(self._kind)
            self._keep(Entry.of(change, ages) for change in changes.items)
            self._head = changes.revision
            self._wake_watchers()

    def _keep(self, entries: Iterable[Entry]) -> None:
        self._entries.extend(entries)
        while len(self._entries) > KEPT:
            self._floor = self._entries.popleft().revision


class Feeds:
    """The feeds of all kinds."""

    def __init__(self, store: Store, ages: AgeReader) -> None:
        self._store = store
        self._ages = ages
        self._feeds: dict[str, Feed] = {}
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the server is being stopped: nobody should wait any longer."""
        return self._closed

    def of(self, kind: str) -> Feed:
        """The feed of a kind."""
        if kind not in self._feeds:
            self._feeds[kind] = Feed(self._store, kind, self._ages)
            self._feeds[kind].closed = self._closed
        return self._feeds[kind]

    def close(self) -> None:
        """Let every watcher of every kind come to its end."""
        self._closed = True
        for feed in self._feeds.values():
            feed.close()
