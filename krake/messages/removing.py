"""What is said while objects are removed from clusters, and of those that stay there."""

from __future__ import annotations

from krake.messages.base import Message, Target


class Removal(Message):
    """What is to be removed from a cluster; no cluster where nothing was ever placed."""

    target: Target
    cluster: Target | None = None
    objects: int = 0


class Leftover(Message):
    """Objects that could not be removed from a cluster, and why not, after so many attempts."""

    target: Target
    cluster: Target
    attempt: int = 1
    message: str = ""


class Collection(Message):
    """Orphans to be collected from a cluster; `predecessors` also those left on a cluster of the same name
    that is not registered any more."""

    cluster: Target
    predecessors: bool = False


class Collected(Message):
    """What became of orphans: removed or gone, still needed by their application, and still there."""

    removed: int = 0
    kept: int = 0
    remaining: int = 0
    message: str = ""
