"""The Application: Kubernetes manifests that Krake places, runs and watches."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from krake.models.base import (
    MAX_BACKOFF,
    MAX_RETRIES,
    MAX_SECONDS,
    Answer,
    EmptyList,
    Model,
    Never,
    OnlyFalse,
    Timestamp,
)
from krake.models.constraints import LabelConstraint
from krake.models.metadata import Metadata, ResourceRef, manifest_name
from krake.models.migration import MigrationBackoff, MigrationResult, MigrationStatus
from krake.models.reasons import Reason
from krake.models.requests import MigrationStrategy, Request

_REQUIRED = (("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"))


def _trouble(item: Any, path: tuple[str, ...]) -> str:
    """What is wrong with the field, or nothing."""
    for key in path:
        if not isinstance(item, dict) or not item.get(key):
            return "not found"
        item = item[key]
    return "" if isinstance(item, str) or path == ("metadata",) else "is not text"


def check_manifest(manifest: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the manifest unchanged, or raise naming every object that lacks its identity."""
    wrong = [
        f"Field '{'.'.join(path)}' {trouble} in resource at index {index} "
        f"(metadata.name: {manifest_name(item)})"
        for index, item in enumerate(manifest)
        for path in _REQUIRED
        if (trouble := _trouble(item, path))
    ]
    if wrong:
        raise PydanticCustomError("manifest", "{wrong}", {"wrong": "; ".join(wrong)})
    if not manifest:
        raise PydanticCustomError(
            "manifest", "The application should be defined by at least one manifest object"
        )
    return manifest


Manifest = Annotated[list[dict[str, Any]], AfterValidator(check_manifest)]


class ApplicationState(StrEnum):
    """Where an application is in its life, as in the original Krake."""

    PENDING = "PENDING"
    CREATING = "CREATING"
    RECONCILING = "RECONCILING"
    RUNNING = "RUNNING"
    MIGRATING = "MIGRATING"
    COMPLETED = "COMPLETED"
    RESTARTING = "RESTARTING"
    DEGRADED = "DEGRADED"
    DELETING = "DELETING"
    DELETED = "DELETED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    """Nobody has confirmed the last known state for too long."""


class ClusterConstraints(Model):
    """What the cluster that runs the application has to offer."""

    labels: list[LabelConstraint] | None = None
    custom_resources: EmptyList = Field(default_factory=list)
    metrics: EmptyList | None = None


class ApplicationConstraints(Model):
    """Requirements on the placement."""

    cluster: ClusterConstraints = Field(default_factory=ClusterConstraints)
    migration: bool = True
    """Whether the application may move once it runs."""


class ApplicationSpec(Model):
    """What the user wants to run and where."""

    manifest: Manifest
    constraints: ApplicationConstraints = Field(default_factory=ApplicationConstraints)
    backoff: Annotated[int, Field(ge=1, le=MAX_BACKOFF)] = 1
    """Factor by which the delay grows from one retry to the next."""
    backoff_delay: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = 1
    """Seconds before the first retry."""
    backoff_limit: Annotated[int, Field(ge=-1, le=MAX_RETRIES)] = -1
    """Number of retries; -1 retries for ever, five minutes apart at most."""
    readiness_timeout: Annotated[int, Field(ge=1, le=MAX_SECONDS)] | None = None
    """Seconds that the objects may take to become ready; the server's default where it is not given."""
    tosca: Never = Field(default_factory=dict)
    csar: Never | None = None
    observer_schema: EmptyList = Field(default_factory=list)
    hooks: EmptyList = Field(default_factory=list)
    shutdown_grace_time: Never | None = None
    shutdown_failure_strategy: Never | None = None
    shutdown_retry_count: Never | None = None
    storage_migration: Literal["none"] = "none"
    migration_strategy: MigrationStrategy = MigrationStrategy.CREATE_FIRST
    """`create-first` moves without downtime; `delete-first` never lets two copies run."""
    failover_without_data: bool = False
    """Whether an application that keeps data in volumes is brought up elsewhere, without that data, when its
    cluster does not answer. Otherwise it waits for its cluster."""
    auto_cluster_create: OnlyFalse = False


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
    objects: list[ObjectStatus] = Field(default_factory=list)
    """Every object that is, or may be, on the cluster."""
    observed_generation: int = 0
    """The generation of the spec that the state speaks of."""
    observed_at: Timestamp | None = None
    """When the cluster last confirmed this status."""
    deployed_at: Timestamp | None = None
    """When all objects were last applied and found ready."""
    request: Request | None = None
    """What was asked of the lifecycle and is not taken up yet."""
    migration: MigrationStatus | None = None
    """The move that is going on."""
    last_migration: MigrationResult | None = None
    """The move that ended last."""
    migration_backoff: MigrationBackoff | None = None
    """When the next automatic move is allowed, after some that failed."""


class Application(Model):
    """An application with what is desired and what is."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["Application"] = "Application"
    metadata: Metadata
    spec: ApplicationSpec
    status: ApplicationStatus = Field(default_factory=ApplicationStatus)
