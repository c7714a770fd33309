"""Differences between two states of one object, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from activities.kubernetes.field_paths import ABSENT, Path

Difference = tuple[Path, Any, Any]
"""Path, value in the first state, value in the second; ABSENT where there is none."""

_NOT_COMPARED = frozenset(
    {
        ("status",),
        ("metadata", "creationTimestamp"),
        ("metadata", "generation"),
        ("metadata", "managedFields"),
        ("metadata", "resourceVersion"),
        ("metadata", "uid"),
    }
)
"""What the API server and controllers write on their own."""


def differences(first: Any, second: Any, path: Path = ()) -> Iterator[Difference]:
    """Every field that is not the same in both states."""
    if first == second or path in _NOT_COMPARED:
        return
    if isinstance(first, dict) and isinstance(second, dict):
        for key in [*first, *(key for key in second if key not in first)]:
            yield from differences(first.get(key, ABSENT), second.get(key, ABSENT), (*path, key))
    elif isinstance(first, list) and isinstance(second, list) and (pairs := _pairs(first, second)):
        for index, one, other in pairs:
            yield from differences(one, other, (*path, index))
    else:
        yield path, first, second


def _pairs(first: list[Any], second: list[Any]) -> list[tuple[int, Any, Any]]:
    """Elements that belong together: by name where all have one, else by place; none where neither fits."""
    names, others = _names(first), _names(second)
    if names is not None and others is not None:
        pairs = [
            (index, item, second[others.index(name)] if name in others else ABSENT)
            for index, (name, item) in enumerate(zip(names, first, strict=True))
        ]
        added = [
            (index, ABSENT, item)
            for index, (name, item) in enumerate(zip(others, second, strict=True))
            if name not in names
        ]
        return pairs + added
    if len(first) != len(second):
        return []
    return [(index, one, other) for index, (one, other) in enumerate(zip(first, second, strict=True))]


def _names(items: list[Any]) -> list[Any] | None:
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    hashable = all(isinstance(name, str) for name in names)
    return names if hashable and len(set(names)) == len(names) else None
