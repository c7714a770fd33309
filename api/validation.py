"""From a request's document to a resource, or a problem with one entry for each field that does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from api.problems import FieldError, invalid_field, invalid_fields
from krake.models.kinds import Kind, Resource

_SERVER_OWNED = frozenset({"uid", "created", "modified", "deleted", "generation", "revision"})
_WORDS = {
    "missing": "This field is required",
    "extra_forbidden": "Unknown field",
}
_UNAVAILABLE = "not_available"
_ABSENT = frozenset({"missing", "undefined"})
"""Errors about a field that may not be in the document."""


def parse(kind: Kind, document: dict[str, Any], namespace: str) -> Resource:
    """The resource that the document describes, in the namespace of the URL; empty for global kinds.

    What belongs to the server is ignored, so that a client can send back what it got.

    Raises:
        ProblemError: 422, naming every field that does not fit.
    """
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        raise invalid_field("metadata", "This field is required: an object with at least a name")
    wanted = {key: value for key, value in document.items() if key != "status"}
    wanted["metadata"] = {key: value for key, value in metadata.items() if key not in _SERVER_OWNED}
    if wanted["metadata"].get("namespace") is None:
        wanted["metadata"]["namespace"] = namespace or None
    elif not kind.namespaced:
        raise invalid_field("metadata.namespace", f"A {kind.name} belongs to no namespace; leave it out")
    if not kind.lifecycle and metadata.get("finalizers"):
        raise invalid_field("metadata.finalizers", f"A {kind.name} is removed at once: it waits for nobody")
    try:
        return kind.model.model_validate(wanted)
    except ValidationError as error:
        raise invalid_fields(
            field_errors(error.errors(include_url=False, include_context=False), wanted)
        ) from None


def field_errors(errors: Iterable[ErrorDetails], document: Any) -> list[FieldError]:
    """One entry a field. Nothing of the document's content gets into it but names of fields."""
    found: dict[str, dict[str, str]] = {}
    for error in errors:
        message = _WORDS.get(error["type"], error["msg"])
        found.setdefault(_path(error, document), {})[error["type"]] = message
    return [
        FieldError(
            field=path, message=messages.get(_UNAVAILABLE) or "; ".join(dict.fromkeys(messages.values()))
        )
        for path, messages in found.items()
    ]


def _path(error: ErrorDetails, document: Any) -> str:
    """The dotted path of the field, without Pydantic's names of union members: they are in no document."""
    path = ""
    for part in error["loc"]:
        if isinstance(document, list) and isinstance(part, int):
            path += f"[{part}]"
            document = document[part] if part < len(document) else None
        elif isinstance(document, dict) and (part in document or error["type"] in _ABSENT):
            path += f".{part}" if path else str(part)
            document = document.get(part)
    return path
