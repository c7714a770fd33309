"""Observer schemas: which fields of an object on the cluster count as drift, in the original Krake's grammar.

A schema looks like the object: `apiVersion`, `kind` and `metadata.name` say which one it is, every other
leaf is null, and a list ends with the lengths that it may have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

MIN_LENGTH = "observer_schema_list_min_length"
MAX_LENGTH = "observer_schema_list_max_length"
"""0 is without limit."""

_CONTROL = frozenset({MIN_LENGTH, MAX_LENGTH})

Document = dict[str, Any]
Path = tuple[str | int, ...]
Trouble = tuple[Path, str]
"""Where something is wrong, and what."""


def identity(document: Document) -> tuple[Any, Any, Any]:
    """What a schema and its object have in common. The namespace is no part of it."""
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return document.get("apiVersion"), document.get("kind"), name


def check_observer_schemas(schemas: list[Document], manifest: list[Document] | None) -> list[Document]:
    """Return the schemas unchanged, or raise naming everything that is wrong and where.

    Args:
        schemas: one for each object with fields of its own choice.
        manifest: the objects; None or empty where they are not known yet.

    Raises:
        ValidationError: with the path of every offending key.
    """
    troubles = [
        ((index, *path), message)
        for index, schema in enumerate(schemas)
        for path, message in _schema(schema, manifest)
    ]
    seen: list[tuple[Any, Any, Any]] = []
    for index, schema in enumerate(schemas):
        if identity(schema) in seen:
            troubles.append(((index,), "There is a schema for this resource already"))
        seen.append(identity(schema))
    if troubles:
        raise ValidationError.from_exception_data("observer_schema", [_error(*item) for item in troubles])
    return schemas


def _error(path: Path, message: str) -> InitErrorDetails:
    kind = PydanticCustomError("observer_schema", "{message}", {"message": message})
    return InitErrorDetails(type=kind, loc=path, input=None)


def _schema(schema: Document, manifest: list[Document] | None) -> Iterator[Trouble]:
    """Everything wrong with one schema."""
    lacking = list(_identity(schema))
    yield from lacking
    for key, value in schema.items():
        if key in ("apiVersion", "kind"):
            continue
        if key == "metadata":
            rest = {name: item for name, item in value.items() if name != "name"} if _is_map(value) else {}
            yield from _mapping(rest, (key,))
        else:
            yield from _value(key, value, ())
    if not lacking and manifest and identity(schema) not in [identity(item) for item in manifest]:
        yield (), "Observed resource must be in manifest"


def _identity(schema: Document) -> Iterator[Trouble]:
    for key in ("apiVersion", "kind"):
        if not schema.get(key):
            yield (), f"{key} is not defined"
        elif not isinstance(schema[key], str):
            yield (key,), f"{key} is not text"
    metadata = schema.get("metadata")
    if metadata is None:
        yield (), "metadata dictionary is not defined"
    elif not _is_map(metadata):
        yield ("metadata",), "metadata must be a dictionary"
    elif not metadata.get("name"):
        yield ("metadata",), "name is not defined in the metadata dictionary"
    elif not isinstance(metadata["name"], str):
        yield ("metadata", "name"), "name is not text"


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _mapping(schema: Document, path: Path) -> Iterator[Trouble]:
    for key, value in schema.items():
        yield from _value(key, value, path)


def _value(key: str, value: Any, path: Path) -> Iterator[Trouble]:
    if isinstance(value, dict):
        yield from _mapping(value, (*path, key))
    elif isinstance(value, list):
        yield from _list(value, (*path, key))
    elif value is not None:
        yield (*path, key), f"Value of '{key}' is not 'None'"


def _list(schema: list[Any], path: Path) -> Iterator[Trouble]:
    control = schema[-1] if schema else None
    if not isinstance(control, dict):
        yield path, "Special list control dictionary not found"
        return
    place = (*path, len(schema) - 1)
    if control.keys() != _CONTROL:
        yield place, "Special list control dictionary malformed"
    else:
        for key, message in _lengths(control, len(schema) - 1):
            yield (*place, key), message
    for index, element in enumerate(schema[:-1]):
        if isinstance(element, dict):
            yield from _mapping(element, (*path, index))
        elif isinstance(element, list):
            yield from _list(element, (*path, index))
        elif element is not None:
            yield (*path, index), "Element of a list is not 'None'"


def _lengths(control: Document, elements: int) -> Iterator[tuple[str, str]]:
    for key in (MIN_LENGTH, MAX_LENGTH):
        if type(control[key]) is not int:
            yield key, f"{key} should be an integer"
            return
        if control[key] < 0:
            yield key, f"Invalid value for {key}"
            return
    least, most = control[MIN_LENGTH], control[MAX_LENGTH]
    if most and most < least:
        yield MAX_LENGTH, f"{MAX_LENGTH} is inferior to {MIN_LENGTH}"
    elif most and most < elements:
        yield MAX_LENGTH, f"{MAX_LENGTH} is inferior to the number of observed elements"
