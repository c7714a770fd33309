"""The fields that an observer schema names, read from an object as the cluster's API gives it.

Expected is what the cluster stored when Krake applied the object last, not the text of the manifest: units
that the API server writes in another way, and what admission adds, cannot look like drift. A field that the
manifest does not name is learned when it is first seen. Krake puts it back when it changes, unless it belongs
to the cluster (`status`), or is a value of a Secret, which is remembered as a digest only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from activities.kubernetes.field_paths import ABSENT, Path, pointer_of, text_of, value_at
from krake.models.observer_schema import MAX_LENGTH, MIN_LENGTH, identity

Document = dict[str, Any]
Schemas = dict[tuple[Any, Any, Any], Document]
"""The schemas of one application, by the identity of the object."""

_IDENTITY = (("apiVersion",), ("kind",), ("metadata", "name"))
_SECRET_FIELDS = ("data", "stringData")


@dataclass(frozen=True, slots=True)
class ObservedFields:
    """Observed fields as they are: values by path, and the lists whose length the schema does not allow."""

    values: Mapping[str, Any] = field(default_factory=dict)
    unbounded: tuple[str, ...] = ()


def schemas_of(spec: Document) -> Schemas:
    """The observer schemas of an application."""
    return {identity(schema): schema for schema in spec.get("observer_schema") or []}


def observe(schema: Document, document: Document) -> ObservedFields:
    """Read the fields that the schema names. A field that is not there has no value."""
    secret = document.get("kind") == "Secret"
    salt = str(document.get("metadata", {}).get("uid", ""))
    values: dict[str, Any] = {}
    unbounded = []
    for path, limits in _leaves(schema, secret):
        value = value_at(document, path)
        if limits is not None:
            if not _fits(value, *limits):
                unbounded.append(text_of(path))
        elif value is not ABSENT and value is not None:
            values[text_of(path)] = _digest(salt, value) if secret and path[0] == "data" else value
    return ObservedFields(values, tuple(unbounded))


def changed_fields(expected: Mapping[str, Any], observed: ObservedFields) -> list[str]:
    """Paths of the fields that are not as expected. What nobody has seen before is no change."""
    return [path for path, value in expected.items() if observed.values.get(path, ABSENT) != value]


def counts(schema: Document, path: Path, secret: bool) -> bool:
    """Whether a change at the path is a change of something that the schema names."""
    return any(
        limits is None and (path[: len(leaf)] == leaf or leaf[: len(path)] == path)
        for leaf, limits in _leaves(schema, secret)
    )


def restoration(
    schema: Document, manifest: Document, expected: Mapping[str, Any], live: Document
) -> list[Document]:
    """The JSON patch that puts learned fields back: those that are expected and not in the manifest."""
    operations = []
    secret = live.get("kind") == "Secret"
    for path, limits in _leaves(schema, secret):
        text = text_of(path)
        learned = limits is None and text in expected and value_at(manifest, path) is ABSENT
        if not learned or path[0] == "status" or (secret and path[0] == "data"):
            continue
        current = value_at(live, path)
        if current != expected[text]:
            operation = "add" if current is ABSENT else "replace"
            operations.append({"op": operation, "path": pointer_of(path), "value": expected[text]})
    return operations


def _leaves(schema: Document, secret: bool) -> Iterator[tuple[Path, tuple[int, int] | None]]:
    """Every observed field, and every list with the least and the largest length that it may have."""
    for path, limits in _walk(schema, ()):
        if path in _IDENTITY:
            continue
        if secret and path[0] in _SECRET_FIELDS:
            path = ("data", *path[1:])
        yield path, limits


def _walk(schema: Any, path: Path) -> Iterator[tuple[Path, tuple[int, int] | None]]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield from _walk(value, (*path, key))
    elif isinstance(schema, list):
        control = schema[-1]
        yield path, (control[MIN_LENGTH], control[MAX_LENGTH])
        for index, element in enumerate(schema[:-1]):
            yield from _walk(element, (*path, index))
    else:
        yield path, None


def _fits(value: Any, least: int, most: int) -> bool:
    length = len(value) if isinstance(value, list) else 0
    return least <= length and (most == 0 or length <= most)


def _digest(salt: str, value: Any) -> str:
    return "sha256:" + hashlib.sha256(salt.encode() + orjson.dumps(value)).hexdigest()[:16]
