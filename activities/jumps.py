"""Which metrics changed by so much that it may make a difference to where applications should be."""

from __future__ import annotations

from krake.models.samples import Catalogue, Measured


def jumps(before: Catalogue, after: Catalogue, threshold: float) -> list[str]:
    """Names of the metrics that failed, recovered, or moved by more than the threshold.

    Smaller changes are left to the schedule: it sees where many of them have led to.

    Args:
        before: all metrics with their values before.
        after: those that were measured now.
        threshold: part of a metric's range.
    """
    return sorted(key.name for key, new in after.items() if _jumped(before[key], new, threshold))


def _jumped(old: Measured, new: Measured, threshold: float) -> bool:
    if bool(old.code) != bool(new.code):
        return True
    if old.value is None or new.value is None:
        return old.value is not new.value
    span = float(new.spec["max"]) - float(new.spec["min"])
    return abs(new.value - old.value) > threshold * span
