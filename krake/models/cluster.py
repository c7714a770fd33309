"""The Cluster: a Kubernetes cluster that applications can be placed on."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from krake.models.base import (
    MAX_BACKOFF,
    MAX_RETRIES,
    MAX_SECONDS,
    Answer,
    Model,
    Timestamp,
)
from krake.models.clearing import Clearing
from krake.models.constraints import LabelConstraint
from krake.models.custom_resources import CustomResourceNames
from krake.models.infrastructure import ClusterInfrastructure
from krake.models.kubeconfig import check_kubeconfig
from krake.models.metadata import Metadata, ResourceRef
from krake.models.metric_constraints import MetricConstraint
from krake.models.metrics import MetricRefs
from krake.models.provisioning import Provisioning
from krake.models.reasons import Reason
from krake.models.taints import ClusterTaints


def _check_kubeconfig(kubeconfig: dict[str, Any]) -> dict[str, Any]:
    return check_kubeconfig(kubeconfig) if kubeconfig else kubeconfig


def _check_template(template: dict[str, Any]) -> dict[str, Any]:
    topology = template.get("topology_template")
    outputs = topology.get("outputs") if isinstance(topology, dict) else None
    if template and not (isinstance(outputs, dict) and "kubeconfig" in outputs):
        raise PydanticCustomError(
            "tosca", "Invalid TOSCA template: topology_template.outputs.kubeconfig is needed"
        )
    return template


Kubeconfig = Annotated[dict[str, Any], AfterValidator(_check_kubeconfig)]
ClusterTemplate = Annotated[dict[str, Any], AfterValidator(_check_template)]


class ClusterState(StrEnum):
    """Whether a cluster can take applications, as in the original Krake."""

    PENDING = "PENDING"
    CREATING = "CREATING"
    """It is being made at a cloud."""
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

    labels: list[LabelConstraint] | None = None
    metrics: list[MetricConstraint] | None = None


class ClusterConstraints(Model):
    """Requirements on where the cluster is made."""

    cloud: CloudConstraints = Field(default_factory=CloudConstraints)


class ClusterSpec(Model):
    """How to reach the cluster, or how it is to be made: with a kubeconfig, a TOSCA template, or plainly.

    Secrets in the kubeconfig are write-only: answers carry a placeholder. Of a cluster that Krake makes it
    stays empty.
    """

    kubeconfig: Kubeconfig = Field(default_factory=dict)
    tosca: ClusterTemplate = Field(default_factory=dict)
    """A TOSCA template by which an Infrastructure Manager makes the cluster."""
    infrastructure: ClusterInfrastructure | None = None
    """The machines of a cluster that Krake makes without a template."""
    custom_resources: CustomResourceNames = Field(default_factory=list)
    """Definitions that the cluster is said to have: `<plural>.<group>`."""
    constraints: ClusterConstraints = Field(default_factory=ClusterConstraints)
    metrics: MetricRefs = Field(default_factory=list)
    """What it is ranked and chosen by, with what each metric weighs."""
    inherit_metrics: bool = False
    """Whether it is also ranked by the metrics of the cloud that it is on."""
    backoff: Annotated[int, Field(ge=1, le=MAX_BACKOFF)] = 1
    """Factor by which the delay grows from one attempt to reach the cluster to the next."""
    backoff_delay: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = 1
    """Seconds before the second attempt to reach the cluster."""
    backoff_limit: Annotated[int, Field(ge=-1, le=MAX_RETRIES)] = -1
    """Number of further attempts; -1 tries for ever, five minutes apart at most."""
    auto_generated: bool = False
    """Whether it was made for applications that fitted nowhere; it is removed when it stays empty."""
    taints: ClusterTaints = Field(default_factory=list)
    cordoned: bool = False
    """Whether it takes no new applications; those that are there stay."""

    @model_validator(mode="after")
    def _check_origin(self) -> ClusterSpec:
        origins = [bool(self.kubeconfig), bool(self.tosca), self.infrastructure is not None]
        if sum(origins) != 1:
            raise PydanticCustomError(
                "cluster_origin",
                "The cluster should be defined by exactly one of kubeconfig, tosca and infrastructure",
            )
        return self


class ClusterMetadata(Metadata):
    """Metadata of a cluster, which may have labels from its cloud."""

    inherit_labels: bool = False
    """Whether it also has the labels of the cloud that it is on; those win over its own."""


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
    """The cloud that it is on, or is to be made on."""
    running_on: ResourceRef | None = None
    """The cloud that was asked to make it: something of it may be there."""
    cluster_id: str = ""
    """Its id at the cloud."""
    provisioning: Provisioning | None = None
    """How it stands at the cloud; empty for clusters that were registered."""
    credentials_expire: Timestamp | None = None
    """When the credentials of the kubeconfig end; empty where they say nothing of it."""
    rotation_requested: Timestamp | None = None
    """When new credentials were asked for; empty when they are there, or could not be had."""
    rotation_failure: Reason | None = None
    """Why new credentials could not be had the last time they were asked for; empty once they are there."""
    kubeconfig_at: Timestamp | None = None
    """When Krake last fetched a kubeconfig of it from the cloud."""
    idle_since: Timestamp | None = None
    """Since when no application needs it: a cluster that Krake made by itself is removed after a while."""
    clearing: Clearing | None = None
    """Why its applications are leaving, and how far that has come."""


class Cluster(Model):
    """A cluster with how to reach it and how it is."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["Cluster"] = "Cluster"
    metadata: ClusterMetadata
    spec: ClusterSpec
    status: ClusterStatus = Field(default_factory=ClusterStatus)
