"""What a placement is decided on: one request and the candidates as they are at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from krake.models.application import Application
from krake.models.cluster import Cluster, ClusterState
from krake.models.constraints import LabelConstraint
from krake.models.metadata import ResourceRef


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that an application can be placed on."""

    namespace: str
    name: str
    uid: str
    labels: Mapping[str, str] = field(default_factory=dict)
    state: ClusterState = ClusterState.PENDING
    deleted: bool = False
    """Whether the candidate is on its way out."""
    api: str = "kubernetes"
    kind: str = "Cluster"
    declared_resources: frozenset[str] = frozenset()
    """Custom resource definitions that the candidate is said to have."""
    served_resources: frozenset[str] | None = None
    """Custom resource definitions that it really has; None while nobody has asked it."""

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
        return ResourceRef(api=self.api, kind=self.kind, namespace=self.namespace, name=self.name)


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
    custom_resources: tuple[str, ...] = ()
    """Custom resource definitions that the candidate has to have."""

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
            custom_resources=tuple(constraints.cluster.custom_resources),
        )

    @property
    def ref(self) -> ResourceRef:
        """The application's address."""
        return ResourceRef(api="kubernetes", kind="Application", namespace=self.namespace, name=self.name)
