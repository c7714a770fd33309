"""The application that every measurement deploys: one Deployment and its Service."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def deployment(name: str) -> Document:
    """A Deployment of one Pod."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": "registry.k8s.io/pause:3.10"}]},
            },
        },
    }


def service(name: str) -> Document:
    """A Service in front of the Deployment."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]},
    }


def application(name: str, namespace: str) -> Document:
    """The body that creates the same as an application of Krake."""
    return {
        "api": "kubernetes",
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"manifest": [deployment(name), service(name)]},
    }
