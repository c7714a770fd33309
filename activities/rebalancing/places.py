"""Clusters as a pass sees them, and whether those that are on one are left to somebody else."""

from __future__ import annotations

from dataclasses import dataclass

from activities.rebalancing.reading import World
from krake.clearing import clearing_of
from krake.inheriting import with_inherited_labels
from krake.models.cluster import ClusterState
from krake.resources import document
from scheduler.documents import Document
from scheduler.nodes import taints_of
from scheduler.taints import Taint


@dataclass(frozen=True, slots=True)
class Place:
    """One cluster."""

    name: str
    document: Document
    """As the API shows it at the moment of the pass."""
    taints: tuple[Taint, ...]
    alone: str
    """Why those that are on it are left alone; empty where they are not."""


def places_of(world: World) -> dict[str, Place]:
    """The clusters by uid."""
    found = {}
    for uid, record in world.clusters.items():
        shown = with_inherited_labels(document(record, now=world.now), world.clouds.get(uid))
        cleared = record.deleted is not None or clearing_of(record, world.now) is not None
        found[uid] = Place(
            name=record.name,
            document=shown,
            taints=taints_of(record.spec.get("taints") or ()),
            alone=_why_alone(record.name, str(shown["status"].get("state")), cleared),
        )
    return found


def _why_alone(name: str, state: str, cleared: bool) -> str:
    """A cluster that does not answer may be back in a moment, and one whose metrics cannot be read is no
    worse than it was: neither is a reason to leave it. What is cleared has its own pace."""
    if cleared:
        return f"{name} is being cleared"
    if state == ClusterState.FAILING_METRICS:
        return f"metrics of {name} fail at the moment"
    return "" if state == ClusterState.ONLINE else f"waits for {name}, which is {state}"
