"""Answers made from the store's documents without validating them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Response
from pydantic import BaseModel

from krake.models.kinds import Kind
from krake.resources import document
from krake.store.records import Listing, Record

_MEDIA_TYPE = "application/json"


def json_response(content: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """An answer with plain JSON content."""
    return Response(orjson.dumps(content), status, media_type=_MEDIA_TYPE)


def resource_response(record: Record, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """One resource, with its revision as ETag."""
    answer = json_response(document(record), status)
    answer.headers["ETag"] = f'"{record.revision}"'
    return answer


def list_response(kind: Kind, listing: Listing) -> Response:
    """A page of resources."""
    now = datetime.now(UTC)
    return json_response(
        {
            "api": kind.api,
            "kind": f"{kind.name}List",
            "metadata": {"revision": listing.revision, "continue": listing.continue_after},
            "items": [document(record, now=now) for record in listing.items],
        }
    )


def items_response(kind: str, items: Sequence[BaseModel | dict[str, Any]]) -> Response:
    """A list of something that belongs to a resource: events, decisions, operations."""
    shown = [item.model_dump(mode="json") if isinstance(item, BaseModel) else item for item in items]
    return json_response({"api": "core", "kind": kind, "metadata": {}, "items": shown})
