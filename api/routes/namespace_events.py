"""What happened in a namespace: the events of all resources in it that the caller may ask for one by one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import items_response
from api.authorization.routes import exempt
from api.authorization.sight import kinds_in_sight
from api.deps import info, services
from api.openapi import answers, problems
from api.parameters import PAGE, refuse_unknown
from krake.models.events import EventList

Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
After = Annotated[int, Query(ge=0, le=2**63 - 1, description="Only events with a larger id.")]
Last = Annotated[int | None, Query(ge=1, le=1000, description="Only the newest ones, this many at most.")]

router = APIRouter(tags=["events"])


@router.get(
    "/core/namespaces/{namespace}/events",
    summary="What happened in a namespace",
    operation_id="listEvents",
    responses=answers(EventList, "The events, oldest first.") | problems(422, 503),
)
@exempt("shows the events of those kinds only whose events the caller may get")
async def events(
    request: Request, namespace: str, after: After = 0, limit: Limit = 1000, last: Last = None
) -> Response:
    """Who did what to which resource, and why; also to resources that have been removed. Whoever goes on from
    the last id with `after` misses nothing."""
    refuse_unknown(request, PAGE | {"last"})
    found = services(request)
    kinds = await kinds_in_sight(found.authorizer, info(request).user, namespace, "events")
    if last is not None:
        shown = await found.store.latest_events_in(namespace, kinds, last, after_id=after)
    else:
        shown = await found.store.events_in(namespace, kinds, after_id=after, limit=limit)
    return items_response("EventList", shown)
