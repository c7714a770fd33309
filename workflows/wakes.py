"""The wake-ups that a lifecycle received."""

from __future__ import annotations


class Wakes:
    """Collects causes. Looking at them does not lose them: only `take` does."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._fresh: list[str] = []

    def add(self, cause: str) -> None:
        """A wake-up arrived."""
        self._fresh.append(cause)

    @property
    def fresh(self) -> bool:
        """Whether some arrived since the last look."""
        return bool(self._fresh)

    @property
    def empty(self) -> bool:
        """Whether nothing is left that nobody took."""
        return not self._fresh and not self._seen

    def look(self) -> list[str]:
        """The causes since the last look; they stay to be taken."""
        causes, self._fresh = self._fresh, []
        self._seen += causes
        return causes

    def take(self) -> list[str]:
        """All causes since the last time they were taken, each once."""
        self.look()
        causes, self._seen = self._seen, []
        return list(dict.fromkeys(causes))
