"""What a worker remembers of a live object: the little that decisions need, not the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from activities.kubernetes.health import container_health
from activities.kubernetes.objects import OWNER_LABEL, ObjectKey, fingerprint, key_of
from activities.kubernetes.observed_fields import ObservedFields, observe
from activities.kubernetes.readiness import Readiness, assess
from activities.kubernetes.routes import is_route, route_address
from activities.kubernetes.services import needs_endpoints, ready_endpoints, service_port
from krake.models.application import ContainerHealth

SERVICE_OF_SLICE = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class View:
    """One object as the cluster last showed it."""

    key: ObjectKey
    owner: str
    uid: str
    generation: int
    readiness: Readiness
    health: ContainerHealth
    fingerprint: str
    selector: tuple[tuple[str, str], ...]
    port: tuple[str, str] | None = None
    needs_endpoints: bool = False
    endpoints: int = 0
    service: str = ""
    pod_labels: tuple[tuple[str, str], ...] = ()
    """Labels of the Pods that a workload makes."""
    fields: ObservedFields | None = None
    """What an observer schema names; None for an object without one."""


def view_of(document: dict[str, Any], schema: dict[str, Any] | None = None) -> View:
    """Reduce a live object, to the fields of an observer schema too where there is one."""
    metadata = document.get("metadata", {})
    labels = metadata.get("labels") or {}
    key = key_of(document)
    is_service, is_slice = key.kind == "Service", key.kind == "EndpointSlice"
    return View(
        key=key,
        owner=labels.get(OWNER_LABEL, ""),
        uid=metadata.get("uid", ""),
        generation=int(metadata.get("generation", 0)),
        readiness=assess(document),
        health=container_health(document),
        fingerprint=fingerprint(document),
        selector=_selector(document),
        port=_port(document, is_service),
        needs_endpoints=is_service and needs_endpoints(document),
        endpoints=ready_endpoints(document) if is_slice else 0,
        service=labels.get(SERVICE_OF_SLICE, "") if is_slice else "",
        pod_labels=_pod_labels(document),
        fields=observe(schema, document) if schema is not None else None,
    )


def _port(document: dict[str, Any], is_service: bool) -> tuple[str, str] | None:
    if is_service:
        return service_port(document)
    return route_address(document) if is_route(document) else None


def _pod_labels(document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    template = (document.get("spec") or {}).get("template")
    metadata = template.get("metadata") if isinstance(template, dict) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return tuple(sorted(labels.items())) if isinstance(labels, dict) else ()


def _selector(document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Labels that an object selects Pods by: a workload's, or a Service's."""
    selector = (document.get("spec") or {}).get("selector")
    is_service = document.get("kind") == "Service" and isinstance(selector, dict)
    labels = selector if is_service else selector.get("matchLabels") if isinstance(selector, dict) else None
    return tuple(sorted(labels.items())) if isinstance(labels, dict) else ()
