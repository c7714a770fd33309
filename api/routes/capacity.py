"""How much room the clusters of a namespace have."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import json_response
from api.authorization.routes import needs
from api.deps import services
from api.openapi import answers, problems
from api.parameters import refuse_unknown
from krake.models.capacity import CapacityList, ClusterCapacity, DimensionCapacity
from krake.models.kinds import CLUSTER
from krake.models.permissions import Verb
from krake.models.quantities import shown_amount
from krake.resources import document
from krake.store.records import Record
from scheduler.documents import candidate_of
from scheduler.snapshot import Candidate

router = APIRouter(tags=[CLUSTER.plural])

Only = Annotated[str | None, Query(alias="cluster", description="Only the cluster of this name.")]


@router.get(
    f"/{CLUSTER.api}/namespaces/{{namespace}}/capacity",
    summary="What the clusters of a namespace offer, and how much of it is reserved",
    operation_id="listCapacity",
    responses=answers(CapacityList, "The clusters' room, by name.") | problems(404, 422, 503),
)
@needs(Verb.LIST, "clusters/capacity")
async def capacity(request: Request, namespace: str, only: Only = None) -> Response:
    """Counts as placement does, for an application without tolerations."""
    refuse_unknown(request, frozenset({"cluster"}))
    store = services(request).store
    if only is None:
        clusters = (await store.list(CLUSTER.name, namespace)).items
    else:
        clusters = [await store.get(CLUSTER.name, namespace, only)]
    reserved, counts = await store.reserved(namespace), await store.count_on_clusters(namespace)
    items = [
        _capacity(
            one, candidate_of(document(one), reserved=reserved.get(one.uid, ())), counts.get(one.uid, 0)
        )
        for one in clusters
    ]
    return json_response(CapacityList(items=items).model_dump(mode="json"))


def _capacity(record: Record, candidate: Candidate, applications: int) -> ClusterCapacity:
    offered, reserved = dict(candidate.allocatable or ()), dict(candidate.reserved)
    return ClusterCapacity(
        cluster=candidate.ref,
        applications=applications,
        dimensions=[
            _dimension(name, offered.get(name), reserved.get(name, 0)) for name in {**offered, **reserved}
        ],
    )


def _dimension(name: str, offered: int | None, reserved: int) -> DimensionCapacity:
    return DimensionCapacity(
        dimension=name,
        allocatable=None if offered is None else shown_amount(name, offered),
        reserved=shown_amount(name, reserved),
        free=None if offered is None else shown_amount(name, max(offered - reserved, 0)),
    )
