"""What the data in an application's volumes forbids a move to do."""

from __future__ import annotations

from activities.moving.moves import may_be_asked
from activities.store.manifests import manifest_of
from krake.models.requests import MigrationStrategy, Request
from krake.store import Record
from krake.volumes.analysis import carries_data
from krake.volumes.keeping import keeps_data

_OUT_OF_REACH = (
    "its cluster does not answer, and without it the data in its volumes is out of reach; "
    "spec.failover_without_data brings it up elsewhere without that data"
)
_WOULD_BE_LOST = "no other cluster fits, and removing it would lose the data that it keeps in volumes"
_NOTHING_TO_COPY_FROM = (
    "the strategy delete-first would leave nothing to copy the data of its volumes from; "
    "move it with create-first"
)


def deletes_first(record: Record, request: Request, source: Record | None) -> bool:
    """Whether the source is removed first; one that does not answer cannot be."""
    strategy = request.strategy or record.spec.get("migration_strategy")
    return strategy == MigrationStrategy.DELETE_FIRST and may_be_asked(source)


def out_of_reach(record: Record, source: Record | None) -> str:
    """Why the application waits for a source that does not answer; empty where it need not."""
    if may_be_asked(source) or record.spec.get("failover_without_data"):
        return ""
    return _OUT_OF_REACH if keeps_data(manifest_of(record)) else ""


def would_be_lost(record: Record, request: Request, source: Record | None, *, placed: bool) -> str:
    """Why the source may not be removed before a target is ready; empty where it may, or is not."""
    manifest = manifest_of(record)
    if not placed:
        return _WOULD_BE_LOST if keeps_data(manifest) else ""
    return _NOTHING_TO_COPY_FROM if deletes_first(record, request, source) and carries_data(manifest) else ""
