"""Manifest objects for tests."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

IMAGE = "registry.test/app:1"
STATE = "sandbox.krake/state"
"""The annotation that tells a sandbox how a Pod gets stuck."""
IMAGE_PULL = "image-pull-backoff"
CRASH_LOOP = "crash-loop-backoff"


def pod_template(name: str, *, state: str = "", image: str = IMAGE, **container: Any) -> Document:
    """A Pod template with one container; with `state` its Pods get stuck."""
    metadata: Document = {"labels": {"app": name}}
    if state:
        metadata["annotations"] = {STATE: state}
    return {"metadata": metadata, "spec": {"containers": [{"name": "main", "image": image, **container}]}}


def workload(kind: str, name: str, *, state: str = "", spec: Document | None = None, **more: Any) -> Document:
    """A Deployment, StatefulSet or DaemonSet."""
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": pod_template(name, state=state, **more),
            **(spec or {}),
        },
    }


def deployment(name: str, *, replicas: int = 1, state: str = "", **more: Any) -> Document:
    """A Deployment; `more` goes into its container."""
    return workload("Deployment", name, state=state, spec={"replicas": replicas}, **more)


def job(name: str) -> Document:
    """A Job, which a sandbox completes."""
    template = pod_template(name)
    template["spec"]["restartPolicy"] = "Never"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": template},
    }


def pod(name: str) -> Document:
    """A Pod of its own."""
    template = pod_template(name)
    template["metadata"]["name"] = name
    return {"apiVersion": "v1", "kind": "Pod", **template}


def service(name: str) -> Document:
    """A Service in front of a workload of the same name, reachable from outside."""
    spec = {"type": "NodePort", "selector": {"app": name}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def config_map(name: str, *, finalizer: str = "", namespace: str = "", **data: str) -> Document:
    """A ConfigMap; with a finalizer it stays when it is deleted, until somebody takes that away."""
    metadata: Document = {"name": name}
    if finalizer:
        metadata["finalizers"] = [finalizer]
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"key": "value"}}
