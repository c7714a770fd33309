"""The Application: Kubernetes manifests that Krake places, runs and watches."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from krake.models.base import (
    MAX_BACKOFF,
    MAX_RETRIES,
    MAX_SECONDS,
    Answer,
    Model,
    Timestamp,
)
from krake.models.constraints import LabelConstraint
from krake.models.custom_resources import CustomResourceNames
from krake.models.drift import DriftedObject, DriftMode
from krake.models.history import RolledBack
from krake.models.hooks import GraceTime, Hooks, ShutdownFailureStrategy, ShutdownRetries, ShutdownStatus
from krake.models.manifests import Manifest
from krake.models.metadata import Metadata, ResourceRef
from krake.models.metric_constraints import MetricConstraint
from krake.models.metrics import Preference
from krake.models.migration import MigrationBackoff, MigrationResult, MigrationStatus
from krake.models.observer_schema import check_observer_schemas
from krake.models.reasons import Reason
from krake.models.requests import MigrationStrategy, Request
from krake.models.spread import ClusterSpread
from krake.models.tosca import Csar, Tosca, TranslatedManifest

UNDEFINED = "The application should be defined by a Kubernetes manifest, a TOSCA template or a CSAR archive"


class ApplicationState(StrEnum):
    """Where an application is in its life, as in the original Krake."""

    PENDING = "PENDING"
    TRANSLATING = "TRANSLATING"
    """A TOSCA template or a CSAR archive is being turned into Kubernetes objects."""
    WAITING_FOR_CLUSTER_CREATION = "WAITING_FOR_CLUSTER_CREATION"
    """A cluster is being made for it."""
    CREATING = "CREATING"
    RECONCILING = "RECONCILING"
    RUNNING = "RUNNING"
    MIGRATING = "MIGRATING"
    COMPLETED = "COMPLETED"
    RESTARTING = "RESTARTING"
    DEGRADED = "DEGRADED"
    WAITING_FOR_CLEANING = "WAITING_FOR_CLEANING"
    """Asked to shut down, it has not confirmed yet."""
    READY_FOR_ACTION = "READY_FOR_ACTION"
    """Its hook was called: it can be removed."""
    DELETING = "DELETING"
    DELETED = "DELETED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    """Nobody has confirmed the last known state for too long."""


class ClusterConstraints(Model):
    """What the cluster that runs the application has to offer."""

    labels: list[LabelConstraint] | None = None
    custom_resources: CustomResourceNames = Field(default_factory=list)
    """Definitions that the cluster has to have: `<plural>.<group>`."""
    metrics: list[MetricConstraint] | None = None
    """Requirements on raw values of the cluster's metrics."""
    spread: ClusterSpread | None = None
    """Whether applications that belong together are spread over clusters."""


class ApplicationConstraints(Model):
    """Requirements on the placement."""

    cluster: ClusterConstraints = Field(default_factory=ClusterConstraints)
    migration: bool = True
    """Whether the application may move once it runs."""


class ApplicationSpec(Model):
    """What the user wants to run and where. Of manifest, TOSCA template and CSAR archive the first one given
    counts."""

    tosca: Tosca = Field(default_factory=dict)
    """A TOSCA template, or the URL of one (.yaml, .yml)."""
    csar: Csar = None
    """The URL of a Cloud Service Archive (.csar, .zip)."""
    tosca_inputs: dict[str, Any] = Field(default_factory=dict)
    """Values for the inputs of the template; they win over its defaults."""
    manifest: Annotated[Manifest, Field(validate_default=True)] = Field(default_factory=list)
    constraints: ApplicationConstraints = Field(default_factory=ApplicationConstraints)
    preferences: list[Preference] = Field(default_factory=list)
    """What it values in a cluster, beside what the clusters' own weights say."""
    backoff: Annotated[int, Field(ge=1, le=MAX_BACKOFF)] = 1
    """Factor by which the delay grows from one retry to the next."""
    backoff_delay: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = 1
    """Seconds before the first retry."""
    backoff_limit: Annotated[int, Field(ge=-1, le=MAX_RETRIES)] = -1
    """Number of retries; -1 retries for ever, five minutes apart at most."""
    readiness_timeout: Annotated[int, Field(ge=1, le=MAX_SECONDS)] | None = None
    """Seconds that the objects may take to become ready; the server's default where it is not given."""
    rollback: bool = False
    """Whether an update whose rollout fails is undone: the last good generation is deployed again."""
    observer_schema: list[dict[str, Any]] = Field(default_factory=list)
    """Which fields count as drift, for the objects named; for all others those that Krake applied."""
    drift: DriftMode = DriftMode.CORRECT
    """What becomes of differences on the cluster."""
    hooks: Hooks = Field(default_factory=list)
    """`complete`: the application may end itself; `shutdown`: it is asked before it is removed anywhere."""
    shutdown_grace_time: GraceTime | None = None
    """Seconds to confirm a shutdown; the server's default where it is not given."""
    shutdown_failure_strategy: ShutdownFailureStrategy | None = None
    """What happens without a confirmation; the server's default where it is not given."""
    shutdown_retry_count: ShutdownRetries | None = None
    """Further requests to shut down; the server's default where it is not given."""
    storage_migration: Literal["none"] = "none"
    migration_strategy: MigrationStrategy = MigrationStrategy.CREATE_FIRST
    """`create-first` moves without downtime; `delete-first` never lets two copies run."""
    failover_without_data: bool = False
    """Whether an application that keeps data in volumes is brought up elsewhere, without that data, when its
    cluster does not answer. Otherwise it waits for its cluster."""
    auto_cluster_create: bool = False
    """Whether a cluster is made for it where it fits on none, or where a new one would be better."""

    @field_validator("tosca_inputs", "manifest")
    @classmethod
    def _check_sources(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse inputs for no template, and an application that is defined by nothing.

        A template or an archive that does not fit is reported itself, and counts as given here.
        """
        given = any(info.data.get(source, "invalid") for source in ("tosca", "csar"))
        if info.field_name == "tosca_inputs" and value and not given:
            raise PydanticCustomError("tosca_inputs", "Inputs need a TOSCA template or a CSAR archive")
        if info.field_name == "manifest" and not value and not given:
            raise PydanticCustomError("undefined", UNDEFINED)
        return value

    @field_validator("observer_schema")
    @classmethod
    def _check_observer_schema(
        cls, schemas: list[dict[str, Any]], info: ValidationInfo
    ) -> list[dict[str, Any]]:
        return check_observer_schemas(schemas, info.data.get("manifest"))


class ContainerHealth(Answer):
    """How many Pods should run, and how they are."""

    desired_pods: int = 0
    running_pods: int = 0
    completed_pods: int = 0
    failed_pods: int = 0


class ObjectStatus(Answer):
    """One object of the application on its cluster."""

    api_version: str
    kind: str
    namespace: str | None = None
    name: str
    ready: bool = False
    message: str = ""
    """What is missing until it is ready."""
    uid: str = ""
    """The uid the cluster gave it; empty until it is known to be there."""
    generation: int = 0
    """The object's generation after Krake applied it."""
    fingerprint: str = ""
    """Digest of the fields that Krake owns in it."""
    obsolete: bool = False
    """Whether the manifest does not name it any more: it is removed once everything else is ready."""
    observed_fields: dict[str, Any] = Field(default_factory=dict)
    """Only with an observer schema: the observed fields as they have to be. Those of Secrets are digests."""
    unbounded_lists: list[str] = Field(default_factory=list)
    """Only with an observer schema: lists whose length did not fit right after Krake applied the object."""


class ApplicationStatus(Answer):
    """What is, as the lifecycle and the observer wrote it."""

    state: ApplicationState = ApplicationState.PENDING
    reason: Reason | None = None
    message: str = ""
    """What is being waited for at the moment, in a sentence."""
    container_health: ContainerHealth = Field(default_factory=ContainerHealth)
    scheduled: Timestamp | None = None
    scheduled_to: ResourceRef | None = None
    running_on: ResourceRef | None = None
    services: dict[str, str] = Field(default_factory=dict)
    """Addresses (`host:port`) by name of the Kubernetes Service."""
    retries: int | None = None
    """Retries left before the application is FAILED; empty where they are endless."""
    scheduled_retry: Timestamp | None = None
    shutdown: ShutdownStatus | None = None
    """The last shutdown that it was asked for."""
    shutdown_grace_period: Timestamp | None = None
    """When the waiting for its shutdown ends."""
    completed: Timestamp | None = None
    """When it called its hook `complete`."""
    objects: list[ObjectStatus] = Field(default_factory=list)
    """Every object that is, or may be, on the cluster."""
    observed_generation: int = 0
    """The generation of the spec that the state speaks of."""
    observed_at: Timestamp | None = None
    """When the cluster last confirmed this status."""
    deployed_at: Timestamp | None = None
    """When all objects were last applied and found ready."""
    last_good_generation: int = 0
    """The newest generation that became ready."""
    rolled_back: RolledBack | None = None
    """The failed update that was undone last, until a later update becomes ready."""
    reserved: dict[str, dict[str, int]] = Field(default_factory=dict)
    """What is reserved for it, by the uid of each cluster that it is on or on its way to: thousandths of a
    core, else ones."""
    request: Request | None = None
    """What was asked of the lifecycle and is not taken up yet."""
    migration: MigrationStatus | None = None
    """The move that is going on."""
    last_migration: MigrationResult | None = None
    """The move that ended last."""
    migration_backoff: MigrationBackoff | None = None
    """When the next automatic move is allowed, after some that failed."""
    auto_cluster_create_started: str | None = None
    """The cluster that is being made for it."""
    auto_cluster_failure: str | None = None
    """Why the cluster that was made for it last was given up."""
    auto_cluster_retry_at: Timestamp | None = None
    """When it is looked again whether a cluster can be made for it."""
    translated_manifest: TranslatedManifest | None = None
    """What the TOSCA template or CSAR archive was translated to."""
    drift: list[DriftedObject] = Field(default_factory=list)
    """Objects that are not as they were applied, unless the application ignores that."""


class Application(Model):
    """An application with what is desired and what is."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["Application"] = "Application"
    metadata: Metadata
    spec: ApplicationSpec
    status: ApplicationStatus = Field(default_factory=ApplicationStatus)
