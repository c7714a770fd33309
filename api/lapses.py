"""Applications that become UNKNOWN, or known again, by nothing but time: no write tells watchers of it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from api.ages import AgeReader, Ages
from api.entries import Entry
from krake.store.errors import StoreError
from krake.store.records import Record
from krake.store.store import Store

CHECK_SECONDS = 2.0
KEPT_SECONDS = 60.0
"""How long a lapse is told to watchers that come later: what they know may be a list from before it."""
PAGE = 1000

_log = structlog.get_logger("api.lapses")


@dataclass(frozen=True, slots=True)
class Lapse:
    """One application whose shown state has changed."""

    number: int
    at: float
    entry: Entry


class Lapses:
    """Finds lapses while somebody watches: a small query every two seconds, a scan when one changes."""

    def __init__(self, store: Store, ages: AgeReader, kind: str, tell: Callable[[], None]) -> None:
        self._store = store
        self._ages = ages
        self._kind = kind
        self._tell = tell
        self._stale: frozenset[str] = frozenset()
        self._states: dict[str, str] = {}
        self._scan_due = 0.0
        self._found: deque[Lapse] = deque()
        self._number = 0

    def since(self, number: int, wanted: Callable[[Entry], bool]) -> tuple[list[Entry], int]:
        """The wanted lapses after a number, and the number that they lead to; 0 is the first to ask with."""
        fresh = [lapse.entry for lapse in self._found if lapse.number > number]
        return [entry for entry in fresh if wanted(entry)], self._number

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self._look()
            except StoreError as error:
                _log.warning("ages cannot be read", error=error.what)
            except Exception:
                _log.exception("reading ages failed")
            await asyncio.sleep(CHECK_SECONDS)

    async def _look(self) -> None:
        self._drop_old()
        ages = await self._ages.read(self._kind)
        stale = ages.stale()
        changed = stale ^ self._stale
        if not changed and (not stale or time.monotonic() < self._scan_due):
            return
        # An application on a silent cluster may have been confirmed by itself, and lapse later.
        self._scan_due = time.monotonic() + ages.stale_after
        before = self._number
        await self._scan(ages, stale | changed)
        self._stale = stale
        if self._number != before:
            self._tell()

    async def _scan(self, ages: Ages, clusters: frozenset[str]) -> None:
        after: str | None = None
        states = {}
        while True:
            page = await self._store.list(self._kind, limit=PAGE, after=after)
            for record in page.items:
                if record.status.get("scheduled_uid") in clusters:
                    states[record.uid] = self._compare(ages, record)
            after = page.continue_after
            if after is None:
                break
        self._states = states

    def _compare(self, ages: Ages, record: Record) -> str:
        shown = ages.document(record)
        state = str(shown["status"].get("state"))
        # Whoever joined before the first scan may take an application for known.
        before = self._states.get(record.uid, str(record.status.get("state")))
        if state != before:
            self._number += 1
            self._found.append(Lapse(self._number, time.monotonic(), Entry.showing(record, shown)))
        return state

    def _drop_old(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        while self._found and self._found[0].at < oldest:
            self._found.popleft()
