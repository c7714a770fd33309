"""How many Pods an object wants, and how they are."""

from __future__ import annotations

from typing import Any

from activities.kubernetes.pods import pod_problem, restart
from krake.models.application import ContainerHealth

Document = dict[str, Any]


def container_health(document: Document) -> ContainerHealth:
    """The Pods that a workload object stands for; zeros for every other kind."""
    spec, status = document.get("spec") or {}, document.get("status") or {}
    kind = document.get("kind")
    if kind in ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"):
        replicas = spec.get("replicas")
        return ContainerHealth(
            desired_pods=1 if replicas is None else replicas, running_pods=status.get("readyReplicas", 0)
        )
    if kind == "DaemonSet":
        return ContainerHealth(
            desired_pods=status.get("desiredNumberScheduled", 0), running_pods=status.get("numberReady", 0)
        )
    if kind == "Job":
        return ContainerHealth(
            desired_pods=spec.get("completions") or 1,
            running_pods=status.get("active", 0),
            completed_pods=status.get("succeeded", 0),
            failed_pods=status.get("failed", 0),
        )
    if kind == "Pod":
        phase = status.get("phase")
        return ContainerHealth(
            desired_pods=1,
            running_pods=int(phase == "Running" and not pod_problem(document) and not restart(document)),
            completed_pods=int(phase == "Succeeded"),
            failed_pods=int(phase == "Failed"),
        )
    return ContainerHealth()


def total(parts: list[ContainerHealth]) -> ContainerHealth:
    """The sum over all objects of an application."""
    return ContainerHealth(
        desired_pods=sum(part.desired_pods for part in parts),
        running_pods=sum(part.running_pods for part in parts),
        completed_pods=sum(part.completed_pods for part in parts),
        failed_pods=sum(part.failed_pods for part in parts),
    )
