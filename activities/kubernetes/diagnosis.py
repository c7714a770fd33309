"""Why a workload's Pods do not become ready: image pull, scheduling, crash loops."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from activities.kubernetes.connection import ClusterConnection, Document
from activities.kubernetes.survey import Survey, key_of
from activities.kubernetes.views import View
from krake.models.application import ObjectStatus

_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
_NORMAL_WAITS = frozenset({"ContainerCreating", "PodInitializing", ""})
_MOST_PODS = 20


async def diagnose(
    connection: ClusterConnection, survey: Survey, views: dict[Any, View]
) -> list[ObjectStatus]:
    """The objects of a survey, with what their Pods report added to the messages of those not ready.

    Raises:
        ClusterError: the cluster does not answer.
    """
    explained = []
    for item in survey.objects:
        view = views.get(key_of(item))
        if item.ready or view is None or item.kind not in _WORKLOADS or not view.selector:
            explained.append(item)
            continue
        problem = await _pod_problem(connection, view)
        message = f"{item.message} ({problem})" if problem else item.message
        explained.append(item.model_copy(update={"message": message}))
    return explained


async def _pod_problem(connection: ClusterConnection, view: View) -> str:
    selector = ",".join(f"{key}={value}" for key, value in view.selector)
    answer = await connection.request(
        "GET",
        f"/api/v1/namespaces/{quote(view.key.namespace)}/pods",
        query={"labelSelector": selector, "limit": str(_MOST_PODS)},
    )
    problems = (pod_problem(pod) for pod in answer.get("items") or [])
    return next((problem for problem in problems if problem), "")


def pod_problem(pod: Document) -> str:
    """What keeps a Pod from becoming ready, in one sentence; empty when nothing is wrong with it."""
    status = pod.get("status") or {}
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return f"{condition.get('reason', 'Unschedulable')}: {condition.get('message', '')}"
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    for container in containers:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason", "") not in _NORMAL_WAITS:
            detail = waiting.get("message") or f"container {container.get('name')}"
            return f"{waiting['reason']}: {detail}"
    return ""
