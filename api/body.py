"""Reading the body of a request: JSON of bounded size and depth, or a problem that says what is wrong."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.problems import ProblemError, invalid_field, invalid_fields
from api.validation import field_errors

Body = TypeVar("Body", bound=BaseModel)

MAX_DEPTH = 100
"""Levels of nesting in a document; more is neither a resource nor readable back from every database."""


async def read_document(request: Request, limit: int) -> dict[str, Any]:
    """The JSON object in the body.

    Args:
        request: the request whose body is still unread.
        limit: the largest size in bytes.

    Raises:
        ProblemError: 413 too large, 415 no JSON content, 400 no JSON, 422 no object.
    """
    _check_content_type(request)
    body = await _read(request, limit)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, _syntax_message(body, error)) from None
    if not isinstance(document, dict):
        raise invalid_field("", "The body has to be a JSON object")
    if _is_too_deep(document):
        raise invalid_field("", f"The body is nested deeper than {MAX_DEPTH} levels")
    if b"\\u0000" in body and _has_null_character(document):
        raise invalid_field("", "The body contains the character NUL (\\u0000), which cannot be stored")
    return document


async def read_model(request: Request, model: type[Body], limit: int) -> Body:
    """The body as a model.

    Raises:
        ProblemError: as `read_document`, and 422 naming every field that does not fit.
    """
    document = await read_document(request, limit)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
        raise invalid_fields(field_errors(errors, document)) from None


def _check_content_type(request: Request) -> None:
    given = request.headers.get("content-type", "application/json")
    media_type = given.partition(";")[0].strip().lower()
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The body is said to be '{media_type}', but only JSON is understood: send it with "
            "'Content-Type: application/json'",
        )


async def _read(request: Request, limit: int) -> bytes:
    """The body, read no further than the limit. (The framework's own limit answers with plain text.)"""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(limit: int) -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The body is larger than {limit / 2**20:g} MiB. Split the manifest into several applications, "
        "or let the operator raise the setting 'api_max_body_bytes'",
    )


def _syntax_message(body: bytes, error: json.JSONDecodeError) -> str:
    if not body.strip():
        return "The body is empty; it has to be a JSON object"
    return f"The body is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}"


def _is_too_deep(document: dict[str, Any]) -> bool:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [child for container in level for child in _children(container)]
        if not level:
            return False
    return True


def _children(container: Any) -> list[Any]:
    values = container.values() if isinstance(container, dict) else container
    return [value for value in values if isinstance(value, dict | list)]


def _has_null_character(document: dict[str, Any]) -> bool:
    rest: list[Any] = [document]
    while rest:
        item = rest.pop()
        if isinstance(item, str) and "\0" in item:
            return True
        if isinstance(item, dict):
            rest.extend(item)
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)
    return False
