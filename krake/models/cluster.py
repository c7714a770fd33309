"""The Cluster: a Kubernetes cluster that applications can be placed on."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from krake.models.base import (
    MAX_BACKOFF,
    MAX_RETRIES,
    MAX_SECONDS,
    Answer,
    EmptyDict,
    EmptyList,
    Model,
    OnlyFalse,
    Timestamp,
)
from krake.models.clearing import Clearing
from krake.models.custom_resources import CustomResourceNames
from krake.models.kubeconfig import check_kubeconfig
from krake.models.metadata import Metadata, ResourceRef
from krake.models.metrics import MetricRefs
from krake.models.reasons import Reason
from krake.models.taints import ClusterTaints

Kubeconfig = Annotated[dict[str, Any], AfterValidator(check_kubeconfig)]


class ClusterState(StrEnum):
    """Whether a cluster can take applications, as in the original Krake."""

    PENDING = "PENDING"
    CONNECTING = "CONNECTING"
    ONLINE = "ONLINE"
    NOTREADY = "NOTREADY"
    UNHEALTHY = "UNHEALTHY"
    OFFLINE = "OFFLINE"
    DELETING = "DELETING"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    FAILING_METRICS = "FAILING_METRICS"
    """It works, but a metric of it cannot be used, so that nothing is placed there."""


class Platform(StrEnum):
    """Distributions of Kubernetes that Krake treats differently."""

    KUBERNETES = "kubernetes"
    OPENSHIFT = "openshift"


class CloudConstraints(Model):
    """What the cloud that the cluster is made on has to offer."""

    labels: EmptyList | None = None
    metrics: EmptyList | None = None


class ClusterConstraints(Model):
    """Requirements on where the cluster is made."""

    cloud: CloudConstraints = Field(default_factory=CloudConstraints)


class ClusterSpec(Model):
    """How to reach the cluster. Secrets in the kubeconfig are write-only: answers carry a placeholder."""

    kubeconfig: Kubeconfig
    tosca: EmptyDict = Field(default_factory=dict)
    custom_resources: CustomResourceNames = Field(default_factory=list)
    """Definitions that the cluster is said to have: `<plural>.<group>`."""
    constraints: ClusterConstraints = Field(default_factory=ClusterConstraints)
    metrics: MetricRefs = Field(default_factory=list)
    """What it is ranked and chosen by, with what each metric weighs."""
    inherit_metrics: OnlyFalse = False
    backoff: Annotated[int, Field(ge=1, le=MAX_BACKOFF)] = 1
    """Factor by which the delay grows from one attempt to reach the cluster to the next."""
    backoff_delay: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = 1
    """Seconds before the second attempt to reach the cluster."""
    backoff_limit: Annotated[int, Field(ge=-1, le=MAX_RETRIES)] = -1
    """Number of further attempts; -1 tries for ever, five minutes apart at most."""
    auto_generated: OnlyFalse = False
    taints: ClusterTaints = Field(default_factory=list)
    cordoned: bool = False
    """Whether it takes no new applications; those that are there stay."""


class NodeCondition(Answer):
    """One condition as the node reports it."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


class NodeMetadata(Answer):
    """The node's name."""

    name: str


class NodeTaint(Answer):
    """Something that keeps Pods away from the node."""

    key: str
    value: str = ""
    effect: str


class NodeSpec(Answer):
    """Which Pods the node takes."""

    unschedulable: bool = False
    """Whether it was cordoned in Kubernetes."""
    taints: list[NodeTaint] = Field(default_factory=list)


class NodeStatus(Answer):
    """The node's conditions and what it can run."""

    conditions: list[NodeCondition] = Field(default_factory=list)
    allocatable: dict[str, str] = Field(default_factory=dict)
    architecture: str = ""
    """As Kubernetes names it: amd64, arm64; empty where it is not known."""


class ClusterNode(Answer):
    """One node of a cluster."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["ClusterNode"] = "ClusterNode"
    metadata: NodeMetadata
    spec: NodeSpec = Field(default_factory=NodeSpec)
    status: NodeStatus = Field(default_factory=NodeStatus)


class ClusterStatus(Answer):
    """What is known of the cluster, and since when."""

    state: ClusterState = ClusterState.PENDING
    reason: Reason | None = None
    message: str = ""
    kubernetes_version: str = ""
    nodes: list[ClusterNode] = Field(default_factory=list)
    observed_generation: int = 0
    observed_at: Timestamp | None = None
    """When the cluster last answered."""
    verified_at: Timestamp | None = None
    """When the cluster was last reached with the present kubeconfig for the first time."""
    confirmed_at: Timestamp | None = None
    """When the cluster last answered while the watches on its applications were current."""
    platform: Platform = Platform.KUBERNETES
    """What the cluster is, by the API groups that it serves."""
    custom_resources: list[str] | None = None
    """Definitions that the cluster really has; empty until it was asked."""
    offline_since: Timestamp | None = None
    """Since when the cluster does not answer; empty while it does."""
    evacuates_at: Timestamp | None = None
    """When its applications start to move, unless it answers before; empty while it does, or if they stay."""
    metrics_reasons: dict[str, Reason] = Field(default_factory=dict)
    """Why metrics of it cannot be used, by name."""
    scheduled: Timestamp | None = None
    """When it was last bound to another cloud."""
    scheduled_to: ResourceRef | None = None
    """The cloud that it is on, where somebody bound it to one."""
    clearing: Clearing | None = None
    """Why its applications are leaving, and how far that has come."""


class Cluster(Model):
    """A cluster with how to reach it and how it is."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["Cluster"] = "Cluster"
    metadata: Metadata
    spec: ClusterSpec
    status: ClusterStatus = Field(default_factory=ClusterStatus)
