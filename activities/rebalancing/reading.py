"""Everything that a pass over all applications rests on, read once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from krake.inheriting import Clouds, clouds_above
from krake.store import Record, Store
from scheduler.amounts import Amounts
from scheduler.documents import Metrics
from scheduler.offers import metrics_on

REBALANCER = "krake rebalance"
"""Who asks for the moves of a pass."""
HOUR = timedelta(hours=1)
_PAGE = 1000
"""Applications that are in memory at the same time with their manifests."""


@dataclass(frozen=True, slots=True)
class World:
    """What there is beside the applications."""

    now: datetime
    clusters: Mapping[str, Record]
    """By uid."""
    clouds: Clouds
    """The clouds of the clusters that inherit something."""
    reserved: Mapping[str, Amounts]
    metrics: Metrics
    asked: Mapping[str, int]
    """By uid of an application, how often a pass asked for its move within the last hour."""
    moving: int
    """Applications that move, or are about to."""


async def read_world(store: Store, now: datetime, max_age: float) -> World:
    """Read clusters, room, metrics and moves: a handful of statements, whatever there is.

    Args:
        store: the store.
        now: the moment of the pass.
        max_age: seconds after which a metric's value is too old, where the metric says nothing.
    """
    clusters = await store.all_of("Cluster")
    clouds = await clouds_above(store, clusters)
    return World(
        now=now,
        clusters={cluster.uid: cluster for cluster in clusters},
        clouds=clouds,
        reserved=await store.reserved(None),
        metrics=await metrics_on(store, clusters, now, max_age, clouds),
        asked=await store.asked_to_move(REBALANCER, now - HOUR),
        moving=await store.count_moving(),
    )


async def applications(store: Store) -> AsyncIterator[Record]:
    """All applications, a page at a time: what is kept of each is small, its manifest may not be.

    Pages are not of one moment. Nothing rests on that: whoever is to move is looked at again when it is
    asked to.
    """
    after: str | None = None
    while True:
        page = await store.list("Application", limit=_PAGE, after=after)
        for record in page.items:
            yield record
        if page.continue_after is None:
            return
        after = page.continue_after
