"""Errors as RFC 9457 problem documents, with the titles and anchors of the original Krake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

from krake.errors import KrakeError
from krake.moves import CannotMoveError
from krake.store.errors import AlreadyExists, NotFound, RevisionConflict, TooOld, Unavailable

MEDIA_TYPE = "application/problem+json"


class Title(Enum):
    """Problems that clients tell apart; the value is the anchor on the page that explains them."""

    NOT_FOUND_ERROR = "not-found-error"
    TRANSACTION_ERROR = "transaction-error"
    UPDATE_ERROR = "update-error"
    RESOURCE_ALREADY_EXISTS = "resource-already-exists"
    INVALID_KEYSTONE_TOKEN = "invalid-keystone-token"
    INVALID_KEYCLOAK_TOKEN = "invalid-keycloak-token"


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: str
    """Dotted path of the field, such as `spec.constraints.cluster.labels[0]`."""
    message: str


class ProblemDocument(BaseModel):
    """An RFC 9457 problem: what went wrong with a request."""

    type: str = "about:blank"
    title: str | None = None
    status: int
    detail: str
    instance: str | None = None
    request_id: str | None = None
    """The same id is in the server's logs and in the header `X-Request-ID`."""
    errors: list[FieldError] | None = Field(default=None)


class ProblemError(Exception):
    """A request that cannot be fulfilled.

    Args:
        status: the HTTP status.
        detail: what is wrong and what to do, in words for the user.
        title: the kind of problem, where clients tell it apart.
        errors: the offending fields.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        title: Title | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.title = title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def invalid_fields(errors: Sequence[FieldError]) -> ProblemError:
    """The problem of a request whose fields do not fit; the detail names each of them."""
    detail = "; ".join(
        f"{error.field}: {error.message}" if error.field else error.message for error in errors
    )
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


def invalid_field(field: str, message: str) -> ProblemError:
    """The problem of a request with one field that does not fit."""
    return invalid_fields([FieldError(field=field, message=message)])


_OF_STORE: Mapping[type[KrakeError], tuple[HTTPStatus, Title | None]] = {
    NotFound: (HTTPStatus.NOT_FOUND, Title.NOT_FOUND_ERROR),
    AlreadyExists: (HTTPStatus.CONFLICT, Title.RESOURCE_ALREADY_EXISTS),
    RevisionConflict: (HTTPStatus.PRECONDITION_FAILED, Title.TRANSACTION_ERROR),
    TooOld: (HTTPStatus.GONE, None),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, None),
    CannotMoveError: (HTTPStatus.CONFLICT, Title.UPDATE_ERROR),
}


def from_krake_error(error: KrakeError) -> ProblemError | None:
    """The problem that an error of the store is for a client; None for an error that is the server's."""
    for kind, (status, title) in _OF_STORE.items():
        if isinstance(error, kind):
            detail = ". ".join(part for part in (error.what, error.why, error.fix) if part)
            headers = {"Retry-After": "1"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
            return ProblemError(status, detail, title=title, headers=headers)
    return None


def document_of(problem: ProblemError, *, base_url: str, instance: str, request_id: str) -> dict[str, Any]:
    """The problem document that clients read."""
    document: dict[str, Any] = {"type": "about:blank"}
    if problem.title:
        document = {"type": f"{base_url}#{problem.title.value}", "title": problem.title.name}
    document |= {
        "status": int(problem.status),
        "detail": problem.detail,
        "instance": instance,
        "request_id": request_id,
    }
    if problem.errors:
        document["errors"] = [error.model_dump() for error in problem.errors]
    return document


def response(problem: ProblemError, *, base_url: str, instance: str, request_id: str) -> Response:
    """The answer that carries the problem document."""
    document = document_of(problem, base_url=base_url, instance=instance, request_id=request_id)
    return Response(
        orjson.dumps(document), int(problem.status), headers=problem.headers, media_type=MEDIA_TYPE
    )
