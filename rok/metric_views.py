"""What tables show of metrics and of their providers."""

from __future__ import annotations

from typing import Any

from rok.formats import NONE, date, lines, pairs

Document = dict[str, Any]
Rows = list[tuple[str, str]]


def identity(document: Document) -> Rows:
    """What every resource has."""
    metadata = document["metadata"]
    return [
        ("name", metadata["name"]),
        ("namespace", metadata.get("namespace") or NONE),
        ("labels", pairs(metadata.get("labels"))),
        ("created", date(metadata.get("created"))),
        ("modified", date(metadata.get("modified"))),
        ("deleted", date(metadata.get("deleted"))),
    ]


def metric(document: Document) -> Rows:
    """A metric: its range, and where its values come from."""
    spec = document["spec"]
    age = spec.get("max_age")
    return [
        *identity(document),
        ("provider", spec["provider"]["name"]),
        ("metric", spec["provider"]["metric"]),
        ("min", f"{spec['min']:g}"),
        ("max", f"{spec['max']:g}"),
        ("allowed values", lines([f"{value:g}" for value in spec.get("allowed_values") or []])),
        ("max age", f"{age:g} s" if age else NONE),
    ]


def provider(document: Document) -> Rows:
    """A provider: how it is reached. Secrets are placeholders in the document already."""
    spec = document["spec"]
    part: Document = spec[spec["type"]]
    return [
        *identity(document),
        ("type", spec["type"]),
        ("url", part.get("url") or NONE),
        *(
            (key, pairs(value) if isinstance(value, dict) else str(value))
            for key, value in part.items()
            if key != "url" and value is not None
        ),
    ]


METRIC_COLUMNS = ("name", "namespace", "labels", "created", "modified", "deleted", "provider", "metric")
METRIC_WIDE = (*METRIC_COLUMNS, "min", "max", "allowed values", "max age")
PROVIDER_COLUMNS = ("name", "namespace", "labels", "created", "modified", "deleted", "type")
PROVIDER_WIDE = (*PROVIDER_COLUMNS, "url")


def weights(cluster: Document) -> Rows:
    """The metrics of a cluster, where it has any, each with its weight and why it fails."""
    reasons = cluster["status"].get("metrics_reasons") or {}
    found = [_weight(ref, reasons) for ref in cluster["spec"].get("metrics") or []]
    return [("metrics", lines(found))] if found else []


def _weight(ref: Document, reasons: Document) -> str:
    alias = ref.get("alias")
    reason = reasons.get(alias or ref["name"])
    shown = f"{alias} (metric {ref['name']})" if alias else ref["name"]
    inherited = " (inherited)" if ref.get("inherited") else ""
    return f"{shown}, weight {ref['weight']:g}{inherited}" + (f": {reason['code']}" if reason else "")


def wishes(spec: Document) -> Rows:
    """What an application wants of metrics, where it wants anything."""
    cluster = (spec.get("constraints") or {}).get("cluster") or {}
    constraints, spread = cluster.get("metrics"), cluster.get("spread")
    preferences = [
        f"{item['direction']} {item['metric']}, weight {item['weight']:g}"
        for item in spec.get("preferences") or []
    ]
    spreading = [f"over {spread['over']} among {spread['among']}"] if spread else []
    shown = (("metric constraints", constraints), ("preferences", preferences), ("spread", spreading))
    return [(title, lines(items)) for title, items in shown if items]
