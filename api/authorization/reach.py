"""In which namespaces somebody may do something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """Some namespaces, or everywhere: all of them, and what is in none."""

    everywhere: bool
    names: frozenset[str] = frozenset()

    def __contains__(self, namespace: object) -> bool:
        return self.everywhere or namespace in self.names

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.names)

    def covers(self, other: Reach) -> bool:
        """Whether all of the other is in this one."""
        return self.everywhere or (not other.everywhere and other.names <= self.names)

    def within(self, other: Reach) -> Reach:
        """What is in both."""
        if self.everywhere:
            return other
        return self if other.everywhere else Reach(False, self.names & other.names)

    def limit(self) -> frozenset[str] | None:
        """The namespaces for a query; None where there is no limit."""
        return None if self.everywhere else self.names


EVERYWHERE = Reach(True)
NOWHERE = Reach(False)


def union(reaches: Iterable[Reach]) -> Reach:
    """What is in any of them."""
    names: set[str] = set()
    for reach in reaches:
        if reach.everywhere:
            return EVERYWHERE
        names |= reach.names
    return Reach(False, frozenset(names))
