"""How often an application is repaired that somebody else keeps changing."""

from __future__ import annotations

import time
from collections.abc import Callable

_LONGEST = 300.0
_MOST_DOUBLINGS = 16
_FORGET_AFTER = 900.0


class Patience:
    """Allows a first repair at once and each further one after twice the pause, up to five minutes.

    Two parties that correct each other would otherwise do so several times a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._repairs: dict[str, tuple[int, float]] = {}

    def note(self, uid: str) -> None:
        """A repair was ordered."""
        count, last = self._repairs.get(uid, (0, self._clock()))
        if self._clock() - last > _FORGET_AFTER:
            count = 0
        self._repairs[uid] = (count + 1, self._clock())

    def pause(self, uid: str) -> float:
        """Seconds until the next repair is allowed."""
        if uid not in self._repairs:
            return 0.0
        count, last = self._repairs[uid]
        return max(0.0, last + min(_LONGEST, 2.0 ** min(count, _MOST_DOUBLINGS)) - self._clock())

    def allows(self, uid: str) -> bool:
        """Whether a repair may be ordered now."""
        return self.pause(uid) <= 0.0
