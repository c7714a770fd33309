"""A circuit breaker: a cluster that does not answer is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable


class CircuitBreaker:
    """Opens after `threshold` failures in a row; lets one trial through every `pause` seconds.

    While it is open, callers fail at once instead of holding an activity slot until a timeout: one dead
    cluster cannot use up a worker that serves the others.
    """

    def __init__(
        self, threshold: int = 5, pause: float = 2.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threshold = threshold
        self._pause = pause
        self._clock = clock
        self._failures = 0
        self._next_trial = 0.0

    def allows(self) -> bool:
        """Whether a request may be sent now."""
        if self._failures < self._threshold:
            return True
        now = self._clock()
        if now < self._next_trial:
            return False
        self._next_trial = now + self._pause
        return True

    def succeeded(self) -> None:
        """An answer came, whatever it said."""
        self._failures = 0

    def failed(self) -> None:
        """No answer came."""
        self._failures += 1
        if self._failures >= self._threshold:
            self._next_trial = self._clock() + self._pause
