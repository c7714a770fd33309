"""What clusters offer, and how much of it is taken."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from krake.models.base import Answer
from krake.models.metadata import ResourceRef
from krake.models.reasons import Reason


class DimensionCapacity(Answer):
    """One sort of resource on one cluster; amounts as Kubernetes quantities, rounded for people."""

    dimension: str
    allocatable: str | None = None
    """What its ready, schedulable nodes offer together; empty where that is not known."""
    reserved: str
    """What is reserved for all applications on it or on their way to it."""
    free: str | None = None


class MetricReading(Answer):
    """A metric of a cluster, as decisions see it now."""

    name: str
    """What constraints and preferences call it."""
    weight: float
    value: float | None = None
    """As its provider gave it last; empty where it never did."""
    age: float | None = None
    """Seconds since then."""
    reason: Reason | None = None
    """Why it cannot be used; empty if it can."""
    inherited: bool = False
    """Whether the cluster has it from its cloud."""


class ClusterCapacity(Answer):
    """One cluster's room and metrics."""

    cluster: ResourceRef
    applications: int
    """How many are on it."""
    dimensions: list[DimensionCapacity]
    metrics: list[MetricReading] = Field(default_factory=list)


class CapacityList(Answer):
    """The room of clusters, by name."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["CapacityList"] = "CapacityList"
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: list[ClusterCapacity]
