"""From a document that somebody wrote to a resource, or one message for each field that does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from krake.errors import KrakeError
from krake.models.kinds import Kind, Resource

_SERVER_OWNED = frozenset({"uid", "created", "modified", "deleted", "generation", "revision"})
_WORDS = {
    "missing": "This field is required",
    "extra_forbidden": "Unknown field",
}
_UNAVAILABLE = "not_available"
_ABSENT = frozenset({"missing", "undefined"})
"""Errors about a field that may not be in the document."""


class WrongField(NamedTuple):
    """What is wrong with one field of a document."""

    field: str
    """Dotted path of the field, such as `spec.constraints.cluster.labels[0]`; empty for the whole."""
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class InvalidDocumentError(KrakeError):
    """A document that describes no resource; `fields` says what does not fit."""

    def __init__(self, fields: Sequence[WrongField]) -> None:
        super().__init__("; ".join(map(str, fields)))
        self.fields = tuple(fields)

    @classmethod
    def of(cls, field: str, message: str) -> InvalidDocumentError:
        """The error about one field."""
        return cls([WrongField(field, message)])


def parse_document(kind: Kind, document: dict[str, Any], namespace: str) -> Resource:
    """The resource that the document describes, in a namespace where it names none; empty for global kinds.

    What belongs to the server is ignored, so that a client can send back what it got.

    Raises:
        InvalidDocumentError: names every field that does not fit.
    """
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        raise InvalidDocumentError.of("metadata", "This field is required: an object with at least a name")
    wanted = {key: value for key, value in document.items() if key != "status"}
    wanted["metadata"] = {key: value for key, value in metadata.items() if key not in _SERVER_OWNED}
    if wanted["metadata"].get("namespace") is None:
        wanted["metadata"]["namespace"] = namespace or None
    elif not kind.namespaced:
        words = f"A {kind.name} belongs to no namespace; leave it out"
        raise InvalidDocumentError.of("metadata.namespace", words)
    if not kind.lifecycle and metadata.get("finalizers"):
        words = f"A {kind.name} is removed at once: it waits for nobody"
        raise InvalidDocumentError.of("metadata.finalizers", words)
    try:
        return kind.model.model_validate(wanted)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise InvalidDocumentError(wrong_fields(found, wanted)) from None


def wrong_fields(errors: Iterable[ErrorDetails], document: Any) -> list[WrongField]:
    """One entry a field. Nothing of the document's content gets into it but names of fields."""
    found: dict[str, dict[str, str]] = {}
    for error in errors:
        message = _WORDS.get(error["type"], error["msg"])
        found.setdefault(_path(error, document), {})[error["type"]] = message
    return [
        WrongField(path, messages.get(_UNAVAILABLE) or "; ".join(dict.fromkeys(messages.values())))
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
