"""What the containers of a Pod report, and what that means for an application."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.health import container_health
from activities.kubernetes.pods import pod_problem, restart
from activities.kubernetes.readiness import assess
from krake.models.application import ApplicationState
from tests.activities.kubernetes.documents import live
from tests.activities.kubernetes.test_survey import applied, look

Document = dict[str, Any]

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
CRASHING = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}}


def ended(code: int) -> Document:
    """A container that has ended."""
    return {"terminated": {"exitCode": code}}


def pod(*states: Document, policy: str = "Always", phase: str = "Running") -> Document:
    """A Pod whose containers are in these states."""
    containers = [{"name": f"c{number}", "state": state} for number, state in enumerate(states)]
    document = live("Pod", {"restartPolicy": policy}, {"phase": phase}, api_version="v1", observed=None)
    document["status"]["containerStatuses"] = containers
    return document


@pytest.mark.parametrize(
    ("document", "state", "words"),
    [
        (pod(RUNNING, CRASHING), "DEGRADED", "CrashLoopBackOff: back-off 10s"),
        (pod(ended(1), CRASHING), "DEGRADED", "CrashLoopBackOff: back-off 10s"),
        (pod(RUNNING, ended(3)), "RESTARTING", "container c1 ended with exit code 3 and is started again"),
        (pod(RUNNING, ended(0)), "RESTARTING", "container c1 ended with exit code 0"),
        (pod(RUNNING, ended(0), policy="OnFailure"), "DEGRADED", "the Pod is Running"),
        (pod(RUNNING, ended(3), policy="Never"), "DEGRADED", "the Pod is Running"),
        (pod(ended(0), policy="Never", phase="Succeeded"), "COMPLETED", ""),
        (pod(ended(1), policy="Never", phase="Failed"), "DEGRADED", "the Pod failed"),
        (live("Pod", {}, {"phase": "Running", "containerStatuses": None}), "DEGRADED", "the Pod is Running"),
    ],
)
def test_the_state_of_an_application_of_one_pod(document: Document, state: str, words: str) -> None:
    """Upstream looked at the first container only, and fell over a Pod without any report."""
    found = look([applied(document)], document)
    assert found.state == ApplicationState(state)
    assert words in found.message


def test_a_pod_that_crashes_does_not_count_as_running() -> None:
    assert container_health(pod(RUNNING, RUNNING)).running_pods == 1
    assert container_health(pod(RUNNING, CRASHING)).running_pods == 0
    assert container_health(pod(RUNNING, ended(1))).running_pods == 0
    assert container_health(pod(RUNNING, ended(0), policy="OnFailure")).running_pods == 1


def test_init_containers_and_scheduling_are_looked_at_as_well() -> None:
    document = pod()
    document["status"]["initContainerStatuses"] = [{"name": "init", "state": CRASHING}]
    assert pod_problem(document).startswith("CrashLoopBackOff")
    assert restart(document) == ""


def test_all_workloads_decide_and_not_the_last_one() -> None:
    """Upstream's state was that of whichever workload it looked at last."""
    well = {"readyReplicas": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    good = live("Deployment", {"replicas": 2}, well)
    crashing = {**pod(CRASHING), "metadata": {"name": "p", "namespace": "default", "uid": "uid-p"}}
    restarting = {**pod(ended(1)), "metadata": {"name": "r", "namespace": "default", "uid": "uid-r"}}

    def state(*documents: Document) -> str:
        return look([applied(item) for item in documents], *documents).state.value

    assert state(crashing, good) == state(good, crashing) == "DEGRADED"
    assert state(restarting, good) == state(good, restarting) == "RESTARTING"
    assert state(restarting, crashing) == "DEGRADED"
    found = look([applied(item) for item in (good, crashing, restarting)], good, crashing, restarting)
    assert (found.health.desired_pods, found.health.running_pods) == (4, 2)


def test_scaled_to_zero_is_fine_and_so_is_its_service() -> None:
    spec = {"replicas": 0, "template": {"metadata": {"labels": {"app": "echo", "tier": "web"}}}}
    nothing = live("Deployment", spec, {})
    service = live("Service", {"selector": {"app": "echo"}, "ports": []}, api_version="v1", name="web")
    del service["status"]["observedGeneration"]
    found = look([applied(nothing), applied(service)], nothing, service)
    assert (found.state, found.health.desired_pods) == (ApplicationState.RUNNING, 0)

    some = live("Deployment", {**spec, "replicas": 1}, {"updatedReplicas": 1, "availableReplicas": 1})
    found = look([applied(some), applied(service)], some, service)
    assert found.message == "Service/web: no ready endpoint behind it"


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet"])
def test_replicas_that_are_null_are_one(kind: str) -> None:
    document = live(kind, {"replicas": None}, {})
    assert container_health(document).desired_pods == 1
    assert "1 replicas" in assess(document).message
