"""Bodies of the requests that bind a resource to where it belongs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from krake.models.base import Model
from krake.models.metadata import Name, Namespace


class ClusterRef(Model):
    """A reference to a cluster."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["Cluster"] = "Cluster"
    namespace: Namespace | None = None
    """The application's own namespace where it is not given."""
    name: Name


class ClusterBinding(Model):
    """Asks for an application to be on a cluster."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["ClusterBinding"] = "ClusterBinding"
    cluster: ClusterRef


class CloudRef(Model):
    """A reference to a cloud."""

    api: Literal["infrastructure"] = "infrastructure"
    kind: Literal["Cloud", "GlobalCloud"] = Field(default="Cloud")
    namespace: Namespace | None = None
    """The cluster's own namespace where it is not given; empty for a GlobalCloud."""
    name: Name


class CloudBinding(Model):
    """Says on which cloud a cluster is."""

    api: Literal["infrastructure", "kubernetes"] = "infrastructure"
    kind: Literal["CloudBinding"] = "CloudBinding"
    cloud: CloudRef
