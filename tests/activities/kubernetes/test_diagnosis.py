"""Why Pods do not become ready, from what they report."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.pods import pod_problem
from tests.activities.kubernetes.documents import condition

Document = dict[str, Any]


def waiting(reason: str, message: str = "", name: str = "main") -> Document:
    """A container that does not run."""
    return {"name": name, "state": {"waiting": {"reason": reason, "message": message}}}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            {"conditions": [condition("PodScheduled", "False", "Unschedulable", "0/2 nodes are available")]},
            "Unschedulable: 0/2 nodes are available",
        ),
        (
            {"containerStatuses": [waiting("ImagePullBackOff", 'Back-off pulling image "nginx:typo"')]},
            'ImagePullBackOff: Back-off pulling image "nginx:typo"',
        ),
        ({"containerStatuses": [waiting("CrashLoopBackOff")]}, "CrashLoopBackOff: container main"),
        (
            {
                "initContainerStatuses": [waiting("ErrImagePull", "not found", "prepare")],
                "containerStatuses": [waiting("PodInitializing")],
            },
            "ErrImagePull: not found",
        ),
        ({"containerStatuses": [waiting("ContainerCreating")]}, ""),
        ({"containerStatuses": [waiting("PodInitializing")]}, ""),
        ({"containerStatuses": [{"name": "main", "state": {"running": {}}}]}, ""),
        ({"conditions": [condition("PodScheduled")]}, ""),
        ({}, ""),
    ],
)
def test_what_is_wrong_with_a_pod(status: Document, expected: str) -> None:
    assert pod_problem({"status": status}) == expected


def test_a_pod_without_a_status() -> None:
    assert pod_problem({}) == ""
