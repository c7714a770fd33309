"""The original Krake's API group `openstack`: projects, and clusters that Magnum makes in them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from krake.models.base import Answer, Model, Timestamp
from krake.models.clouds import KnownQuota, OfferedFlavor
from krake.models.constraints import LabelConstraint
from krake.models.containers import of_known_type
from krake.models.infrastructure import MAX_NODES, Word
from krake.models.metadata import Metadata, Name, Namespace, ResourceRef
from krake.models.metrics import MetricRefs
from krake.models.openstack_auth import ApplicationCredentialAuth
from krake.models.providers import Secret, Url
from krake.models.reasons import Reason
from krake.models.secret_fields import SecretFields

_USER = ("auth", "password", "user")
_CREDENTIAL = ("auth", "application_credential")
PROJECT_SECRETS = SecretFields(
    secrets=((*_USER, "password"), (*_CREDENTIAL, "secret")),
    address=(("url",), (*_USER, "id"), (*_CREDENTIAL, "id")),
)


class ProjectUser(Model):
    """Who signs in to the project."""

    id: Word
    password: Annotated[Secret, Field(repr=False)]
    comment: str | None = None


class ProjectIdentity(Model):
    """The project at Keystone."""

    id: Word
    comment: str | None = None


class ProjectPassword(Model):
    """Signing in with a password at Keystone; everything is named by its id."""

    version: Literal["3"] = "3"
    user: ProjectUser
    project: ProjectIdentity


class ProjectPasswordAuth(Model):
    """Signing in with a password."""

    type: Literal["password"]
    password: ProjectPassword


ProjectAuth = Annotated[
    Annotated[ProjectPasswordAuth | ApplicationCredentialAuth, Field(discriminator="type")],
    BeforeValidator(of_known_type("auth_type", ("password", "application_credential"))),
]


class ProjectSpec(Model):
    """How to sign in to an OpenStack project, and by which template Magnum makes clusters there."""

    url: Url
    """Keystone's address."""
    auth: ProjectAuth
    template: Word
    """Magnum's cluster template, by its UUID or name."""
    metrics: MetricRefs = Field(default_factory=list)
    """What it is ranked by, with what each metric weighs."""


class ProjectState(StrEnum):
    """Whether clusters can be made in a project, as in the original Krake."""

    ONLINE = "ONLINE"
    UNREACHABLE = "UNREACHABLE"
    """The cloud does not answer, or refuses the credentials, so that nothing is made there."""
    FAILING_METRICS = "FAILING_METRICS"
    """A metric of it cannot be used, so that nothing is placed there."""


class ProjectStatus(Answer):
    """What is known of the project."""

    state: ProjectState = ProjectState.ONLINE
    reason: Reason | None = None
    """Why it is unreachable."""
    metrics_reasons: dict[str, Reason] = Field(default_factory=dict)
    """Why metrics of it cannot be used, by name."""
    flavors: list[OfferedFlavor] = Field(default_factory=list)
    """The sizes of machines that its cloud offers."""
    quotas: list[KnownQuota] = Field(default_factory=list)
    """What it may use, and uses."""
    observed_at: Timestamp | None = None
    """When its cloud last answered."""


class Project(Model):
    """An OpenStack project in which Magnum makes clusters."""

    api: Literal["openstack"] = "openstack"
    kind: Literal["Project"] = "Project"
    metadata: Metadata
    spec: ProjectSpec
    status: ProjectStatus = Field(default_factory=ProjectStatus)


class ProjectConstraints(Model):
    """What the project has to offer."""

    labels: list[LabelConstraint] | None = None


class MagnumClusterConstraints(Model):
    """Requirements on where the cluster is made."""

    project: ProjectConstraints = Field(default_factory=ProjectConstraints)


class MagnumClusterSpec(Model):
    """The size of a cluster, and what it wants of its project."""

    master_count: Literal[1, 3, 5] | None = None
    """Number of nodes of the control plane; 1 where it is not given. It cannot be changed."""
    node_count: Annotated[int, Field(ge=0, le=MAX_NODES)] | None = None
    """Number of worker nodes; 1 where it is not given."""
    metrics: MetricRefs = Field(default_factory=list)
    """What the Kubernetes cluster is ranked by; the project's are added to these."""
    constraints: MagnumClusterConstraints | None = None


class MagnumClusterState(StrEnum):
    """How a Magnum cluster stands, as in the original Krake."""

    PENDING = "PENDING"
    CREATING = "CREATING"
    RUNNING = "RUNNING"
    RECONCILING = "RECONCILING"
    """Its number of nodes is being changed."""
    DELETING = "DELETING"
    FAILED = "FAILED"


class MagnumClusterStatus(Answer):
    """What is known of the cluster."""

    state: MagnumClusterState = MagnumClusterState.PENDING
    reason: Reason | None = None
    message: str = ""
    project: ResourceRef | None = None
    """The project in which it is made."""
    template: str | None = None
    """The cluster template that it is made by; it stays what it was."""
    cluster_id: str | None = None
    """Magnum's id of it."""
    node_count: int | None = None
    """Worker nodes that Magnum counted last."""
    api_address: str | None = None
    """Where its Kubernetes API is."""
    master_addresses: list[str] = Field(default_factory=list)
    """As a client reported them."""
    node_addresses: list[str] = Field(default_factory=list)
    """As a client reported them."""
    cluster: ResourceRef | None = None
    """The Kubernetes cluster that applications are placed on."""
    observed_generation: int = 0


class MagnumCluster(Model):
    """A Kubernetes cluster that Magnum makes in a project."""

    api: Literal["openstack"] = "openstack"
    kind: Literal["MagnumCluster"] = "MagnumCluster"
    metadata: Metadata
    spec: MagnumClusterSpec
    status: MagnumClusterStatus = Field(default_factory=MagnumClusterStatus)


class ProjectRef(Model):
    """A reference to a project."""

    api: Literal["openstack"] = "openstack"
    kind: Literal["Project"] = "Project"
    namespace: Namespace | None = None
    """The cluster's own namespace where it is not given; another one is refused."""
    name: Name


class MagnumClusterBinding(Model):
    """Says in which project a Magnum cluster is made, and by which template."""

    api: Literal["openstack"] = "openstack"
    kind: Literal["MagnumClusterBinding"] = "MagnumClusterBinding"
    project: ProjectRef
    template: Word
