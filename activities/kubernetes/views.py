"""What a worker remembers of a live object: the little that decisions need, not the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from activities.kubernetes.health import container_health
from activities.kubernetes.objects import OWNER_LABEL, ObjectKey, fingerprint, key_of
from activities.kubernetes.readiness import Readiness, assess
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


def view_of(document: dict[str, Any]) -> View:
    """Reduce a live object."""
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
        port=service_port(document) if is_service else None,
        needs_endpoints=is_service and needs_endpoints(document),
        endpoints=ready_endpoints(document) if is_slice else 0,
        service=labels.get(SERVICE_OF_SLICE, "") if is_slice else "",
    )


def _selector(document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    selector = (document.get("spec") or {}).get("selector")
    labels = selector.get("matchLabels") if isinstance(selector, dict) else None
    return tuple(sorted(labels.items())) if isinstance(labels, dict) else ()
