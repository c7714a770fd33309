"""Where a Kubernetes Service can be reached from outside the cluster."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

Document = dict[str, Any]

PENDING = "<pending>"


def service_port(document: Document) -> tuple[str, str] | None:
    """What the address of a Service is made of: (`LoadBalancer` or `NodePort` host, port); None without one.

    The host is empty for a NodePort: it is that of the cluster's API server.
    """
    spec = document.get("spec") or {}
    ports = spec.get("ports") or [{}]
    if spec.get("type") == "LoadBalancer":
        ingress = ((document.get("status") or {}).get("loadBalancer") or {}).get("ingress") or [{}]
        host = ingress[0].get("ip") or ingress[0].get("hostname") or PENDING
        return host, str(ports[0].get("port", PENDING))
    node_port = ports[0].get("nodePort")
    return ("", str(node_port)) if node_port else None


def address(port: tuple[str, str], server: str) -> str:
    """`host:port` of a Service on the cluster whose API server has the given URL."""
    host, number = port
    host = host or urlsplit(server).hostname or ""
    return f"[{host}]:{number}" if ":" in host else f"{host}:{number}"


def needs_endpoints(document: Document) -> bool:
    """Whether a Service selects Pods and so is useless until one of them is ready."""
    spec = document.get("spec") or {}
    return bool(spec.get("selector")) and spec.get("type") != "ExternalName"


def ready_endpoints(document: Document) -> int:
    """How many endpoints of an EndpointSlice are ready; Kubernetes counts an unset condition as ready."""
    return sum(
        1
        for endpoint in document.get("endpoints") or []
        if (endpoint.get("conditions") or {}).get("ready") is not False
    )
