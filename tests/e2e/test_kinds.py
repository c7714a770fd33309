"""Applications of every sort of object: each is deployed, found ready by its own rule, and removed."""

from __future__ import annotations

from typing import Any

from tests.support.kubernetes import CONFIG_MAPS, Kubernetes
from tests.support.manifests import config_map, deployment, job, pod, service, workload
from tests.support.user import User
from tests.support.waiting import until

IN_GERMANY = ("-L", "location is DE", "--wait")


def stateful_set(name: str) -> dict[str, Any]:
    """A StatefulSet of two Pods."""
    return workload("StatefulSet", name, spec={"serviceName": name, "replicas": 2})


def definition(plural: str, kind: str) -> dict[str, Any]:
    """A CustomResourceDefinition."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.org"},
        "spec": {"group": "example.org", "scope": "Namespaced", "names": names, "versions": [version]},
    }


async def test_a_job_is_completed(rok: User, de: Kubernetes, name: str) -> None:
    created = await rok.create(name, job(name), config_map(name), more=IN_GERMANY)
    assert created.code == 0, created.err
    status = await rok.until_state(name, "COMPLETED")
    assert status["container_health"]["completed_pods"] == 1
    uid = await rok.uid(name)
    (await rok.delete(name, "--wait")).ok()
    assert await de.owned(uid) == []
    assert await de.pods(name) == []


async def test_every_workload_runs(rok: User, de: Kubernetes, name: str) -> None:
    objects = (
        deployment(f"{name}-d"),
        service(f"{name}-d"),
        stateful_set(f"{name}-s"),
        workload("DaemonSet", f"{name}-n"),
        pod(f"{name}-p"),
    )
    (await rok.create(name, *objects, more=IN_GERMANY)).ok()
    status = (await rok.get(name))["status"]
    assert status["state"] == "RUNNING"
    assert all(item["ready"] for item in status["objects"])
    assert status["container_health"]["running_pods"] == 1 + 2 + 2 + 1
    counts = [len(await de.pods(f"{name}-{letter}")) for letter in "dsnp"]
    assert counts == [1, 2, 2, 1]
    uid = await rok.uid(name)
    (await rok.delete(name, "--wait", "--timeout", "60s")).ok()
    assert await de.owned(uid) == []

    async def no_pods() -> bool:
        return not any([await de.pods(f"{name}-{letter}") for letter in "dsnp"])

    await until("all Pods are gone", no_pods)


async def test_a_definition_and_its_resource_in_one_manifest(rok: User, de: Kubernetes, name: str) -> None:
    plural, kind = name.replace("app-", "things"), name.replace("app-", "Thing")
    thing = {
        "apiVersion": "example.org/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"colour": "blue"},
    }
    # The resource comes first in the file: the order is Krake's business.
    (await rok.create(name, thing, definition(plural, kind), more=IN_GERMANY)).ok()
    path = f"/apis/example.org/v1/namespaces/default/{plural}/{name}"
    assert (await de.get(path))["spec"] == {"colour": "blue"}
    await de.delete(path)
    await de.until_there(path)
    await rok.until_state(name, "RUNNING")
    (await rok.delete(name, "--wait", "--timeout", "60s")).ok()
    assert (
        await de.find(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.example.org") is None
    )


async def test_a_namespace_and_what_is_in_it(rok: User, de: Kubernetes, name: str) -> None:
    inside = config_map(name, namespace=name)
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    (await rok.create(name, inside, namespace, more=IN_GERMANY)).ok()
    assert await de.get(f"/api/v1/namespaces/{name}/configmaps/{name}")
    (await rok.delete(name, "--wait", "--timeout", "60s")).ok()
    assert await de.find(f"/api/v1/namespaces/{name}") is None


async def test_a_cluster_wide_object(rok: User, de: Kubernetes, name: str) -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}}
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    (await rok.create(name, role | {"rules": rules}, config_map(name), more=IN_GERMANY)).ok()
    path = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}"
    assert (await de.get(path))["rules"] == rules
    (await rok.update(name, config_map(name), more=("--wait",))).ok()
    assert await de.find(path) is None
    (await rok.delete(name, "--wait")).ok()
    assert await de.find(f"{CONFIG_MAPS}/{name}") is None


async def test_the_end_of_a_definition_stops_nothing_else(rok: User, de: Kubernetes, name: str) -> None:
    plural, kind = name.replace("app-", "parts"), name.replace("app-", "Part")
    part = {"apiVersion": "example.org/v1", "kind": kind, "metadata": {"name": name}}
    objects = (definition(plural, kind), part)
    (await rok.create(name, *objects, more=IN_GERMANY)).ok()
    await de.delete(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.example.org")

    (await rok.create(f"{name}-2", config_map(f"{name}-2"), more=IN_GERMANY)).ok()
    (await rok.delete(f"{name}-2", "--wait")).ok()

    await de.until_there(f"/apis/example.org/v1/namespaces/default/{plural}/{name}")
    await rok.until_state(name, "RUNNING")
    (await rok.delete(name, "--wait", "--timeout", "60s")).ok()
