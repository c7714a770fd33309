"""What tables show of infrastructure providers and of clouds. Secrets are placeholders in the documents."""

from __future__ import annotations

from typing import Any

from rok.formats import NONE, age, lines, reason
from rok.metric_views import identity

Document = dict[str, Any]
Rows = list[tuple[str, str]]

INFRASTRUCTURE_COLUMNS = ("name", "namespace", "labels", "created", "modified", "deleted", "type")
INFRASTRUCTURE_WIDE = (*INFRASTRUCTURE_COLUMNS, "url")
CLOUD_COLUMNS = ("name", "namespace", "labels", "created", "modified", "deleted", "type", "state")
CLOUD_WIDE = (*CLOUD_COLUMNS, "reason", "url", "infrastructure provider", "quotas", "observed", "metrics")

_SECRETS = ("password", "token")
_SHOWN_APART = frozenset({"url", "username", "infrastructure_provider", "metrics", "auth", *_SECRETS})


def infrastructure_provider(document: Document) -> Rows:
    """A provider: where it is, as whom Krake logs in, and what it makes clusters of."""
    part = _part(document)
    given = ", ".join(key for key in _SECRETS if part.get(key) is not None)
    return [
        *identity(document),
        ("type", document["spec"]["type"]),
        ("url", part.get("url") or NONE),
        *([("username", part.get("username") or NONE)] if "username" in part else []),
        *([("logs in with", given or NONE)] if _SECRETS[1] in part else []),
        *_others(part),
    ]


def cloud(document: Document) -> Rows:
    """A cloud: where it is, who makes clusters on it, what it offers, and what it is ranked by."""
    part, status = _part(document), document.get("status") or {}
    provider = part.get("infrastructure_provider") or {}
    everywhere = "" if provider.get("namespaced") else " (global)"
    return [
        *identity(document),
        ("type", document["spec"]["type"]),
        ("state", status.get("state") or NONE),
        ("reason", reason(status)),
        ("url", part.get("url") or NONE),
        *_sign_in(part),
        *_others(part),
        ("infrastructure provider", provider["name"] + everywhere if provider else NONE),
        ("flavors", lines([_flavor(one) for one in status.get("flavors") or []])),
        ("quotas", lines([_quota(one) for one in status.get("quotas") or []])),
        ("observed", age(status.get("observed_at"))),
        ("metrics", _metrics(part, status)),
    ]


def _part(document: Document) -> Document:
    """What the type is about; nothing where a newer Krake has a type that says it elsewhere."""
    spec = document["spec"]
    return spec.get(spec["type"]) or {}


def _others(part: Document) -> Rows:
    """What else was given, by its field."""
    return [
        (key.replace("_", " "), _value(value))
        for key, value in part.items()
        if key not in _SHOWN_APART and value not in (None, {}, [])
    ]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return lines([f"{key}: {item}" for key, item in sorted(value.items())])
    text = str(value)
    return "given" if text.startswith("-----BEGIN") else text


def _sign_in(part: Document) -> Rows:
    """As whom, or how, Krake signs in."""
    if "auth" not in part:
        return [("signs in with", "token" if part.get("token") is not None else NONE)]
    auth = part["auth"]
    way = auth["type"]
    login = auth.get(way) or {}
    if way == "password":
        user, project = login["user"], login["project"]
        return [
            ("user", _named(user, "username", "domain_name")),
            ("project", _named(project, "name", "domain_id")),
        ]
    which = login.get("id") or login.get("cloud") or ""
    return [("signs in with", f"{way.replace('_', ' ')} {which}".strip())]


def _named(part: Document, name: str, domain: str) -> str:
    """A user or project by its id, or by its name in a domain."""
    return str(part["id"]) if part.get("id") else f"{part[name]} of {part[domain]}"


def _flavor(flavor: Document) -> str:
    disk = f", {flavor['disk_gib']} GiB disk" if flavor.get("disk_gib") else ""
    return f"{flavor['name']}: {flavor['cpus']} CPUs, {flavor['memory_mib'] / 1024:g} GiB{disk}"


def _quota(quota: Document) -> str:
    limit = quota["limit"] if quota["limit"] >= 0 else "unlimited"
    return f"{quota['resource']} {quota['used']}/{limit}"


def _metrics(part: Document, status: Document) -> str:
    reasons = status.get("metrics_reasons") or {}
    return lines(
        [
            f"{ref['name']}, weight {ref['weight']:g}"
            + (f": {reasons[ref['name']]['code']}" if ref["name"] in reasons else "")
            for ref in part.get("metrics") or []
        ]
    )
