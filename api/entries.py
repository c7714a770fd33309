"""One change of a resource, as watch streams tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from api.ages import Ages
from api.selectors import fields_of
from krake.store.records import Change, ChangeType, Record


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: where it belongs, and the resource as it is shown."""

    revision: int
    created_revision: int
    namespace: str
    name: str
    removed: bool
    shown: bytes
    uid: str
    labels: Mapping[str, str]
    fields: Mapping[str, str]
    """What field selectors speak of."""

    @classmethod
    def of(cls, change: Change, ages: Ages) -> Entry:
        """The change with its resource rendered."""
        removed = change.type is ChangeType.DELETED
        return cls.showing(change.record, ages.document(change.record), removed=removed)

    @classmethod
    def showing(cls, record: Record, shown: dict[str, Any], *, removed: bool = False) -> Entry:
        """The resource as it is shown now."""
        return cls(
            record.revision,
            record.created_revision,
            record.namespace,
            record.name,
            removed,
            orjson.dumps(shown),
            record.uid,
            record.labels,
            fields_of(shown),
        )

    def event(self, told: ChangeType) -> bytes:
        """The change as a `WatchEvent`."""
        return b'{"type":"%b","object":%b}' % (told.value.encode(), self.shown)
