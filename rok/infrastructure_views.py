"""What tables show of infrastructure providers and of clouds. Secrets are placeholders in the documents."""

from __future__ import annotations

from typing import Any

from rok.formats import NONE, lines
from rok.metric_views import identity

Document = dict[str, Any]
Rows = list[tuple[str, str]]

INFRASTRUCTURE_COLUMNS = ("name", "namespace", "labels", "created", "modified", "deleted", "type")
INFRASTRUCTURE_WIDE = (*INFRASTRUCTURE_COLUMNS, "url")
CLOUD_COLUMNS = ("name", "namespace", "labels", "created", "modified", "deleted", "type", "state")
CLOUD_WIDE = (*CLOUD_COLUMNS, "url", "infrastructure provider", "metrics")


def infrastructure_provider(document: Document) -> Rows:
    """A provider: where it is, and as whom Krake logs in."""
    spec = document["spec"]
    part: Document = spec[spec["type"]]
    given = ", ".join(key for key in ("password", "token") if part.get(key) is not None)
    return [
        *identity(document),
        ("type", spec["type"]),
        ("url", part["url"]),
        ("username", part.get("username") or NONE),
        ("logs in with", given or NONE),
    ]


def cloud(document: Document) -> Rows:
    """A cloud: where it is, who makes clusters on it, and what it is ranked by."""
    spec, status = document["spec"], document.get("status") or {}
    part: Document = spec[spec["type"]]
    login = part["auth"]["password"]
    user, project = login["user"], login["project"]
    provider = part["infrastructure_provider"]
    return [
        *identity(document),
        ("type", spec["type"]),
        ("state", status.get("state") or NONE),
        ("url", part["url"]),
        ("user", f"{user['username']} of {user['domain_name']}"),
        ("project", f"{project['name']} of {project['domain_id']}"),
        ("infrastructure provider", provider["name"] + ("" if provider["namespaced"] else " (global)")),
        ("metrics", _metrics(part, status)),
    ]


def _metrics(part: Document, status: Document) -> str:
    reasons = status.get("metrics_reasons") or {}
    return lines(
        [
            f"{ref['name']}, weight {ref['weight']:g}"
            + (f": {reasons[ref['name']]['code']}" if ref["name"] in reasons else "")
            for ref in part.get("metrics") or []
        ]
    )
