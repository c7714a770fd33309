"""Who manages a field of a live object, from `metadata.managedFields`.

Format: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from activities.kubernetes.field_paths import Path

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Manager:
    """Who wrote a field last, and when; empty where nobody manages it."""

    name: str = ""
    since: str = ""


def manager_of(live: Document, path: Path, ours: str, shape: Document | None = None) -> Manager:
    """The manager of the field at the path: of several the one that wrote last, and others before ours.

    Args:
        live: the object whose managers are asked for.
        path: the field.
        ours: the manager that counts only where there is no other.
        shape: the state of the object that the path's indexes mean; `live` where it is not given.
    """
    owners = _managers(live, path, live if shape is None else shape)
    return max(owners, key=lambda owner: (owner.name != ours, owner.since), default=Manager())


def manages(document: Document, path: Path, manager: str) -> bool:
    """Whether a manager has the field at the path, a part of it, or something inside it."""
    return any(owner.name == manager for owner in _managers(document, path, document))


def _managers(document: Document, path: Path, shape: Document) -> list[Manager]:
    return [
        Manager(str(entry.get("manager", "")), str(entry.get("time", "")))
        for entry in document.get("metadata", {}).get("managedFields") or []
        if _owns(entry.get("fieldsV1") or {}, path, shape)
    ]


def _owns(fields: Any, path: Path, value: Any) -> bool:
    """Whether a set of fields holds the path, a part of it, or something inside it."""
    for part in path:
        found = _step(fields, part, value)
        if found is None:
            return False
        fields, value = found
        if not fields:
            return True
    return True


def _step(fields: Document, part: str | int, value: Any) -> tuple[Document, Any] | None:
    if isinstance(part, str):
        inner = value.get(part) if isinstance(value, dict) else None
        return (fields[f"f:{part}"], inner) if f"f:{part}" in fields else None
    element = value[part] if isinstance(value, list) and part < len(value) else None
    for key, below in fields.items():
        kind, _, text = key.partition(":")
        if _is_element(kind, text, part, element):
            return below, element
    return None


def _is_element(kind: str, text: str, index: int, element: Any) -> bool:
    """Whether a key of a field set means this element of a list."""
    if kind == "i":
        return text == str(index)
    if kind not in ("k", "v"):
        return False
    wanted = orjson.loads(text)
    if kind == "v":
        return bool(wanted == element)
    return isinstance(element, dict) and all(element.get(name) == value for name, value in wanted.items())
