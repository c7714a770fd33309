"""Which columns and attributes tables show, for each kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rok.access import BINDING_COLUMNS, BINDING_WIDE, ROLE_COLUMNS, ROLE_WIDE, role, role_binding
from rok.application_views import application
from rok.cluster_views import at_cloud_rows, nodes
from rok.common_views import backoff_rows, common_rows, ownership_rows
from rok.formats import NONE, age, lines, reason
from rok.infrastructure_views import (
    CLOUD_COLUMNS,
    CLOUD_WIDE,
    INFRASTRUCTURE_COLUMNS,
    INFRASTRUCTURE_WIDE,
    cloud,
    infrastructure_provider,
)
from rok.metric_views import (
    METRIC_COLUMNS,
    METRIC_WIDE,
    PROVIDER_COLUMNS,
    PROVIDER_WIDE,
    metric,
    provider,
    weights,
)
from rok.openstack_views import MAGNUM_CLUSTER_WIDE, PROJECT_WIDE, magnum_cluster, project
from rok.resources import (
    APPLICATIONS,
    CLOUDS,
    CLUSTERS,
    GLOBAL_CLOUDS,
    GLOBAL_INFRASTRUCTURE_PROVIDERS,
    GLOBAL_METRICS,
    GLOBAL_METRICS_PROVIDERS,
    INFRASTRUCTURE_PROVIDERS,
    MAGNUM_CLUSTERS,
    METRICS,
    METRICS_PROVIDERS,
    PROJECTS,
    ROLE_BINDINGS,
    ROLES,
    Collection,
)
from rok.tables import Column

Document = dict[str, Any]

PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")


def _conditions(document: Document, kind: str) -> list[str]:
    nodes = document["status"].get("nodes") or []
    conditions = [item for node in nodes for item in node.get("status", {}).get("conditions", [])]
    return [item["status"] for item in conditions if item["type"] == kind]


def _pressures(document: Document) -> str:
    counts = {kind: _conditions(document, kind).count("True") for kind in PRESSURES}
    return " / ".join(f"{count} {kind.removesuffix('Pressure').lower()}" for kind, count in counts.items())


def taint_words(taint: Document) -> str:
    """A taint as `rok kube cluster taint` takes it."""
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint['key']}{value}:{taint['effect']}"


def cluster(document: Document) -> list[tuple[str, str]]:
    """Everything a person wants to know of one cluster; never its credentials."""
    status = document["status"]
    return [
        *common_rows(document),
        *ownership_rows(document),
        ("reason", reason(status)),
        ("message", status.get("message") or NONE),
        *at_cloud_rows(document),
        ("cordoned", str(document["spec"].get("cordoned", False))),
        ("taints", lines([taint_words(one) for one in document["spec"].get("taints") or []])),
        ("nodes", nodes(document)),
        ("nodes under pressure", _pressures(document)),
        ("version", status.get("kubernetes_version") or NONE),
        ("platform", status.get("platform") or NONE),
        ("declared resources", lines(document["spec"].get("custom_resources"))),
        ("custom resources", lines(status.get("custom_resources"))),
        *weights(document),
        ("observed", age(status.get("observed_at"))),
        *backoff_rows(document),
    ]


_DETAILS: Mapping[Collection, Callable[[Document], list[tuple[str, str]]]] = {
    APPLICATIONS: application,
    CLUSTERS: cluster,
    METRICS: metric,
    GLOBAL_METRICS: metric,
    METRICS_PROVIDERS: provider,
    GLOBAL_METRICS_PROVIDERS: provider,
    INFRASTRUCTURE_PROVIDERS: infrastructure_provider,
    GLOBAL_INFRASTRUCTURE_PROVIDERS: infrastructure_provider,
    CLOUDS: cloud,
    GLOBAL_CLOUDS: cloud,
    PROJECTS: project,
    MAGNUM_CLUSTERS: magnum_cluster,
    ROLES: role,
    ROLE_BINDINGS: role_binding,
}
_NARROW = ("name", "namespace", "labels", "created", "modified", "deleted", "state")
_WIDE = {
    APPLICATIONS: (*_NARROW, "cluster", "services", "observed", "reason"),
    CLUSTERS: (*_NARROW, "cloud", "nodes", "version", "observed", "reason"),
    METRICS: METRIC_WIDE,
    GLOBAL_METRICS: METRIC_WIDE,
    METRICS_PROVIDERS: PROVIDER_WIDE,
    GLOBAL_METRICS_PROVIDERS: PROVIDER_WIDE,
    INFRASTRUCTURE_PROVIDERS: INFRASTRUCTURE_WIDE,
    GLOBAL_INFRASTRUCTURE_PROVIDERS: INFRASTRUCTURE_WIDE,
    CLOUDS: CLOUD_WIDE,
    GLOBAL_CLOUDS: CLOUD_WIDE,
    PROJECTS: PROJECT_WIDE,
    MAGNUM_CLUSTERS: MAGNUM_CLUSTER_WIDE,
    ROLES: ROLE_WIDE,
    ROLE_BINDINGS: BINDING_WIDE,
}
_SHORT = {
    METRICS: METRIC_COLUMNS,
    GLOBAL_METRICS: METRIC_COLUMNS,
    METRICS_PROVIDERS: PROVIDER_COLUMNS,
    GLOBAL_METRICS_PROVIDERS: PROVIDER_COLUMNS,
    INFRASTRUCTURE_PROVIDERS: INFRASTRUCTURE_COLUMNS,
    GLOBAL_INFRASTRUCTURE_PROVIDERS: INFRASTRUCTURE_COLUMNS,
    CLOUDS: CLOUD_COLUMNS,
    GLOBAL_CLOUDS: CLOUD_COLUMNS,
    ROLES: ROLE_COLUMNS,
    ROLE_BINDINGS: BINDING_COLUMNS,
}
_FIRM = frozenset({"name", "state"})
_DATES = frozenset({"created", "modified", "deleted"})


def details(collection: Collection, document: Document) -> list[tuple[str, str]]:
    """The attributes of one object, in the order in which they are shown."""
    return _DETAILS[collection](document)


def columns(collection: Collection, wide: bool) -> list[Column]:
    """The columns of a list; the short form is the same for every kind that has a state."""
    titles = _WIDE[collection] if wide else _SHORT.get(collection, _NARROW)
    return [Column(title, firm=title in _FIRM, dates=title in _DATES) for title in titles]


def row(collection: Collection, document: Document, wide: bool) -> Sequence[str]:
    """One object as a row of a list."""
    full = wide or collection in _SHORT
    attributes = dict(details(collection, document) if full else common_rows(document))
    if wide and collection is APPLICATIONS:
        attributes["cluster"] = attributes["running_on"]
    return [attributes[column.title] for column in columns(collection, wide)]
