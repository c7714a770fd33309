"""Removing the objects that an update does not name any more, once what it names is ready."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import groupby

from activities.kubernetes.applying import remove_object
from activities.kubernetes.connections import Access
from activities.kubernetes.objects import phase_of
from krake.models.application import ObjectStatus

_LONGEST_WAIT = 10.0
"""Seconds after which an object whose deletion the cluster has accepted is left to the cluster."""
_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, and what the cluster has not finished removing."""

    count: int
    unfinished: tuple[str, ...] = ()
    skipped: bool = False
    """Whether nothing was removed, because a newer update may name the objects again."""

    @property
    def message(self) -> str:
        """The end of a sentence; empty where there was nothing to remove."""
        if not self.count:
            return ""
        rest = f", {', '.join(self.unfinished)} still being deleted" if self.unfinished else ""
        return f", {self.count} removed{rest}"


def obsolete(item: ObjectStatus) -> ObjectStatus:
    """An object of the inventory that the manifest does not name any more."""
    words = "not in the manifest any more: removed when everything else is ready"
    return item.model_copy(update={"obsolete": True, "ready": False, "message": words})


async def prune(access: Access, inventory: list[ObjectStatus], owner: str) -> Pruned:
    """Delete the obsolete objects of an inventory, what depends on others first.

    Raises:
        ClusterError: the cluster does not answer or refuses.
    """
    surplus = sorted(
        (item for item in inventory if item.obsolete), key=lambda item: phase_of(item.kind), reverse=True
    )
    deadline = time.monotonic() + _LONGEST_WAIT
    unfinished: list[ObjectStatus] = []
    for _, phase in groupby(surplus, key=lambda item: phase_of(item.kind)):
        unfinished += await _remove(access, list(phase), owner, deadline)
    names = tuple(f"{item.kind}/{item.name}" for item in unfinished)
    return Pruned(len(surplus), names)


async def _remove(
    access: Access, items: list[ObjectStatus], owner: str, deadline: float
) -> list[ObjectStatus]:
    """Ask for deletion until nothing is there any more or the time is up; returns what is still there."""
    while True:
        gone = await asyncio.gather(*(remove_object(access, item, owner) for item in items))
        items = [item for item, done in zip(items, gone, strict=True) if not done]
        if not items or time.monotonic() >= deadline:
            return items
        await asyncio.sleep(_PAUSE)
