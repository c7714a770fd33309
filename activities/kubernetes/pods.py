"""What the containers of one Pod report: all of them, init containers too."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

_NORMAL_WAITS = frozenset({"ContainerCreating", "PodInitializing", ""})


def pod_problem(pod: Document) -> str:
    """What keeps a Pod from becoming ready, in one sentence; empty when nothing is wrong with it."""
    status = pod.get("status") or {}
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return f"{condition.get('reason', 'Unschedulable')}: {condition.get('message', '')}"
    for container in [*(status.get("initContainerStatuses") or []), *_containers(status)]:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason", "") not in _NORMAL_WAITS:
            detail = waiting.get("message") or f"container {container.get('name')}"
            return f"{waiting['reason']}: {detail}"
    return ""


def restart(pod: Document) -> str:
    """Which container has ended and is about to be started again, in a sentence; empty when none is."""
    if (pod.get("spec") or {}).get("restartPolicy", "Always") == "Never":
        return ""
    for container in _containers(pod.get("status") or {}):
        ended = (container.get("state") or {}).get("terminated")
        if ended is not None and not _is_done(pod, ended):
            name, code = container.get("name"), ended.get("exitCode")
            return f"container {name} ended with exit code {code} and is started again"
    return ""


def _is_done(pod: Document, ended: Document) -> bool:
    """Whether a container that ended well is left alone."""
    return (pod.get("spec") or {}).get("restartPolicy") == "OnFailure" and ended.get("exitCode") == 0


def _containers(status: Document) -> list[Document]:
    return list(status.get("containerStatuses") or [])
