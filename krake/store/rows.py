"""A resource as a row of its table: its fields, and what repeats them for the indexes."""

from __future__ import annotations

from typing import Any

from krake.models.kinds import WITHOUT_LIFECYCLE
from krake.resources import shown_state
from krake.store.belonging import index_of
from krake.store.records import Record

Document = dict[str, Any]


def row_of(record: Record) -> Document:
    """The columns that are the fields of a record."""
    return {name: getattr(record, name) for name in Record.__slots__}


def index_columns(record: Record) -> Document:
    """The columns that repeat parts of the documents for the indexes."""
    return {
        "state": shown_state(record.kind, record.status, record.observation),
        "observed_generation": _observed(record),
        "requested": int(_waits(record.status)),
        **index_of(record),
    }


def _observed(record: Record) -> int:
    """The generation that the lifecycle has acted on; where there is none, nothing has to be done."""
    if record.kind in WITHOUT_LIFECYCLE:
        return record.generation
    return int(record.status.get("observed_generation") or 0)


def _waits(status: Document) -> bool:
    """Whether a request waits for the lifecycle, or a move is not over yet."""
    request = status.get("request")
    return bool(status.get("migration")) or bool(request and not request.get("parked"))
