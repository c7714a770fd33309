"""How many Pods an application wants, and how they are."""

from __future__ import annotations

import pytest

from activities.kubernetes.health import Document, container_health, total
from krake.models.application import ContainerHealth
from tests.activities.kubernetes.documents import live

CASES = [
    (live("Deployment", {"replicas": 3}, {"readyReplicas": 2}), (3, 2, 0, 0)),
    (live("Deployment"), (1, 0, 0, 0)),
    (live("StatefulSet", {"replicas": 0}), (0, 0, 0, 0)),
    (live("DaemonSet", {}, {"desiredNumberScheduled": 4, "numberReady": 3}), (4, 3, 0, 0)),
    (live("Job", {"completions": 5}, {"active": 1, "succeeded": 2, "failed": 1}), (5, 1, 2, 1)),
    (live("Job"), (1, 0, 0, 0)),
    (live("Pod", {}, {"phase": "Running"}), (1, 1, 0, 0)),
    (live("Pod", {}, {"phase": "Succeeded"}), (1, 0, 1, 0)),
    (live("Pod", {}, {"phase": "Failed"}), (1, 0, 0, 1)),
    (live("Pod"), (1, 0, 0, 0)),
    (live("Service"), (0, 0, 0, 0)),
]


def numbers(health: ContainerHealth) -> tuple[int, int, int, int]:
    """Desired, running, completed and failed Pods."""
    return health.desired_pods, health.running_pods, health.completed_pods, health.failed_pods


@pytest.mark.parametrize(("document", "expected"), CASES)
def test_pods_of_one_object(document: Document, expected: tuple[int, int, int, int]) -> None:
    assert numbers(container_health(document)) == expected


def test_an_application_has_the_sum_of_its_objects() -> None:
    parts = [container_health(document) for document, _ in CASES]
    assert numbers(total(parts)) == (18, 7, 3, 2)
    assert numbers(total([])) == (0, 0, 0, 0)
