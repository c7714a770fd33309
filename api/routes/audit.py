"""Reading the audit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import json_response
from api.deps import services
from api.openapi import answers, problems
from api.parameters import refuse_unknown
from api.problems import invalid_field
from krake.models.audit import AuditList, AuditResult

LARGEST_PAGE = 1000
FILTERS = frozenset({"user", "verb", "kind", "namespace", "name", "result", "since", "limit", "continue"})

router = APIRouter(tags=["audit"])

_Text = Annotated[str | None, Query(max_length=255, description="Only entries with exactly this value.")]
_Result = Annotated[AuditResult | None, Query(description="Only entries with this result.")]
_Since = Annotated[
    datetime | None, Query(description="None older than this moment, such as 2026-11-25T18:00:00Z.")
]
_Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Entries on one page.")]
_After = Annotated[str | None, Query(alias="continue", description="`metadata.continue` of the page before.")]


@router.get(
    "/core/audit",
    summary="Who did what",
    operation_id="listAudit",
    responses=answers(AuditList, "The entries, newest first.") | problems(422, 503),
)
async def read(
    request: Request,
    user: _Text = None,
    verb: _Text = None,
    kind: _Text = None,
    namespace: _Text = None,
    name: _Text = None,
    result: _Result = None,
    since: _Since = None,
    limit: _Limit = 100,
    after: _After = None,
) -> Response:
    """Every request that changed something, was to change something, or was denied. Entries never change."""
    refuse_unknown(request, FILTERS)
    found = services(request)
    await found.audit.settled()
    given = {"user": user, "verb": verb, "kind": kind, "namespace": namespace, "name": name, "result": result}
    entries = await found.store.audit.read(
        since=since if since is None or since.tzinfo else since.replace(tzinfo=UTC),
        below=_number(after),
        limit=limit + 1,
        **{key: str(value) for key, value in given.items() if value is not None},
    )
    more = str(entries[limit - 1].id) if len(entries) > limit else None
    items = [entry.model_dump(mode="json") for entry in entries[:limit]]
    return json_response({"api": "core", "kind": "AuditList", "metadata": {"continue": more}, "items": items})


def _number(after: str | None) -> int | None:
    if after is None:
        return None
    if not after.isdecimal() or not after.isascii() or len(after) > 18:
        raise invalid_field("continue", "This is not what a page of the audit ended with")
    return int(after)
