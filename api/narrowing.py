"""What one watcher with a selector is told: also when a resource enters or leaves what it selected."""

from __future__ import annotations

from api.entries import Entry
from api.selectors import Selector
from krake.store.records import ChangeType


class Narrowing:
    """One watcher's view. It remembers which resources it has found outside, and nothing of the others."""

    def __init__(self, selector: Selector) -> None:
        self._selector = selector
        self._outside: set[str] = set()

    def told(self, entry: Entry, since: int) -> ChangeType | None:
        """What the change is for the watcher, who knows everything up to `since`; None where it is nothing.

        A resource that is outside of the selection is removed for the watcher. Whether it was inside before
        the watch began is not known, so that it is told once in any case.
        """
        new = entry.created_revision > since
        if not self._selector:
            return _plain(entry, new)
        was_outside = entry.uid in self._outside
        self._outside.discard(entry.uid)
        if self._selector.matches(entry.labels, entry.fields):
            return ChangeType.ADDED if was_outside and not entry.removed else _plain(entry, new)
        if not entry.removed:
            self._outside.add(entry.uid)
        return None if was_outside or new else ChangeType.DELETED


def _plain(entry: Entry, new: bool) -> ChangeType:
    if entry.removed:
        return ChangeType.DELETED
    return ChangeType.ADDED if new else ChangeType.MODIFIED
