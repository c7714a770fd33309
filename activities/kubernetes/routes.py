"""OpenShift's Routes: host names under which a router serves a Service to the outside."""

from __future__ import annotations

from typing import Any

from activities.kubernetes.services import PENDING

Document = dict[str, Any]

ROUTE_GROUP = "route.openshift.io"
"""The API group by which an OpenShift cluster is recognised."""


def is_route(document: Document) -> bool:
    """Whether an object is an OpenShift Route; other groups have kinds of that name, too."""
    return document.get("kind") == "Route" and str(document.get("apiVersion", "")).startswith(
        f"{ROUTE_GROUP}/"
    )


def route_address(document: Document) -> tuple[str, str]:
    """Host and port under which a Route can be reached; the host is pending until a router admits it."""
    admitted = [ingress for ingress in _ingresses(document) if _admission(ingress).get("status") == "True"]
    host = admitted[0].get("host") if admitted else None
    secured = bool((document.get("spec") or {}).get("tls"))
    return str(host or PENDING), "443" if secured else "80"


def route_trouble(document: Document) -> str:
    """Why a Route serves nobody, in a sentence; empty when a router has admitted it."""
    verdicts = [_admission(ingress) for ingress in _ingresses(document)]
    if any(verdict.get("status") == "True" for verdict in verdicts):
        return ""
    refusal = next((verdict for verdict in verdicts if verdict.get("status") == "False"), None)
    if refusal is None:
        return "no router has admitted it yet"
    why = ": ".join(str(refusal[key]) for key in ("reason", "message") if refusal.get(key))
    return f"not admitted by its router: {why or 'no reason given'}"


def _ingresses(document: Document) -> list[Document]:
    found = (document.get("status") or {}).get("ingress")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _admission(ingress: Document) -> Document:
    conditions = ingress.get("conditions") or []
    return next((item for item in conditions if item.get("type") == "Admitted"), {})
