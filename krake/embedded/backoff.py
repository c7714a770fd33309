"""How long to wait before a part that died is started again."""

from __future__ import annotations

from dataclasses import dataclass

FIRST = 0.5
"""Seconds before the first restart; each further one waits twice as long."""
LONGEST = 30.0
"""Seconds that a restart waits at most."""
SETTLED = 60.0
"""Seconds of life after which a part's earlier deaths are forgotten."""


@dataclass(slots=True)
class Backoff:
    """The delays of one part."""

    deaths: int = 0

    def after(self, lifetime: float) -> float:
        """Seconds to wait, given how many seconds the part has lived this time."""
        if lifetime >= SETTLED:
            self.deaths = 0
        delay = min(FIRST * 2.0**self.deaths, LONGEST)
        self.deaths += 1
        return delay
