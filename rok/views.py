"""Which columns and attributes tables show, for each kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rok.access import BINDING_COLUMNS, BINDING_WIDE, ROLE_COLUMNS, ROLE_WIDE, role, role_binding
from rok.cluster_views import at_cloud_rows, nodes
from rok.formats import NONE, age, date, lines, pairs, reason, reference
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
    identity,
    metric,
    provider,
    weights,
    wishes,
)
from rok.moves_view import moves, object_lines
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
from rok.sources import definition
from rok.tables import Column

Document = dict[str, Any]
Attribute = tuple[str, Callable[[Document], str]]
"""The title of an attribute and the function that reads it from a document."""

PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")


def _common(document: Document) -> list[tuple[str, str]]:
    return [*identity(document), ("state", document["status"]["state"])]


def _ownership(document: Document) -> list[tuple[str, str]]:
    """Only where there is something to show: few resources have more than their binding."""
    metadata, bound = document["metadata"], document["status"].get("scheduled_to")
    owners = [f"{owner['kind']} {owner['name']}" for owner in metadata.get("owners", []) if owner != bound]
    shown = (("owners", owners), ("finalizers", metadata.get("finalizers") or []))
    return [(title, lines(items)) for title, items in shown if items]


def _backoff(document: Document) -> list[tuple[str, str]]:
    spec = document["spec"]
    return [(key, str(spec.get(key, NONE))) for key in ("backoff", "backoff_delay", "backoff_limit")]


def _health(status: Document) -> str:
    health = status.get("container_health") or {}
    words = {"running": "active", "failed": "failed", "completed": "succeeded", "desired": "desired"}
    return " / ".join(f"{health.get(f'{key}_pods', 0)} {word}" for key, word in words.items())


def _rolled_back(status: Document) -> str:
    """The failed update that was undone last, and why it failed."""
    back = status.get("rolled_back")
    return f"from generation {back['from']} to {back['to']}: {back['reason']}" if back else NONE


def _as_of(status: Document) -> str:
    """How old the numbers are, where nobody vouches for them any more."""
    return f" ({age(status.get('observed_at'))})" if status.get("state") == "UNKNOWN" else ""


def _explained(document: Document) -> list[tuple[str, str]]:
    """What to do about an application that fits nowhere; its reason is one sentence only."""
    if (document["status"].get("reason") or {}).get("code") != "NO_SUITABLE_RESOURCE":
        return []
    metadata = document["metadata"]
    return [("what to do", f"rok kube app explain {metadata['name']} -n {metadata['namespace']}")]


def _drift(spec: Document, status: Document) -> str:
    """What has drifted, one object a line, or what is done about it where nothing has."""
    mode = str(spec.get("drift") or "correct")
    found = [
        f"{item['kind']}/{item['name']} {item['change']}"
        + (f": {', '.join(item['fields'])}" if item.get("fields") else "")
        + (f", by {', '.join(item['managers'])}" if item.get("managers") else "")
        + f", since {age(item.get('since'))}"
        for item in status.get("drift") or []
    ]
    return "\n".join([*found, f"({mode})"]) if found else f"{NONE} ({mode})"


def _hooks(spec: Document) -> str:
    """One line for each hook, with what was chosen for it."""
    chosen = {
        "grace": spec.get("shutdown_grace_time"),
        "strategy": spec.get("shutdown_failure_strategy"),
        "retries": spec.get("shutdown_retry_count"),
    }
    words = ", ".join(f"{key} {value}" for key, value in chosen.items() if value is not None)
    found = spec.get("hooks") or []
    return lines([f"{hook} ({words})" if hook == "shutdown" and words else str(hook) for hook in found])


def application(document: Document) -> list[tuple[str, str]]:
    """Everything a person wants to know of one application."""
    namespace = document["metadata"].get("namespace")
    spec, status = document["spec"], document["status"]
    constraints = spec.get("constraints") or {}
    labels = (constraints.get("cluster") or {}).get("labels")
    return [
        *_common(document),
        *_ownership(document),
        ("reason", reason(status)),
        *_explained(document),
        ("rolled back", _rolled_back(status)),
        ("message", status.get("message") or NONE),
        ("container_health", _health(status) + _as_of(status)),
        ("services", pairs(status.get("services"))),
        ("defined by", definition(spec, status)),
        ("migration", str(constraints.get("migration", True))),
        ("label constraints", lines(labels)),
        ("custom resources", lines((constraints.get("cluster") or {}).get("custom_resources"))),
        *wishes(spec),
        ("hooks", _hooks(spec)),
        ("scheduled_to", reference(status.get("scheduled_to"), namespace)),
        ("scheduled", date(status.get("scheduled"))),
        ("running_on", reference(status.get("running_on"), namespace)),
        ("objects", object_lines(status.get("objects") or [])),
        *moves(status, namespace),
        ("drift", _drift(spec, status)),
        ("observed", age(status.get("observed_at"))),
        *_backoff(document),
    ]


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
        *_common(document),
        *_ownership(document),
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
        *_backoff(document),
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
    attributes = dict(details(collection, document) if full else _common(document))
    if wide and collection is APPLICATIONS:
        attributes["cluster"] = attributes["running_on"]
    return [attributes[column.title] for column in columns(collection, wide)]
