"""Lists in pages: everything of a kind, or what a selector takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from api.ages import Ages
from api.selectors import Selector
from krake.models.kinds import Kind
from krake.store.records import Listing, Record
from krake.store.store import Store

PAGE = 1000
"""Resources that are read and rendered in one go."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which resources a list is about."""

    kind: Kind
    namespace: str | None
    """None for all."""
    within: frozenset[str] | None
    """Only these namespaces, where all are asked for: what the caller may see; None for no limit."""
    selector: Selector
    ages: Ages

    def takes(self, record: Record) -> bool:
        """Whether a resource that the database gave is in the list."""
        shown = self.selector.shown
        return not shown or shown.takes(self.ages.document(record))

    async def read(self, store: Store, limit: int, after: str | None) -> Listing:
        """Some resources; those among them that are not wanted for what only shows are to be left out."""
        return await store.list(
            self.kind.name,
            self.namespace,
            limit=limit,
            after=after,
            within=self.within,
            wanted=self.selector.stored,
        )


async def pages(store: Store, wanted: Wanted, after: str | None, first: int = PAGE) -> AsyncIterator[Listing]:
    """Everything that is wanted, in pages, so that nobody else waits while a long list is made.

    Args:
        store: where it is.
        wanted: what it is.
        after: where the page before ended.
        first: how many resources to look at first; twice as many each further time, up to a limit.
    """
    size = min(first, PAGE)
    while True:
        listing = await wanted.read(store, size, after)
        yield replace(listing, items=[record for record in listing.items if wanted.takes(record)])
        if listing.continue_after is None:
            return
        after, size = listing.continue_after, min(2 * size, PAGE)


async def page(store: Store, wanted: Wanted, limit: int, after: str | None) -> Listing:
    """One page: its length does not depend on how many other resources are in between."""
    if not wanted.selector.shown:
        return await wanted.read(store, limit, after)
    found: list[Record] = []
    revision: int | None = None
    async for listing in pages(store, wanted, after, first=limit + 1):
        revision = listing.revision if revision is None else revision
        found += listing.items
        if len(found) > limit:
            last = found[limit - 1]
            return Listing(found[:limit], revision, f"{last.namespace}/{last.name}")
    return Listing(found, revision or 0, None)
