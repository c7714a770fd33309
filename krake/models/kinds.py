"""The kinds of resources, with their names in paths and their models."""

from __future__ import annotations

from dataclasses import dataclass

from krake.models.application import Application
from krake.models.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of resource appears in REST paths and which model describes it."""

    api: str
    name: str
    plural: str
    model: type[Application] | type[Cluster]
    namespaced: bool = True


APPLICATION = Kind("kubernetes", "Application", "applications", Application)
CLUSTER = Kind("kubernetes", "Cluster", "clusters", Cluster)

KINDS: dict[str, Kind] = {kind.name: kind for kind in (APPLICATION, CLUSTER)}
