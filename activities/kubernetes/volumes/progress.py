"""How far a copy is: in words for people, and as the point from which another worker goes on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from krake.messages.base import Message

_TELL_SECONDS = 5.0
_MOST_NAMES = 100
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class ResumePoint(Message):
    """What heartbeats carry.

    Attributes:
        doing: in words.
        number: the pass that is being made, from 1.
        volume: how many volumes this pass has done.
        changed: what this pass, or the part of it that was cut off, found different.
        files: files found in the volumes that this pass has done.
        bytes: their size.
        sent_files: files that were sent since the start.
        sent_bytes: their size.
        moved_at: when something last got further, in seconds since 1970.
    """

    doing: str = ""
    number: int = 1
    volume: int = 0
    changed: tuple[str, ...] = ()
    files: int = 0
    bytes: int = 0
    sent_files: int = 0
    sent_bytes: int = 0
    moved_at: float = 0.0


class CopyProgress:
    """Counts what is done.

    Args:
        point: where an earlier attempt was.
        write: writes words into the application's status.
    """

    def __init__(self, point: ResumePoint, write: Callable[[str], Awaitable[None]]) -> None:
        self.number = point.number
        self.volume = point.volume
        self.changed = list(point.changed)
        self.files = point.files
        self.bytes = point.bytes
        self.sent_files = point.sent_files
        self.sent_bytes = point.sent_bytes
        self._moved_at = point.moved_at or time.time()
        self._write = write
        self._step = "starts to copy volumes"
        self._expected = 0
        self._streamed = 0
        self._told = ""
        self._tell_at = 0.0

    @property
    def point(self) -> ResumePoint:
        """What the next heartbeat carries."""
        return ResumePoint(
            doing=self.words,
            number=self.number,
            volume=self.volume,
            changed=tuple(self.changed[:_MOST_NAMES]),
            files=self.files,
            bytes=self.bytes,
            sent_files=self.sent_files,
            sent_bytes=self.sent_bytes,
            moved_at=self._moved_at,
        )

    @property
    def words(self) -> str:
        """What is being done, and how much has been sent."""
        sent = self.sent_bytes + min(self._streamed, self._expected)
        return f"{self._step} (pass {self.number}; {self.sent_files} files, {amount(sent)} sent)"

    @property
    def stalled_for(self) -> float:
        """Seconds since something last got further, in whichever attempt."""
        return time.time() - self._moved_at

    async def begin(self, step: str) -> None:
        """Another step begins."""
        self._step = step
        await self._tell()

    async def say(self, words: str) -> None:
        """Something is waited for; that is no progress."""
        self._step = words
        await self._tell()

    def expect(self, size: int) -> None:
        """As many bytes come next."""
        self._expected, self._streamed = size, 0

    async def moved(self, size: int) -> None:
        """Bytes of a stream have reached the target."""
        self._streamed += size
        self._moved_at = time.time()
        await self._tell()

    async def sent(self, files: int) -> None:
        """What was expected has arrived."""
        self.sent_files += files
        self.sent_bytes += self._expected
        self.expect(0)
        await self._tell()

    def volume_done(self, changed: Sequence[str], files: int, size: int) -> None:
        """This pass is through with a volume: what was different in it, and what it holds."""
        self.changed += changed
        self.files += files
        self.bytes += size
        self.volume += 1
        self._moved_at = time.time()

    def next_pass(self) -> None:
        """All volumes are compared once more."""
        self.number += 1
        self.volume = self.files = self.bytes = 0
        self.changed = []

    async def _tell(self) -> None:
        if time.monotonic() < self._tell_at or self.words == self._told:
            return
        self._tell_at = time.monotonic() + _TELL_SECONDS
        self._told = self.words
        await self._write(self._told)


def resume_point(details: Sequence[Any]) -> ResumePoint:
    """Where the attempt before this one was."""
    return ResumePoint.model_validate(details[0]) if details else ResumePoint()


def amount(size: int) -> str:
    """Bytes for people."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{size} B"
