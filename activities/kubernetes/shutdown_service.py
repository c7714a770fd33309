"""Which Service of an application takes the request to shut down, and at which URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from activities.kubernetes.errors import ClusterError
from activities.kubernetes.services import PENDING, address, service_port
from krake.models.reasons import ReasonCode
from krake.settings import Settings

Document = dict[str, Any]

CHOICE = "krake/shutdown-service"
"""Annotation `"true"`: this Service takes the request, whatever its name."""
PORT = "krake/shutdown-port"
"""Annotation: name or number of the Service's port; the first one where it is not given."""
PATH = "krake/shutdown-path"
SCHEME = "krake/shutdown-scheme"


@dataclass(frozen=True, slots=True)
class ShutdownDefaults:
    """Where an application is asked to shut down when its Service says nothing else."""

    service: str = "shutdown"
    scheme: str = "http"
    path: str = "/shutdown"

    @classmethod
    def of(cls, settings: Settings) -> ShutdownDefaults:
        """What the settings say."""
        return cls(settings.shutdown_hook_service, settings.shutdown_hook_scheme, settings.shutdown_hook_path)


def shutdown_url(services: list[Document], server: str, defaults: ShutdownDefaults) -> httpx.URL:
    """The URL of the request to shut down.

    Args:
        services: the application's Services on the cluster.
        server: URL of the cluster's API server, whose host serves NodePorts.
        defaults: what holds for a Service without annotations.

    Raises:
        ClusterError: there is no such Service, or no address of it; says what to do.
    """
    service = _chosen(services, defaults.service)
    name, notes = service["metadata"]["name"], service["metadata"].get("annotations") or {}
    scheme, path = notes.get(SCHEME, defaults.scheme), notes.get(PATH, defaults.path)
    if scheme not in ("http", "https") or not path.startswith("/"):
        raise _unusable(f"Service/{name}: {SCHEME} has to be http or https, and {PATH} to begin with /")
    port = service_port(_with_port(service, notes.get(PORT, "")))
    if port is None:
        raise _unusable(f"Service/{name} is not reachable from outside of its cluster: make it a NodePort")
    if PENDING in port:
        message = f"Service/{name} has no address yet"
        raise ClusterError(ReasonCode.SHUTDOWN_FAILED, message, temporary=True)
    try:
        return httpx.URL(f"{scheme}://{address(port, server)}").copy_with(path=path)
    except httpx.InvalidURL as error:
        raise _unusable(f"Service/{name} has no usable address or path") from error


def _chosen(services: list[Document], default: str) -> Document:
    marked = [item for item in services if (item["metadata"].get("annotations") or {}).get(CHOICE) == "true"]
    named = [item for item in services if item["metadata"]["name"] == default]
    for service in [*marked, *named]:
        return service
    raise _unusable(
        f"it has no Service named {default}, nor one with the annotation {CHOICE}, to ask it through"
    )


def _with_port(service: Document, wanted: str) -> Document:
    """The Service with the wanted port alone."""
    if not wanted:
        return service
    spec = service.get("spec") or {}
    ports = [item for item in spec.get("ports") or [] if wanted in (item.get("name"), str(item.get("port")))]
    if not ports:
        raise _unusable(f"Service/{service['metadata']['name']} has no port {wanted}")
    return {**service, "spec": {**spec, "ports": ports}}


def _unusable(message: str) -> ClusterError:
    return ClusterError(ReasonCode.SHUTDOWN_FAILED, message, temporary=False)
