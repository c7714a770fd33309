"""From a request's document to a resource, or a problem with one entry for each field that does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_core import ErrorDetails

from api.problems import FieldError, invalid_fields
from krake.models.kinds import Kind, Resource
from krake.validation import InvalidDocumentError, WrongField, parse_document, wrong_fields


def parse(kind: Kind, document: dict[str, Any], namespace: str) -> Resource:
    """The resource that the document describes, in the namespace of the URL; empty for global kinds.

    What belongs to the server is ignored, so that a client can send back what it got.

    Raises:
        ProblemError: 422, naming every field that does not fit.
    """
    with as_problem():
        return parse_document(kind, document, namespace)


@contextmanager
def as_problem() -> Iterator[None]:
    """Say to the client, as 422, what does not fit.

    Raises:
        ProblemError: in the place of an `InvalidDocumentError`.
    """
    try:
        yield
    except InvalidDocumentError as error:
        raise invalid_fields(_entries(error.fields)) from None


def field_errors(errors: Iterable[ErrorDetails], document: Any) -> list[FieldError]:
    """One entry a field. Nothing of the document's content gets into it but names of fields."""
    return _entries(wrong_fields(errors, document))


def _entries(fields: Iterable[WrongField]) -> list[FieldError]:
    return [FieldError(field=one.field, message=one.message) for one in fields]
