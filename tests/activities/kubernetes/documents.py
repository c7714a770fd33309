"""Live objects as API servers show them, shortened to what readiness depends on."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def live(
    kind: str,
    spec: Document | None = None,
    status: Document | None = None,
    *,
    generation: int = 1,
    observed: int | None = 1,
    api_version: str = "apps/v1",
    name: str = "echo",
) -> Document:
    """A live object; `observed` is its controller's observedGeneration, None where it has not looked yet."""
    shown = dict(status or {})
    if observed is not None:
        shown["observedGeneration"] = observed
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "default", "uid": f"uid-{name}", "generation": generation},
        "spec": spec or {},
        "status": shown,
    }


def condition(kind: str, status: str = "True", reason: str = "", message: str = "") -> Document:
    """One condition of a status."""
    return {"type": kind, "status": status, "reason": reason, "message": message}


def service(kind: str | None, *, ports: list[Document] | None = None, **spec: Any) -> Document:
    """A Service of a type; None leaves the type to its default."""
    document: Document = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "echo"}}
    document["spec"] = {"ports": [{"port": 80}] if ports is None else ports, **spec}
    if kind is not None:
        document["spec"]["type"] = kind
    return document
