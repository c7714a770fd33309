"""One change of a resource, as the lines of watch streams tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from api.ages import Ages
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
        )

    def line(self, since: int) -> bytes:
        """The line of a watch stream for a watcher that knows everything up to `since`."""
        known = b"MODIFIED" if self.created_revision <= since else b"ADDED"
        return b'{"type":"%b","object":%b}\n' % (b"DELETED" if self.removed else known, self.shown)
