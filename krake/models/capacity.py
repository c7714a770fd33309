"""What clusters offer, and how much of it is taken."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from krake.models.base import Answer
from krake.models.metadata import ResourceRef


class DimensionCapacity(Answer):
    """One sort of resource on one cluster; amounts as Kubernetes quantities, rounded for people."""

    dimension: str
    allocatable: str | None = None
    """What its ready, schedulable nodes offer together; empty where that is not known."""
    reserved: str
    """What is reserved for all applications on it or on their way to it."""
    free: str | None = None


class ClusterCapacity(Answer):
    """One cluster's room."""

    cluster: ResourceRef
    applications: int
    """How many are on it."""
    dimensions: list[DimensionCapacity]


class CapacityList(Answer):
    """The room of clusters, by name."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["CapacityList"] = "CapacityList"
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: list[ClusterCapacity]
