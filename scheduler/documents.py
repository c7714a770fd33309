"""Resources as the API shows them, made into what a placement is decided on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint
from krake.models.metric_constraints import MetricConstraint
from krake.models.metrics import Direction
from scheduler.amounts import Amounts, amounts, on
from scheduler.nodes import offer_of, taints_of
from scheduler.requirements import common_tolerations, needs
from scheduler.samples import Sample
from scheduler.snapshot import Candidate, Request, Wish
from scheduler.taints import Toleration

Document = dict[str, Any]


Metrics = Mapping[str, Mapping[str, Sample]]
"""By uid of each cluster, its metrics by name."""
NO_METRICS: Metrics = MappingProxyType({})


def candidate_of(
    cluster: Document,
    metrics: Mapping[str, Sample] | None = None,
    *,
    reserved: Amounts = (),
    tolerations: Iterable[Toleration] = (),
) -> Candidate:
    """A cluster as the scheduler sees it.

    Args:
        cluster: the cluster with its status.
        metrics: its metrics by name.
        reserved: what is reserved on it for all applications.
        tolerations: what the application puts up with: it decides which nodes count.
    """
    metadata, status = cluster["metadata"], cluster["status"]
    spec, served = cluster.get("spec") or {}, status.get("custom_resources")
    state = ClusterState(status.get("state", ClusterState.PENDING))
    offer = offer_of(status.get("nodes") or (), tolerations)
    return Candidate(
        namespace=metadata["namespace"] or "",
        name=metadata["name"],
        uid=metadata["uid"],
        labels=metadata["labels"],
        inherited_labels=frozenset(metadata.get("inherited_labels") or ()),
        state=ClusterState.ONLINE if state is ClusterState.FAILING_METRICS else state,
        deleted=metadata["deleted"] is not None,
        state_detail=_since(status.get("offline_since")),
        cordoned=bool(spec.get("cordoned")),
        metrics=metrics or {},
        taints=taints_of(spec.get("taints") or ()),
        architectures=offer.architectures,
        allocatable=offer.allocatable,
        reserved=reserved,
        nodes=offer.nodes,
        declared_resources=frozenset(spec.get("custom_resources") or ()),
        served_resources=None if served is None else frozenset(served),
    )


def _since(moment: str | None) -> str:
    """Since when, by the minute: what changes with every look would make every decision look new."""
    return f"since {moment[:16].replace('T', ' ')} UTC" if moment else ""


def candidates_of(
    clusters: Iterable[Document],
    request: Request,
    reserved: Mapping[str, Amounts],
    metrics: Metrics = NO_METRICS,
) -> list[Candidate]:
    """Clusters as the scheduler sees them for one request, with what is reserved on each by uid."""
    return [
        candidate_of(
            cluster,
            metrics.get(cluster["metadata"]["uid"]),
            reserved=reserved.get(cluster["metadata"]["uid"], ()),
            tolerations=request.tolerations,
        )
        for cluster in clusters
    ]


def needed_on(request: Request, candidate: Candidate) -> Amounts:
    """What the application takes of a candidate."""
    return on(request.needs.total, request.needs.per_node, len(candidate.nodes))


def wanted_by(
    application: Document, current: str | None, manifest: Sequence[Mapping[str, Any]] = ()
) -> Request:
    """What has to be placed.

    Args:
        application: the application with its status.
        current: uid of the cluster that the application is on.
        manifest: what is applied for it, with the requests of its Pods.

    Raises:
        KrakeError: the manifest asks for something that is no quantity; names the object.
    """
    metadata, status = application["metadata"], application.get("status") or {}
    constraints = application["spec"].get("constraints") or {}
    wanted = constraints.get("cluster") or {}
    own = status.get("reserved") or {}
    held = own.get(current) if current is not None and current == status.get("scheduled_uid") else None
    return Request(
        namespace=metadata["namespace"] or "",
        name=metadata["name"],
        uid=metadata["uid"] or "",
        labels=tuple(LabelConstraint.parse(text) for text in wanted.get("labels") or ()),
        current=current,
        migration=constraints.get("migration", True),
        custom_resources=tuple(wanted.get("custom_resources") or ()),
        metrics=tuple(MetricConstraint.parse(text) for text in wanted.get("metrics") or ()),
        preferences=tuple(
            Wish(item["metric"], item["weight"], Direction(item["direction"]))
            for item in application["spec"].get("preferences") or ()
        ),
        tolerations=common_tolerations(manifest),
        needs=needs(manifest),
        held=amounts(held or {}),
    )
