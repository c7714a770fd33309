"""When an object counts as ready, kind by kind, from its live document alone.

Follows `kubectl rollout status` and Helm's `--wait`. Kinds that they do not know are ready unless their
condition `Ready` says otherwise, as custom resources have it by convention.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from activities.kubernetes.pods import pod_problem, restart
from activities.kubernetes.routes import is_route, route_trouble

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an object is ready, what is missing, and whether it is finished or broken for good."""

    ready: bool
    message: str = ""
    completed: bool = False
    failed: bool = False
    restarting: bool = False
    """Nothing is missing but a container that is about to be started again."""


READY = Readiness(True)


def assess(document: Document) -> Readiness:
    """The readiness of a live object."""
    if is_route(document):
        trouble = route_trouble(document)
        return Readiness(not trouble, trouble)
    rule = _RULES.get(document.get("kind", ""), _other)
    status = document.get("status") or {}
    if status.get("observedGeneration", _generation(document)) < _generation(document):
        return Readiness(False, "its change is not yet observed by its controller")
    return rule(document.get("spec") or {}, status)


def _other(spec: Document, status: Document) -> Readiness:
    ready = _condition(status, "Ready")
    if ready.get("status") != "False":
        return READY
    why = ready.get("message") or ready.get("reason") or "its condition Ready is False"
    return Readiness(False, str(why))


def _generation(document: Document) -> int:
    return int(document.get("metadata", {}).get("generation", 0))


def _condition(status: Document, kind: str) -> Document:
    conditions = status.get("conditions")
    for condition in conditions if isinstance(conditions, list) else []:
        if isinstance(condition, dict) and condition.get("type") == kind:
            return dict(condition)
    return {}


def _wanted(spec: Document) -> int:
    """Replicas that are asked for; Kubernetes takes nothing for one."""
    replicas = spec.get("replicas")
    return 1 if replicas is None else int(replicas)


def _replicated(spec: Document, status: Document, available: str) -> Readiness:
    wanted = _wanted(spec)
    updated, there = status.get("updatedReplicas", 0), status.get(available, 0)
    if updated < wanted:
        return Readiness(False, f"{updated} of {wanted} replicas updated")
    if status.get("replicas", 0) > updated:
        return Readiness(False, f"{status['replicas'] - updated} old replicas still to go")
    if there < wanted:
        return Readiness(False, f"{there} of {wanted} replicas available")
    return READY


def _deployment(spec: Document, status: Document) -> Readiness:
    if "observedGeneration" not in status:
        return Readiness(False, "not yet observed by its controller")
    progressing = _condition(status, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return Readiness(False, str(progressing.get("message", "progress deadline exceeded")))
    return _replicated(spec, status, "availableReplicas")


def _stateful_set(spec: Document, status: Document) -> Readiness:
    if "observedGeneration" not in status:
        return Readiness(False, "not yet observed by its controller")
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        status = {**status, "updatedReplicas": status.get("readyReplicas", 0), "replicas": 0}
    return _replicated(spec, status, "readyReplicas")


def _daemon_set(spec: Document, status: Document) -> Readiness:
    if "observedGeneration" not in status:
        return Readiness(False, "not yet observed by its controller")
    wanted = status.get("desiredNumberScheduled", 0)
    updated, there = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    if (spec.get("updateStrategy") or {}).get("type") != "OnDelete" and updated < wanted:
        return Readiness(False, f"{updated} of {wanted} Pods updated")
    return READY if there >= wanted else Readiness(False, f"{there} of {wanted} Pods available")


def _replica_set(spec: Document, status: Document) -> Readiness:
    wanted, there = _wanted(spec), status.get("readyReplicas", 0)
    if "observedGeneration" not in status:
        return Readiness(False, "not yet observed by its controller")
    return READY if there >= wanted else Readiness(False, f"{there} of {wanted} replicas ready")


def _job(spec: Document, status: Document) -> Readiness:
    if _condition(status, "Complete").get("status") == "True":
        return Readiness(True, completed=True)
    failed = _condition(status, "Failed")
    if failed.get("status") == "True":
        return Readiness(False, str(failed.get("message", "the Job failed")), failed=True)
    if spec.get("suspend") or status.get("ready", 0) > 0 or status.get("succeeded", 0) > 0:
        return READY
    return Readiness(False, f"{status.get('active', 0)} Pods active, none ready")


def _pod(spec: Document, status: Document) -> Readiness:
    phase = status.get("phase", "Pending")
    if phase == "Succeeded":
        return Readiness(True, completed=True)
    if phase == "Failed":
        return Readiness(False, str(status.get("message") or "the Pod failed"), failed=True)
    ready = _condition(status, "Ready")
    if ready.get("status") == "True":
        return READY
    pod = {"spec": spec, "status": status}
    problem, again = pod_problem(pod), restart(pod)
    message = problem or again or str(ready.get("message") or f"the Pod is {phase}")
    return Readiness(False, message, restarting=bool(again) and not problem)


def _custom_resource_definition(spec: Document, status: Document) -> Readiness:
    if _condition(status, "Established").get("status") == "True":
        return READY
    return Readiness(False, "not yet established")


def _namespace(spec: Document, status: Document) -> Readiness:
    if status.get("phase") == "Terminating":
        return Readiness(False, "the Namespace is being deleted")
    return READY


_RULES: dict[str, Callable[[Document, Document], Readiness]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "ReplicaSet": _replica_set,
    "ReplicationController": _replica_set,
    "Job": _job,
    "Pod": _pod,
    "CustomResourceDefinition": _custom_resource_definition,
    "Namespace": _namespace,
}
