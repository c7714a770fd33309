"""When live objects count as ready."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.readiness import Readiness, assess
from tests.activities.kubernetes.documents import condition, live

Document = dict[str, Any]


def counts(replicas: int, updated: int, ready: int, available: int) -> Document:
    """The replica counts of a status; Kubernetes leaves zeros out."""
    named = {
        "replicas": replicas,
        "updatedReplicas": updated,
        "readyReplicas": ready,
        "availableReplicas": available,
    }
    return {name: number for name, number in named.items() if number}


ON_DELETE: Document = {"updateStrategy": {"type": "OnDelete"}}

READY = [
    pytest.param(live("Deployment", {"replicas": 2}, counts(2, 2, 2, 2)), id="deployment"),
    pytest.param(live("Deployment", {"replicas": 0}), id="deployment scaled to zero"),
    pytest.param(live("Deployment", {}, counts(1, 1, 1, 1)), id="deployment of one by default"),
    pytest.param(live("StatefulSet", {"replicas": 3}, counts(3, 3, 3, 3)), id="stateful set"),
    pytest.param(live("StatefulSet", {"replicas": 0}), id="stateful set scaled to zero"),
    pytest.param(
        live("StatefulSet", {"replicas": 2, **ON_DELETE}, counts(2, 0, 2, 2)),
        id="stateful set whose old Pods stay until somebody deletes them",
    ),
    pytest.param(
        live(
            "DaemonSet",
            {},
            {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2},
        ),
        id="daemon set",
    ),
    pytest.param(live("DaemonSet", {}, {"desiredNumberScheduled": 0}), id="daemon set without a node"),
    pytest.param(
        live("DaemonSet", ON_DELETE, {"desiredNumberScheduled": 2, "numberAvailable": 2}),
        id="daemon set whose old Pods stay until somebody deletes them",
    ),
    pytest.param(live("ReplicaSet", {"replicas": 1}, counts(1, 0, 1, 1)), id="replica set"),
    pytest.param(
        live("ReplicationController", {"replicas": 0}, api_version="v1"), id="replication controller at zero"
    ),
    pytest.param(live("Job", {}, {"active": 1, "ready": 1}, observed=None), id="job at work"),
    pytest.param(live("Job", {"suspend": True}, observed=None), id="suspended job"),
    pytest.param(
        live("Pod", {}, {"phase": "Running", "conditions": [condition("Ready")]}, observed=None), id="pod"
    ),
    pytest.param(live("Namespace", {}, {"phase": "Active"}, observed=None), id="namespace"),
    pytest.param(
        live("CustomResourceDefinition", {}, {"conditions": [condition("Established")]}, observed=None),
        id="custom resource definition",
    ),
    pytest.param(live("ConfigMap", observed=None), id="config map"),
    pytest.param(live("Widget", {"size": 3}, {"phase": "Broken"}, observed=None), id="custom resource"),
]

WAITING = [
    pytest.param(
        live("Deployment", {"replicas": 3}, counts(3, 1, 3, 3)),
        "1 of 3 replicas updated",
        id="rollout begins",
    ),
    pytest.param(
        live("Deployment", {"replicas": 3}, counts(4, 3, 3, 3)),
        "1 old replicas still to go",
        id="rollout with an old Pod left",
    ),
    pytest.param(
        live("Deployment", {"replicas": 3}, counts(3, 3, 2, 2)),
        "2 of 3 replicas available",
        id="rollout with a Pod not ready",
    ),
    pytest.param(live("Deployment", observed=None), "not yet observed", id="deployment just created"),
    pytest.param(
        live("Deployment", {"replicas": 1}, counts(1, 1, 1, 1), generation=2),
        "its change is not yet observed",
        id="deployment just changed",
    ),
    pytest.param(
        live(
            "Deployment",
            {"replicas": 1},
            {
                **counts(1, 1, 0, 0),
                "conditions": [
                    condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing")
                ],
            },
        ),
        "has timed out progressing",
        id="deployment past its deadline",
    ),
    pytest.param(live("StatefulSet", observed=None), "not yet observed", id="stateful set just created"),
    pytest.param(
        live("StatefulSet", {"replicas": 2}, counts(2, 1, 2, 2)),
        "1 of 2 replicas updated",
        id="set rolls out",
    ),
    pytest.param(
        live("StatefulSet", {"replicas": 2, **ON_DELETE}, counts(2, 0, 1, 1)),
        "1 of 2 replicas",
        id="on-delete set with a Pod not ready",
    ),
    pytest.param(live("DaemonSet", observed=None), "not yet observed", id="daemon set just created"),
    pytest.param(
        live(
            "DaemonSet", {}, {"desiredNumberScheduled": 3, "updatedNumberScheduled": 1, "numberAvailable": 3}
        ),
        "1 of 3 Pods updated",
        id="daemon set rolls out",
    ),
    pytest.param(
        live("DaemonSet", ON_DELETE, {"desiredNumberScheduled": 3, "numberAvailable": 2}),
        "2 of 3 Pods available",
        id="on-delete daemon set with a Pod not ready",
    ),
    pytest.param(live("ReplicaSet", {"replicas": 2}, counts(2, 0, 1, 1)), "1 of 2", id="replica set"),
    pytest.param(live("Job", {}, {"active": 2}, observed=None), "2 Pods active, none ready", id="job starts"),
    pytest.param(live("Pod", {}, {"phase": "Pending"}, observed=None), "the Pod is Pending", id="pod waits"),
    pytest.param(
        live(
            "Pod",
            {},
            {
                "phase": "Running",
                "conditions": [condition("Ready", "False", message="containers with unready status: [main]")],
            },
            observed=None,
        ),
        "unready status: [main]",
        id="pod whose container is not ready",
    ),
    pytest.param(
        live("Namespace", {}, {"phase": "Terminating"}, observed=None), "being deleted", id="namespace leaves"
    ),
    pytest.param(
        live("CustomResourceDefinition", observed=None), "not yet established", id="definition just created"
    ),
]


@pytest.mark.parametrize("document", READY)
def test_ready(document: Document) -> None:
    assert assess(document) == Readiness(True)


@pytest.mark.parametrize(("document", "message"), WAITING)
def test_not_ready_says_why(document: Document, message: str) -> None:
    found = assess(document)
    assert (found.ready, found.completed, found.failed) == (False, False, False)
    assert message in found.message


@pytest.mark.parametrize(
    "document",
    [
        live("Job", {}, {"succeeded": 1, "conditions": [condition("Complete")]}, observed=None),
        live("Pod", {}, {"phase": "Succeeded"}, observed=None),
    ],
    ids=["job", "pod"],
)
def test_what_is_finished_is_ready_and_completed(document: Document) -> None:
    assert assess(document) == Readiness(True, completed=True)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            live(
                "Job",
                {},
                {"failed": 7, "conditions": [condition("Failed", message="backoff limit reached")]},
                observed=None,
            ),
            "backoff limit reached",
        ),
        (live("Pod", {}, {"phase": "Failed", "message": "evicted"}, observed=None), "evicted"),
        (live("Pod", {}, {"phase": "Failed"}, observed=None), "the Pod failed"),
    ],
    ids=["job", "evicted pod", "pod"],
)
def test_what_failed_for_good_says_so(document: Document, message: str) -> None:
    assert assess(document) == Readiness(False, message, failed=True)
