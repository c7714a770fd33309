"""What tables show of projects and Magnum clusters. Secrets are placeholders in the documents."""

from __future__ import annotations

from typing import Any

from rok.formats import NONE, lines, reason, reference
from rok.metric_views import identity, weights

Document = dict[str, Any]
Rows = list[tuple[str, str]]

_COLUMNS = ("name", "namespace", "labels", "created", "modified", "deleted", "state")
PROJECT_WIDE = (*_COLUMNS, "url", "template", "reason")
MAGNUM_CLUSTER_WIDE = (*_COLUMNS, "nodes", "project", "cluster", "reason")


def project(document: Document) -> Rows:
    """A project: where it is, as whom Krake signs in, and by what clusters are made there."""
    spec, status = document["spec"], document["status"]
    return [
        *identity(document),
        ("state", status["state"]),
        ("reason", reason(status)),
        ("url", spec["url"]),
        *_login(spec["auth"]),
        ("template", spec["template"]),
        *weights(document),
    ]


def _login(auth: Document) -> Rows:
    if auth["type"] == "application_credential":
        return [("application credential", auth["application_credential"]["id"])]
    login = auth["password"]
    return [("user", login["user"]["id"]), ("project", login["project"]["id"])]


def magnum_cluster(document: Document) -> Rows:
    """A Magnum cluster: how it stands, where it is made, and which cluster applications are placed on."""
    spec, status = document["spec"], document["status"]
    namespace = document["metadata"].get("namespace")
    constraints = (spec.get("constraints") or {}).get("project") or {}
    return [
        *identity(document),
        ("state", status["state"]),
        ("reason", reason(status)),
        ("message", status.get("message") or NONE),
        ("masters", str(spec.get("master_count") or 1)),
        ("nodes", _nodes(spec, status)),
        ("project", reference(status.get("project"), namespace)),
        ("template", status.get("template") or NONE),
        ("label constraints", lines(constraints.get("labels"))),
        ("cluster", reference(status.get("cluster"), namespace)),
        ("cluster_id", status.get("cluster_id") or NONE),
        ("api_address", status.get("api_address") or NONE),
        ("master_addresses", lines(status.get("master_addresses"))),
        ("node_addresses", lines(status.get("node_addresses"))),
        *weights(document),
    ]


def _nodes(spec: Document, status: Document) -> str:
    """How many there are, and how many there should be."""
    wanted, counted = spec.get("node_count"), status.get("node_count")
    wanted = 1 if wanted is None else wanted
    return f"{NONE if counted is None else counted} of {wanted}"
