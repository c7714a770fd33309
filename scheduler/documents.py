"""Resources as the API shows them, made into what a placement is decided on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint
from krake.models.metric_constraints import MetricConstraint
from krake.models.metrics import Direction
from scheduler.samples import Sample
from scheduler.snapshot import Candidate, Request, Wish

Document = dict[str, Any]


def candidate_of(cluster: Document, metrics: Mapping[str, Sample] | None = None) -> Candidate:
    """A cluster as the scheduler sees it, with its metrics."""
    metadata, served = cluster["metadata"], cluster["status"].get("custom_resources")
    spec = cluster.get("spec") or {}
    state = ClusterState(cluster["status"].get("state", ClusterState.PENDING))
    return Candidate(
        namespace=metadata["namespace"] or "",
        name=metadata["name"],
        uid=metadata["uid"],
        labels=metadata["labels"],
        state=ClusterState.ONLINE if state is ClusterState.FAILING_METRICS else state,
        metrics=metrics or {},
        deleted=metadata["deleted"] is not None,
        cordoned=bool(spec.get("cordoned")),
        declared_resources=frozenset(spec.get("custom_resources") or ()),
        served_resources=None if served is None else frozenset(served),
    )


def wanted_by(application: Document, current: str | None) -> Request:
    """What has to be placed. `current` is the uid of the cluster that the application is on."""
    metadata = application["metadata"]
    constraints = application["spec"].get("constraints") or {}
    wanted = constraints.get("cluster") or {}
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
    )
