"""Answers made from the store's documents without validating them again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Response
from pydantic import BaseModel

from api.ages import Ages
from api.deps import Services
from api.revisions import etag_of, is_known
from krake.models.kinds import Kind
from krake.store.records import Listing, Record

_MEDIA_TYPE = "application/json"


def json_response(content: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """An answer with plain JSON content."""
    return Response(orjson.dumps(content), status, media_type=_MEDIA_TYPE)


async def resource_response(
    services: Services,
    record: Record,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    if_none_match: str | None = None,
) -> Response:
    """One resource as it is at this moment, with its revision as ETag; 304 if the client has it already."""
    ages = await services.ages.read(record.kind)
    shown = ages.document(record)
    etag = etag_of(record.revision, shown)
    if is_known(etag, if_none_match):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    answer = json_response(shown, status)
    answer.headers["ETag"] = etag
    return answer


def list_response(kind: Kind, listing: Listing, ages: Ages) -> Response:
    """One page of resources."""
    return _list_of(kind, listing.revision, listing.continue_after, [_rendered(listing, ages)])


async def long_list_response(kind: Kind, listings: AsyncIterator[Listing], ages: Ages) -> Response:
    """All pages as one list, at the revision of the first one, rendered one by one between other requests.

    What changed between two pages is newer than that revision, so that a watch from there tells of it.
    """
    revision: int | None = None
    pages = []
    async for listing in listings:
        revision = listing.revision if revision is None else revision
        pages.append(_rendered(listing, ages))
    return _list_of(kind, revision, None, pages)


def items_response(kind: str, items: Sequence[BaseModel | dict[str, Any]], *, api: str = "core") -> Response:
    """A list of something that belongs to a resource: events, decisions, operations."""
    shown = [item.model_dump(mode="json") if isinstance(item, BaseModel) else item for item in items]
    return json_response({"api": api, "kind": kind, "metadata": {}, "items": shown})


def _rendered(listing: Listing, ages: Ages) -> bytes:
    """The resources in the brackets of a JSON list."""
    return orjson.dumps([ages.document(record) for record in listing.items])[1:-1]


def _list_of(kind: Kind, revision: int | None, continue_after: str | None, pages: list[bytes]) -> Response:
    head = {
        "api": kind.api,
        "kind": f"{kind.name}List",
        "metadata": {"revision": revision, "continue": continue_after},
    }
    body = b'%b,"items":[%b]}' % (orjson.dumps(head)[:-1], b",".join(filter(None, pages)))
    return Response(body, media_type=_MEDIA_TYPE)
