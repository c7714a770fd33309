"""Placing clusters on clouds, and applications that may get a cluster of their own: the same engine, other
documents.

A cloud is a candidate without nodes; for lack of room it refuses by its quotas alone. Clouds of the namespace
come before global ones, whatever the scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from krake.models.clouds import CloudState
from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint
from krake.models.metric_constraints import MetricConstraint
from krake.models.metrics import Direction
from scheduler.columns import Snapshot
from scheduler.decide import Outcome, decide
from scheduler.documents import Document
from scheduler.filters import FILTERS
from scheduler.quotas import WithinQuota
from scheduler.requirements import NOTHING
from scheduler.samples import Sample
from scheduler.snapshot import EVERYBODY, Candidate, Request, Wish

_STATES = {CloudState.UNREACHABLE.value: ClusterState.OFFLINE}
"""What refuses a cloud by its state; failing metrics do so themselves."""
NO_SHORTAGE: Mapping[str, str] = MappingProxyType({})
"""No cloud is known to lack anything."""


def cloud_of(cloud: Document, metrics: Mapping[str, Sample] | None = None) -> Candidate:
    """A cloud as the scheduler sees it. One without a namespace is open to all.

    Args:
        cloud: the cloud with its status.
        metrics: its metrics by name; those that fail refuse it, whatever its state says of them.
    """
    metadata, status = cloud["metadata"], cloud.get("status") or {}
    state = _STATES.get(str(status.get("state")), ClusterState.ONLINE)
    namespace = metadata.get("namespace") or ""
    return Candidate(
        namespace=namespace,
        name=metadata["name"],
        uid=metadata["uid"],
        labels=metadata.get("labels") or {},
        state=state,
        deleted=metadata.get("deleted") is not None,
        api=cloud["api"],
        kind=cloud["kind"],
        grants=frozenset() if namespace else frozenset({EVERYBODY}),
        metrics=metrics or {},
    )


def cloud_wanted_by(cluster: Document) -> Request:
    """What a cluster that has to be made wants of its cloud: `spec.constraints.cloud`."""
    metadata, spec = cluster["metadata"], cluster.get("spec") or {}
    wanted = (spec.get("constraints") or {}).get("cloud") or {}
    return Request(
        namespace=metadata.get("namespace") or "",
        name=metadata["name"],
        uid=metadata.get("uid") or "",
        labels=tuple(LabelConstraint.parse(text) for text in wanted.get("labels") or ()),
        metrics=tuple(MetricConstraint.parse(text) for text in wanted.get("metrics") or ()),
        preferences=tuple(
            Wish(item["metric"], item["weight"], Direction(item["direction"]))
            for item in spec.get("preferences") or ()
        ),
        kind="Cluster",
    )


def project_wanted_by(magnum_cluster: Document) -> Request:
    """What a Magnum cluster wants of its project: `spec.constraints.project`."""
    metadata, spec = magnum_cluster["metadata"], magnum_cluster.get("spec") or {}
    wanted = (spec.get("constraints") or {}).get("project") or {}
    return Request(
        namespace=metadata.get("namespace") or "",
        name=metadata["name"],
        uid=metadata.get("uid") or "",
        labels=tuple(LabelConstraint.parse(text) for text in wanted.get("labels") or ()),
        kind="MagnumCluster",
    )


def on_a_new_cluster(application: Request) -> Request:
    """What an application wants of the cloud that a cluster is made on for it.

    Its constraints on labels and metrics of its cluster, as the cluster inherits both from its cloud; what a
    cluster gets only once it is made (custom resources, nodes) cannot be asked of a cloud.
    """
    return replace(
        application,
        current=None,
        custom_resources=(),
        tolerations=(),
        needs=NOTHING,
        held=(),
        spread=None,
        excluded=frozenset(),
        target=None,
        preferred=None,
    )


def constraints_of_new_cluster(application: Request) -> dict[str, Any]:
    """`spec.constraints` of the cluster that is made for an application."""
    labels, metrics = map(str, application.labels), map(str, application.metrics)
    return {"cloud": {"labels": list(labels), "metrics": list(metrics)}}


def choose_cloud(
    request: Request,
    clouds: Iterable[Candidate],
    *,
    now: datetime,
    trigger: str,
    lacking: Mapping[str, str] = NO_SHORTAGE,
) -> Outcome:
    """Choose the cloud: one of the request's namespace if any fits, else a global one.

    Nothing sticks: a cluster never moves between clouds.

    Args:
        request: from `cloud_wanted_by` or `on_a_new_cluster`.
        clouds: of its namespace, and global ones.
        now: the moment of the decision; recorded.
        trigger: what led to the decision; recorded.
        lacking: by uid of each cloud whose quotas leave no room, what it lacks (`scheduler.quotas.lacks`).
    """
    found, filters = list(clouds), (*FILTERS, WithinQuota(lacking))
    own = [cloud for cloud in found if cloud.namespace == request.namespace]
    outcome = decide(request, Snapshot(own), now=now, trigger=trigger, stickiness=0.0, filters=filters)
    if outcome.chosen is not None:
        return outcome
    # Over all of them, so that the record also says why each of the namespace's own was refused.
    return decide(request, Snapshot(found), now=now, trigger=trigger, stickiness=0.0, filters=filters)


def is_better(cloud: Outcome, cluster: Outcome) -> bool:
    """Whether a new cluster on the best cloud beats the best cluster that is there; a tie does not."""
    if cloud.chosen is None or cluster.chosen is None:
        return cloud.chosen is not None
    return float(cloud.totals[cloud.order[0]]) > float(cluster.totals[cluster.order[0]])
