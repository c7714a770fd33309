"""What comes of looking at clusters, clouds, metrics and all resources."""

from __future__ import annotations

from krake.messages.base import Message


class Verified(Message):
    """What was found when a cluster was reached for the first time."""

    version: str
    nodes: int
    ready_nodes: int


class Swept(Message):
    """How many resources a sweep looked at and woke."""

    unobserved: int
    woken: int


class Sampled(Message):
    """How many metrics were sampled, and how many clusters have failing ones."""

    metrics: int = 0
    failing: int = 0


class ObservedClouds(Message):
    """How many clouds were looked at, how many answered, and how many clusters there are in trouble."""

    clouds: int = 0
    reachable: int = 0
    troubled: int = 0


class PassOrder(Message):
    """One look at all applications: who is to be placed or moved."""

    dry_run: bool = False
    """Only say what would be done."""
    settle: float = 0
    """Seconds to wait for further changes before looking."""
    only_news: bool = False
    """Whether it may be left out where nothing can have changed since the last look."""
    shown: int = 20
    """Entries of each list of the report, which the history keeps."""
