"""Requests' bodies for tests."""

from __future__ import annotations

from typing import Any

TOKEN = "s3cr3t-t0ken-of-the-cluster"
PASSWORD = "s3cr3t-passw0rd"
SECRETS = (TOKEN, PASSWORD)

APPLICATIONS = "/kubernetes/namespaces/testing/applications"
CLUSTERS = "/kubernetes/namespaces/testing/clusters"


def config_map(name: str = "settings", **data: str) -> dict[str, Any]:
    """The smallest manifest object there is."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def application(name: str = "echo", **spec: Any) -> dict[str, Any]:
    """An application as `rok` sends it."""
    return {"metadata": {"name": name}, "spec": {"manifest": [config_map()], **spec}}


def kubeconfig(token: str = TOKEN, server: str = "https://10.0.0.1:6443") -> dict[str, Any]:
    """A kubeconfig with secrets inside."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "de",
        "contexts": [{"name": "de", "context": {"cluster": "de", "user": "admin"}}],
        "users": [{"name": "admin", "user": {"username": "admin", "password": PASSWORD, "token": token}}],
        "clusters": [{"name": "de", "cluster": {"server": server}}],
    }


def cluster(name: str = "de", config: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """A cluster as `rok` registers it."""
    return {
        "metadata": {"name": name, "labels": {"location": "DE"}},
        "spec": {"kubeconfig": config or kubeconfig(), **spec},
    }
