"""The collections of resources that `rok` works on, with their REST paths."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of resource: its REST path and what it is called in commands and messages."""

    api: str
    kind: str
    plural: str
    command: str
    """The group of commands, as a user types it after `rok`."""
    namespaced: bool = True
    word: str = ""

    @property
    def noun(self) -> str:
        """The kind inside a sentence."""
        return self.word or self.kind.lower()

    def path(self, namespace: str | None, name: str = "", part: str = "") -> str:
        """The path of the collection (`namespace` None: of all namespaces), a resource, or a part of it.

        Global resources are in no namespace, whatever is given.
        """
        inside = f"/namespaces/{_quote(namespace)}" if namespace is not None and self.namespaced else ""
        tail = "".join(f"/{_quote(piece)}" for piece in (name, part) if piece)
        return f"/{self.api}{inside}/{self.plural}{tail}"


def _quote(text: str) -> str:
    return quote(text, safe="")


APPLICATIONS = Collection("kubernetes", "Application", "applications", "kube app")
CLUSTERS = Collection("kubernetes", "Cluster", "clusters", "kube cluster")
METRICS = Collection("core", "Metric", "metrics", "core metric")
GLOBAL_METRICS = Collection(
    "core", "GlobalMetric", "globalmetrics", "core globalmetric", False, "global metric"
)
METRICS_PROVIDERS = Collection(
    "core", "MetricsProvider", "metricsproviders", "core metricsprovider", word="metrics provider"
)
GLOBAL_METRICS_PROVIDERS = Collection(
    "core",
    "GlobalMetricsProvider",
    "globalmetricsproviders",
    "core globalmetricsprovider",
    False,
    "global metrics provider",
)
ROLES = Collection("core", "Role", "roles", "core role", False)
ROLE_BINDINGS = Collection("core", "RoleBinding", "rolebindings", "core rolebinding", False, "role binding")
INFRASTRUCTURE_PROVIDERS = Collection(
    "infrastructure",
    "InfrastructureProvider",
    "infrastructureproviders",
    "infra infrastructureprovider",
    word="infrastructure provider",
)
GLOBAL_INFRASTRUCTURE_PROVIDERS = Collection(
    "infrastructure",
    "GlobalInfrastructureProvider",
    "globalinfrastructureproviders",
    "infra globalinfrastructureprovider",
    False,
    "global infrastructure provider",
)
CLOUDS = Collection("infrastructure", "Cloud", "clouds", "infra cloud")
GLOBAL_CLOUDS = Collection(
    "infrastructure", "GlobalCloud", "globalclouds", "infra globalcloud", False, "global cloud"
)
PROJECTS = Collection("openstack", "Project", "projects", "os project")
MAGNUM_CLUSTERS = Collection(
    "openstack", "MagnumCluster", "magnumclusters", "os cluster", word="Magnum cluster"
)
