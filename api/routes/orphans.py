"""Orphans: objects that Krake had to leave on clusters, and their collection."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.answers import items_response, json_response
from api.authorization.routes import filtered
from api.collecting import collect
from api.deps import info, services
from api.openapi import answers, problems
from api.parameters import ORPHANS, OrphansOf, refuse_unknown
from krake.models.orphans import OrphanList

router = APIRouter(tags=["orphans"])

_LISTED = answers(OrphanList, "The orphans, oldest first.") | problems(422, 503)


class CollectionStarted(BaseModel):
    """The collection of the orphans on one cluster."""

    namespace: str
    cluster: str
    orphans: int
    operation: str | None
    """Id of the workflow that collects them; empty where nobody can."""
    message: str


class CollectionList(BaseModel):
    """What becomes of the orphans, cluster by cluster."""

    api: str = "core"
    kind: str = "CollectionList"
    metadata: dict[str, Any] = {}
    items: list[CollectionStarted]


_STARTED = answers(CollectionList, "What was started, cluster by cluster.", 202) | problems(404, 422, 503)


@router.get(
    "/core/orphans",
    summary="List the orphans of all namespaces",
    operation_id="listAllOrphans",
    responses=_LISTED,
)
@filtered
async def list_all_orphans(request: Request, cluster: OrphansOf = None) -> Response:
    """Objects that are still on a cluster although their application is not, and why."""
    return await _list(request, None, cluster)


@router.get(
    "/core/namespaces/{namespace}/orphans",
    summary="List the orphans of a namespace",
    operation_id="listOrphans",
    responses=_LISTED,
)
async def list_orphans(request: Request, namespace: str, cluster: OrphansOf = None) -> Response:
    """Objects that are still on a cluster although their application is not, and why."""
    return await _list(request, namespace, cluster)


@router.put(
    "/core/orphans/collect",
    summary="Collect the orphans of all namespaces",
    operation_id="collectAllOrphans",
    status_code=HTTPStatus.ACCEPTED,
    responses=_STARTED,
)
@filtered
async def collect_all_orphans(request: Request, cluster: OrphansOf = None) -> Response:
    """Krake does so by itself when a cluster answers again; here also what was left on an earlier cluster of
    the same name."""
    return await _collect(request, None, cluster)


@router.put(
    "/core/namespaces/{namespace}/orphans/collect",
    summary="Collect the orphans of a namespace",
    operation_id="collectOrphans",
    status_code=HTTPStatus.ACCEPTED,
    responses=_STARTED,
)
async def collect_orphans(request: Request, namespace: str, cluster: OrphansOf = None) -> Response:
    """Krake does so by itself when a cluster answers again; here also what was left on an earlier cluster of
    the same name."""
    return await _collect(request, namespace, cluster)


async def _list(request: Request, namespace: str | None, cluster: str | None) -> Response:
    refuse_unknown(request, ORPHANS)
    given = {"namespace": namespace, "cluster": cluster}
    filters = {name: value for name, value in given.items() if value is not None}
    found, reach = await services(request).store.orphans(**filters), info(request).reach
    return items_response("OrphanList", [orphan for orphan in found if orphan.namespace in reach])


async def _collect(request: Request, namespace: str | None, cluster: str | None) -> Response:
    refuse_unknown(request, ORPHANS)
    found = await collect(services(request), info(request).reach, namespace, cluster)
    document = {"api": "core", "kind": "CollectionList", "metadata": {}, "items": found}
    return json_response(document, HTTPStatus.ACCEPTED)
