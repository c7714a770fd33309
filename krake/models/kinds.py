"""The kinds of resources, with their names in paths and their models."""

from __future__ import annotations

from dataclasses import dataclass

from krake.models.application import Application
from krake.models.clouds import Cloud, GlobalCloud
from krake.models.cluster import Cluster
from krake.models.infrastructure import GlobalInfrastructureProvider, InfrastructureProvider
from krake.models.metrics import GlobalMetric, GlobalMetricsProvider, Metric, MetricsProvider
from krake.models.openstack import MagnumCluster, Project
from krake.models.roles import Role, RoleBinding

Resource = (
    Application
    | Cluster
    | Metric
    | GlobalMetric
    | MetricsProvider
    | GlobalMetricsProvider
    | Role
    | RoleBinding
    | InfrastructureProvider
    | GlobalInfrastructureProvider
    | Cloud
    | GlobalCloud
    | Project
    | MagnumCluster
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of resource appears in REST paths and which model describes it."""

    api: str
    name: str
    plural: str
    model: type[Resource]
    namespaced: bool = True
    """Whether its resources are in namespaces; global ones are stored under the empty namespace."""
    lifecycle: bool = True
    """Whether a workflow acts on its resources; the others are what they say, and removed at once."""
    noun: str = ""
    """The kind inside a sentence; its name in lower case where it is not given."""
    flat: bool = False
    """Whether its fields stand beside the metadata, without `spec` and `status` around them."""

    @property
    def collection(self) -> str:
        """The path of the resources of one namespace, or of all where there are none."""
        return f"/{self.api}/namespaces/{{namespace}}/{self.plural}" if self.namespaced else self.everything

    @property
    def everything(self) -> str:
        """The path of all resources of the kind."""
        return f"/{self.api}/{self.plural}"

    @property
    def word(self) -> str:
        """The kind inside a sentence."""
        return self.noun or self.name.lower()


APPLICATION = Kind("kubernetes", "Application", "applications", Application)
CLUSTER = Kind("kubernetes", "Cluster", "clusters", Cluster)
METRIC = Kind("core", "Metric", "metrics", Metric, lifecycle=False)
GLOBAL_METRIC = Kind(
    "core", "GlobalMetric", "globalmetrics", GlobalMetric, False, lifecycle=False, noun="global metric"
)
METRICS_PROVIDER = Kind(
    "core", "MetricsProvider", "metricsproviders", MetricsProvider, lifecycle=False, noun="metrics provider"
)
GLOBAL_METRICS_PROVIDER = Kind(
    "core",
    "GlobalMetricsProvider",
    "globalmetricsproviders",
    GlobalMetricsProvider,
    False,
    lifecycle=False,
    noun="global metrics provider",
)

ROLE = Kind("core", "Role", "roles", Role, False, lifecycle=False, flat=True)
ROLE_BINDING = Kind(
    "core", "RoleBinding", "rolebindings", RoleBinding, False, lifecycle=False, noun="role binding", flat=True
)
INFRASTRUCTURE_PROVIDER = Kind(
    "infrastructure",
    "InfrastructureProvider",
    "infrastructureproviders",
    InfrastructureProvider,
    lifecycle=False,
    noun="infrastructure provider",
)
GLOBAL_INFRASTRUCTURE_PROVIDER = Kind(
    "infrastructure",
    "GlobalInfrastructureProvider",
    "globalinfrastructureproviders",
    GlobalInfrastructureProvider,
    False,
    lifecycle=False,
    noun="global infrastructure provider",
)
CLOUD = Kind("infrastructure", "Cloud", "clouds", Cloud, lifecycle=False)
GLOBAL_CLOUD = Kind(
    "infrastructure", "GlobalCloud", "globalclouds", GlobalCloud, False, lifecycle=False, noun="global cloud"
)
PROJECT = Kind("openstack", "Project", "projects", Project, lifecycle=False)
MAGNUM_CLUSTER = Kind("openstack", "MagnumCluster", "magnumclusters", MagnumCluster, noun="Magnum cluster")

METRICS = (METRIC, GLOBAL_METRIC)
METRICS_PROVIDERS = (METRICS_PROVIDER, GLOBAL_METRICS_PROVIDER)
ACCESS = (ROLE, ROLE_BINDING)
"""Who may do what."""
INFRASTRUCTURE_PROVIDERS = (INFRASTRUCTURE_PROVIDER, GLOBAL_INFRASTRUCTURE_PROVIDER)
CLOUDS = (CLOUD, GLOBAL_CLOUD)
PLACES = (*CLOUDS, PROJECT)
"""Where clusters are made."""

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        APPLICATION,
        CLUSTER,
        *METRICS,
        *METRICS_PROVIDERS,
        *ACCESS,
        *INFRASTRUCTURE_PROVIDERS,
        *CLOUDS,
        PROJECT,
        MAGNUM_CLUSTER,
    )
}

WITHOUT_LIFECYCLE = frozenset(kind.name for kind in KINDS.values() if not kind.lifecycle)
"""The kinds whose resources no workflow acts on: there is never anything left to do for them."""
