"""What a placement is decided on: one request and the candidates as they are at one moment.

Everything that decides is in here and was measured by the caller: ages instead of times, sums instead of
lists of applications. Nothing in this package looks anything up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from krake.models.application import Application
from krake.models.cluster import Cluster, ClusterState
from krake.models.constraints import LabelConstraint
from krake.models.metadata import ResourceRef
from krake.models.metric_constraints import MetricConstraint
from krake.models.metrics import Direction
from scheduler.amounts import Amounts
from scheduler.requirements import NOTHING, Needs
from scheduler.samples import Sample
from scheduler.taints import Taint, Toleration

EVERYBODY = "*"
"""In a candidate's grants: every namespace may use it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that an application (or a cluster) can be placed on: a cluster or a cloud."""

    namespace: str
    """Empty for a global cloud."""
    name: str
    uid: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """With those that it has from its cloud."""
    state: ClusterState = ClusterState.PENDING
    """Whether it can be used, metrics left aside: those that fail are judged by a filter of their own."""
    deleted: bool = False
    """Whether the candidate is on its way out."""
    api: str = "kubernetes"
    kind: str = "Cluster"
    """`Cluster`, `Cloud` or `GlobalCloud`."""
    state_detail: str = ""
    """Words behind the state: `for 3m12s`."""
    cordoned: bool = False
    """Whether it takes no new applications; those that are there stay."""
    grants: frozenset[str] = frozenset()
    """Namespaces beside its own that may use it; `*` for all."""
    inherited_labels: frozenset[str] = frozenset()
    """Keys of the labels that it has from its cloud."""
    metrics: Mapping[str, Sample] = field(default_factory=dict)
    """By the metric's name, with those that it has from its cloud."""
    taints: tuple[Taint, ...] = ()
    architectures: frozenset[str] = frozenset()
    """Of its nodes, as Kubernetes names them: amd64, arm64; empty where they are not known."""
    allocatable: Amounts | None = None
    """What its nodes offer together; None where nothing is known, then everything fits."""
    reserved: Amounts = ()
    """What is reserved for all applications that are on it or on their way to it."""
    nodes: tuple[Amounts, ...] = ()
    """What each node offers; empty where the nodes are not known one by one."""
    declared_resources: frozenset[str] = frozenset()
    """Custom resources that the user says it has, `<plural>.<group>`."""
    served_resources: frozenset[str] | None = None
    """Custom resources that it was seen to serve; None while nobody has looked."""

    @classmethod
    def of(cls, cluster: Cluster) -> Candidate:
        """The candidate that a stored cluster is."""
        metadata, served = cluster.metadata, cluster.status.custom_resources
        return cls(
            namespace=metadata.namespace or "",
            name=metadata.name,
            uid=metadata.uid or "",
            labels=metadata.labels,
            state=cluster.status.state,
            deleted=metadata.deleted is not None,
            declared_resources=frozenset(cluster.spec.custom_resources),
            served_resources=None if served is None else frozenset(served),
        )

    @property
    def ref(self) -> ResourceRef:
        """The candidate's address."""
        namespace = self.namespace or None
        return ResourceRef(api=self.api, kind=self.kind, namespace=namespace, name=self.name)


class Wish(NamedTuple):
    """A metric that the application itself values, and how much."""

    metric: str
    weight: float
    direction: Direction = Direction.MAXIMISE


class Spread(NamedTuple):
    """Siblings are to be spread evenly over the values of a label."""

    key: str
    counts: tuple[tuple[str, int], ...]
    """How many siblings, this application left aside, are at each value. Name the values without any too."""
    max_skew: int = 1
    """How many more may be at one value than at the emptiest of those named."""
    group: str = ""
    """What the siblings have in common, for a pass that places several of them."""


@dataclass(frozen=True, slots=True)
class Request:
    """What has to be placed, and its requirements."""

    namespace: str
    name: str
    uid: str
    labels: tuple[LabelConstraint, ...] = ()
    """Constraints on the candidate's labels; all of them have to match."""
    current: str | None = None
    """Uid of the candidate that the application is on; None while it is on none."""
    migration: bool = True
    """Whether the application may leave the candidate that it is on."""
    metrics: tuple[MetricConstraint, ...] = ()
    """Constraints on raw values of the candidate's metrics; all of them have to match."""
    custom_resources: tuple[str, ...] = ()
    """Custom resources that the candidate has to have, `<plural>.<group>`."""
    tolerations: tuple[Toleration, ...] = ()
    needs: Needs = NOTHING
    """What its Pods ask for, see `scheduler.requirements`."""
    held: Amounts = ()
    """The part of the current candidate's reservations that is its own."""
    spread: Spread | None = None
    preferences: tuple[Wish, ...] = ()
    excluded: frozenset[str] = frozenset()
    """Uids of candidates that it must not use: one that it is leaving."""
    target: str | None = None
    """Uid of the only candidate that may be chosen."""
    preferred: str | None = None
    """Uid of the candidate that is chosen if it fits, whatever the scores."""
    api: str = "kubernetes"
    kind: str = "Application"

    @classmethod
    def of(cls, application: Application, current: str | None = None) -> Request:
        """The request of an application. `current` is the uid of the cluster that it is on."""
        constraints = application.spec.constraints
        return cls(
            namespace=application.metadata.namespace or "",
            name=application.metadata.name,
            uid=application.metadata.uid or "",
            labels=tuple(constraints.cluster.labels or ()),
            current=current,
            migration=constraints.migration,
            metrics=tuple(constraints.cluster.metrics or ()),
            custom_resources=tuple(constraints.cluster.custom_resources),
            preferences=tuple(
                Wish(item.metric, item.weight, item.direction) for item in application.spec.preferences
            ),
        )

    @property
    def ref(self) -> ResourceRef:
        """The address of what is placed."""
        return ResourceRef(api=self.api, kind=self.kind, namespace=self.namespace, name=self.name)
