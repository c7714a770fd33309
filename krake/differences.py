"""What is different between two documents, field by field, as people name fields.

Objects of a manifest are told apart by kind and name, and entries of other lists by their names, so that a
container that moved is no change of its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

ABSENT: Any = object()
"""Stands for a field that is not there, which is not the same as one that is null."""

_NAMES = ("name", "key", "containerPort", "mountPath", "port")
"""Fields that tell the entries of a list apart, the first that all of them have."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; `before` or `after` is `ABSENT` where the field is not there."""

    path: str
    before: Any
    after: Any

    @property
    def added(self) -> bool:
        """Whether the field is new."""
        return self.before is ABSENT

    @property
    def removed(self) -> bool:
        """Whether the field is gone."""
        return self.after is ABSENT


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Every difference between two plain JSON documents, in the order of the fields.

    Args:
        before: what was.
        after: what is.
        path: the path of both inside a larger document.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _members(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _entries(before, after, path)
    elif not _same(before, after):
        yield Difference(path, before, after)


def summary(before: Any, after: Any, longest: int = 6) -> list[str]:
    """The differences of two specs in short: objects that came, went or changed, and other fields by name."""
    words: dict[str, None] = {}
    for item in differences(before, after):
        head, found, rest = item.path.partition("]")
        if not (found and head.startswith("manifest[")):
            words[item.path] = None
        elif rest:
            words[f"{head.removeprefix('manifest[')} changed"] = None
        else:
            words[f"{head.removeprefix('manifest[')} {'added' if item.added else 'removed'}"] = None
    shown = list(words)
    return shown if len(shown) <= longest else [*shown[: longest - 1], f"and {len(shown) - longest + 1} more"]


def _same(before: Any, after: Any) -> bool:
    """Equality that tells true from 1."""
    return type(before) is type(after) and bool(before == after)


def _members(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Difference]:
    for key in [*before, *(key for key in after if key not in before)]:
        inside = f"{path}.{_quoted(key)}" if path else _quoted(key)
        yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), inside)


def _quoted(key: str) -> str:
    return f'"{key}"' if "." in key or "/" in key else key


def _entries(before: list[Any], after: list[Any], path: str) -> Iterator[Difference]:
    name = _naming(before, after)
    if name is None:
        yield from _by_place(before, after, path)
        return
    old, new = ({name(item): item for item in items} for items in (before, after))
    for key in [*old, *(key for key in new if key not in old)]:
        yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), f"{path}[{key}]")


def _by_place(before: list[Any], after: list[Any], path: str) -> Iterator[Difference]:
    for index in range(max(len(before), len(after))):
        old = before[index] if index < len(before) else ABSENT
        new = after[index] if index < len(after) else ABSENT
        yield from differences(old, new, f"{path}[{index}]")


def _naming(before: list[Any], after: list[Any]) -> Callable[[Any], str] | None:
    """How the entries of both lists are told apart; None where only their place does."""
    items = [*before, *after]
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    if all(_object_name(item) for item in items) and _unique(before, after, _object_name):
        return _object_name
    for field in _NAMES:
        if all(isinstance(item.get(field), str | int) for item in items):

            def named(item: Any, field: str = field) -> str:
                return str(item[field])

            if _unique(before, after, named):
                return named
    return None


def _unique(before: Sequence[Any], after: Sequence[Any], name: Callable[[Any], str]) -> bool:
    return all(len({name(item) for item in items}) == len(items) for items in (before, after))


def _object_name(item: Any) -> str:
    """`Kind/name` of a Kubernetes object, with its namespace where it gives one; empty for something else."""
    metadata = item.get("metadata")
    if not isinstance(item.get("kind"), str) or not isinstance(metadata, dict) or not metadata.get("name"):
        return ""
    namespace = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{item['kind']}/{namespace}{metadata['name']}"
