"""How much room the clusters of a namespace have, and what their metrics say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import json_response
from api.authorization.routes import needs
from api.deps import services
from api.openapi import answers, problems
from api.parameters import refuse_unknown
from krake.inheriting import Clouds, clouds_above
from krake.models.capacity import CapacityList, ClusterCapacity, DimensionCapacity, MetricReading
from krake.models.kinds import CLUSTER
from krake.models.permissions import Verb
from krake.models.quantities import shown_amount
from krake.models.samples import Catalogue
from krake.resources import document
from krake.store.records import Record
from scheduler.documents import candidate_of
from scheduler.offers import inherits, metric_refs, offers, troubles
from scheduler.snapshot import Candidate

router = APIRouter(tags=[CLUSTER.plural])

Only = Annotated[str | None, Query(alias="cluster", description="Only the cluster of this name.")]


@router.get(
    f"/{CLUSTER.api}/namespaces/{{namespace}}/capacity",
    summary="What the clusters of a namespace offer, how much of it is reserved, and their metrics",
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
    clouds = await clouds_above(store, clusters)
    known = any(metric_refs(one.spec) for one in (*clusters, *clouds.values()))
    catalogue = await store.catalogue() if known else {}
    max_age = services(request).settings.metric_max_age
    items = [
        _capacity(
            candidate_of(document(one), reserved=reserved.get(one.uid, ())),
            counts.get(one.uid, 0),
            _all_readings(one, clouds, catalogue, max_age),
        )
        for one in clusters
    ]
    return json_response(CapacityList(items=items).model_dump(mode="json"))


def _capacity(candidate: Candidate, applications: int, metrics: list[MetricReading]) -> ClusterCapacity:
    offered, reserved = dict(candidate.allocatable or ()), dict(candidate.reserved)
    return ClusterCapacity(
        cluster=candidate.ref,
        applications=applications,
        dimensions=[
            _dimension(name, offered.get(name), reserved.get(name, 0)) for name in {**offered, **reserved}
        ],
        metrics=metrics,
    )


def _all_readings(
    cluster: Record, clouds: Clouds, catalogue: Catalogue, max_age: float
) -> list[MetricReading]:
    """The cluster's metrics with those that it inherits."""
    found = _readings(cluster, catalogue, max_age)
    if inherits(cluster, clouds):
        own = {one.name for one in found}
        above = _readings(clouds[cluster.uid], catalogue, max_age)
        found += [one.model_copy(update={"inherited": True}) for one in above if one.name not in own]
    return found


def _readings(record: Record, catalogue: Catalogue, max_age: float) -> list[MetricReading]:
    """The metrics of a cluster or a cloud, judged as a decision at this moment would."""
    refs, now = metric_refs(record.spec), datetime.now(UTC)
    reasons = troubles(refs, record.namespace, catalogue, now, max_age)
    return [
        MetricReading(
            name=name,
            weight=sample.weight,
            value=sample.raw,
            age=None if sample.raw is None else sample.age,
            reason=reasons.get(name),
        )
        for name, sample in offers(refs, record.namespace, catalogue, now, max_age).items()
    ]


def _dimension(name: str, offered: int | None, reserved: int) -> DimensionCapacity:
    return DimensionCapacity(
        dimension=name,
        allocatable=None if offered is None else shown_amount(name, offered),
        reserved=shown_amount(name, reserved),
        free=None if offered is None else shown_amount(name, max(offered - reserved, 0)),
    )
