"""Why a workload's Pods do not become ready: image pull, scheduling, crash loops."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from activities.kubernetes.connection import ClusterConnection
from activities.kubernetes.pods import pod_problem, restart
from activities.kubernetes.survey import Survey, key_of
from activities.kubernetes.views import View
from krake.models.application import ObjectStatus

_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
_MOST_PODS = 20


async def diagnose(
    connection: ClusterConnection, survey: Survey, views: dict[Any, View]
) -> list[ObjectStatus]:
    """The objects of a survey, with what their Pods report added to the messages of those not ready.

    Those that only wait for a container to be started again are noted in the survey.

    Raises:
        ClusterError: the cluster does not answer.
    """
    explained = []
    for item in survey.objects:
        view = views.get(key_of(item))
        if item.ready or view is None or item.kind not in _WORKLOADS or not view.selector:
            explained.append(item)
            continue
        problem, restarts = await _pod_problem(connection, view)
        if restarts:
            survey.restarting.add(f"{item.kind}/{item.name}")
        message = f"{item.message} ({problem})" if problem else item.message
        explained.append(item.model_copy(update={"message": message}))
    return explained


async def _pod_problem(connection: ClusterConnection, view: View) -> tuple[str, bool]:
    """What is wrong with a workload's Pods, and whether it is nothing but a restart."""
    selector = ",".join(f"{key}={value}" for key, value in view.selector)
    answer = await connection.request(
        "GET",
        f"/api/v1/namespaces/{quote(view.key.namespace)}/pods",
        query={"labelSelector": selector, "limit": str(_MOST_PODS)},
    )
    pods = answer.get("items") or []
    problem = next((problem for problem in map(pod_problem, pods) if problem), "")
    again = next((text for text in map(restart, pods) if text), "")
    return (problem, False) if problem else (again, bool(again))
