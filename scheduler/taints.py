"""Taints of candidates and tolerations of applications, as Kubernetes has them for nodes and Pods."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Effect(StrEnum):
    """What a taint does to those who do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    """Takes no new ones; those that are there stay."""
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    """Takes new ones all the same; for people to read."""
    NO_EXECUTE = "NoExecute"
    """Takes no new ones, and those that are there leave."""


class Taint(NamedTuple):
    """Something that keeps applications away from a candidate."""

    key: str
    value: str = ""
    effect: Effect = Effect.NO_SCHEDULE

    def __str__(self) -> str:
        value = f"={self.value}" if self.value else ""
        return f"{self.key}{value}:{self.effect}"


class Toleration(NamedTuple):
    """Something that an application puts up with."""

    key: str = ""
    """Empty tolerates every key, with the operator Exists."""
    operator: str = "Equal"
    """`Equal` or `Exists`."""
    value: str = ""
    effect: Effect | None = None
    """None tolerates every effect."""

    def __str__(self) -> str:
        value = f"={self.value}" if self.operator != "Exists" and self.value else ""
        return f"{self.key or 'everything'}{value}{f':{self.effect}' if self.effect else ''}"

    def tolerates(self, taint: Taint) -> bool:
        """Whether the taint does not matter."""
        if self.effect is not None and self.effect is not taint.effect:
            return False
        if self.operator == "Exists":
            return self.key in ("", taint.key)
        return self.key == taint.key and self.value == taint.value


def repelling(
    taints: Iterable[Taint], tolerations: Iterable[Toleration], effects: Iterable[Effect]
) -> list[Taint]:
    """The taints with one of these effects that nothing tolerates."""
    wanted, tolerated = frozenset(effects), tuple(tolerations)
    return [
        taint
        for taint in taints
        if taint.effect in wanted and not any(one.tolerates(taint) for one in tolerated)
    ]
