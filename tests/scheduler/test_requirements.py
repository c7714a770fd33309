"""What manifests ask for, counted as Kubernetes counts it."""

from __future__ import annotations

from typing import Any

import pytest

from krake.errors import KrakeError
from scheduler.requirements import NOTHING, Needs, common_tolerations, needs
from scheduler.taints import Effect, Toleration

Document = dict[str, Any]
MI = 2**20


def container(cpu: str | None = None, memory: str | None = None, **more: Any) -> Document:
    requests = {name: value for name, value in (("cpu", cpu), ("memory", memory)) if value}
    return {"name": "main", "resources": {"requests": requests}, **more}


def workload(kind: str, *containers: Document, pod: Document | None = None, **spec: Any) -> Document:
    template = {"spec": {"containers": list(containers), **(pod or {})}}
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {**spec, "template": template},
    }


def total(*manifest: Document) -> dict[str, int]:
    return dict(needs(manifest).total)


HALF = container("500m", "64Mi")


@pytest.mark.parametrize(
    ("item", "pods"),
    [
        (workload("Deployment", HALF), 1),
        (workload("Deployment", HALF, replicas=3), 3),
        (workload("Deployment", HALF, replicas=0), 0),
        (workload("StatefulSet", HALF, replicas=2), 2),
        (workload("ReplicaSet", HALF, replicas=2), 2),
        (workload("Job", HALF), 1),
        (workload("Job", HALF, parallelism=4), 4),
        (workload("Job", HALF, parallelism=4, completions=2), 2),
        (workload("Job", HALF, suspend=True), 0),
        ({"kind": "CronJob", "spec": {"jobTemplate": workload("Job", HALF, parallelism=2)}}, 2),
        ({"kind": "CronJob", "spec": {"suspend": True, "jobTemplate": workload("Job", HALF)}}, 0),
        ({"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [HALF]}}, 1),
        ({"kind": "List", "items": [workload("Deployment", HALF), workload("Job", HALF)]}, 2),
        ({"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {}}, 0),
        ({"kind": "Deployment", "metadata": {"name": "x"}, "spec": "odd"}, None),
    ],
)
def test_how_many_pods_there_are(item: Document, pods: int | None) -> None:
    found = total(item)
    if pods is None:
        assert found == {"pods": 1}
    elif pods == 0:
        assert found == {}
    else:
        assert found == {"cpu": 500 * pods, "memory": 64 * MI * pods, "pods": pods}


def test_a_daemon_set_needs_its_share_on_each_node() -> None:
    found = needs([workload("DaemonSet", HALF), workload("Deployment", HALF)])
    assert dict(found.per_node) == {"cpu": 500, "memory": 64 * MI, "pods": 1}
    assert dict(found.total) == {"cpu": 500, "memory": 64 * MI, "pods": 1}


def test_an_autoscaled_workload_counts_with_its_fewest_replicas() -> None:
    scaler: Document = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"minReplicas": 2, "maxReplicas": 9, "scaleTargetRef": {"kind": "Deployment", "name": "web"}},
    }
    assert total(workload("Deployment", HALF, replicas=5), scaler)["pods"] == 2
    del scaler["spec"]["minReplicas"]
    assert total(workload("Deployment", HALF, replicas=5), scaler)["pods"] == 1
    assert total(workload("StatefulSet", HALF, replicas=5), scaler)["pods"] == 5


@pytest.mark.parametrize(
    ("pod", "cpu"),
    [
        ({}, 1000),
        ({"initContainers": [container("300m")]}, 1000),
        ({"initContainers": [container("3"), container("2")]}, 3000),
        ({"initContainers": [container("250m", restartPolicy="Always")]}, 1250),
        ({"initContainers": [container("250m", restartPolicy="Always"), container("2")]}, 2250),
        ({"initContainers": [container("2"), container("250m", restartPolicy="Always")]}, 2000),
        ({"overhead": {"cpu": "100m"}}, 1100),
        ({"resources": {"requests": {"cpu": "4"}}, "overhead": {"cpu": "100m"}}, 4100),
    ],
)
def test_a_pod_needs_what_it_starts_with_or_what_it_runs_with(pod: Document, cpu: int) -> None:
    assert total(workload("Deployment", container("500m"), container("500m"), pod=pod))["cpu"] == cpu


def test_a_limit_stands_in_for_a_request() -> None:
    limited = {"name": "a", "resources": {"limits": {"cpu": 2, "memory": "1Gi"}, "requests": {"cpu": "0"}}}
    assert total(workload("Deployment", limited)) == {"memory": 1024 * MI, "pods": 1}


def test_devices_and_the_kinds_of_pods_are_found() -> None:
    gpu = {"name": "a", "resources": {"limits": {"nvidia.com/gpu": 2}}}
    found = needs([workload("Job", gpu, parallelism=3), workload("Deployment", HALF, replicas=2)])
    assert dict(found.total)["nvidia.com/gpu"] == 6
    assert found.pods == ((("cpu", 500), ("memory", 64 * MI)), (("nvidia.com/gpu", 2),))


def _affinity(*terms: list[Document]) -> Document:
    required = {"nodeSelectorTerms": [{"matchExpressions": list(term)} for term in terms]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


def _arch(operator: str, *values: str) -> Document:
    return {"key": "kubernetes.io/arch", "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("pod", "architectures"),
    [
        ({}, ()),
        ({"nodeSelector": {"disk": "ssd"}}, ()),
        ({"nodeSelector": {"kubernetes.io/arch": "arm64"}}, (("arm64",),)),
        (_affinity([_arch("In", "arm64", "amd64")]), (("amd64", "arm64"),)),
        (_affinity([_arch("In", "arm64")], [_arch("In", "amd64")]), (("amd64", "arm64"),)),
        (_affinity([_arch("In", "arm64")], [{"key": "disk", "operator": "Exists"}]), ()),
        (_affinity([_arch("In", "arm64", "amd64"), _arch("NotIn", "arm64")]), (("amd64",),)),
        ({"nodeSelector": {"kubernetes.io/arch": "arm64"}, **_affinity([_arch("In", "amd64")])}, ((),)),
    ],
)
def test_the_architectures_of_selectors_and_affinities(pod: Document, architectures: object) -> None:
    assert needs([workload("Deployment", HALF, pod=pod)]).architectures == architectures


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (workload("Deployment", container("lots")), "Deployment/web: cpu of main: 'lots' is not a quantity"),
        (workload("Deployment", container("-1")), "Deployment/web: cpu of main: '-1' is negative"),
        (workload("Deployment", HALF, replicas="two"), "Deployment/web: spec.replicas is 'two'"),
        (workload("Job", HALF, parallelism=-1), "Job/web: spec.parallelism is '-1'"),
    ],
)
def test_what_cannot_be_counted_is_told_with_its_object(item: Document, message: str) -> None:
    with pytest.raises(KrakeError, match="Mend") as raised:
        needs([item])
    assert raised.value.what.startswith(message)


def test_nothing_is_needed_for_nothing() -> None:
    assert needs([]) == NOTHING == Needs()


def test_an_application_tolerates_what_all_its_pods_tolerate() -> None:
    edge = {"key": "edge", "operator": "Exists", "effect": "NoSchedule"}
    slow = {"key": "slow", "value": "yes"}
    both = workload("Deployment", HALF, pod={"tolerations": [edge, slow]})
    one = workload("Job", HALF, pod={"tolerations": [{**slow, "tolerationSeconds": 5}, edge]})
    assert common_tolerations([both]) == (
        Toleration("edge", "Exists", "", Effect.NO_SCHEDULE),
        Toleration("slow", "Equal", "yes"),
    )
    assert common_tolerations([both, one]) == (Toleration("edge", "Exists", "", Effect.NO_SCHEDULE),)
    assert common_tolerations([]) == ()
