"""The walk-through of the README, on real servers, with a look at the clusters after each step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from krake.embedded.sandbox import Sandbox
from tests.support.kubernetes import DEPLOYMENTS, SERVICES, Kubernetes
from tests.support.manifests import config_map, deployment
from tests.support.user import User

ECHO = Path(__file__).parents[2] / "examples" / "echo-demo.yaml"


async def test_the_walk_through(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, it: Kubernetes
) -> None:
    rok = newcomer
    assert (await rok("kube", "cluster", "list", "-o", "json")).ok().json["items"] == []
    for sandbox in sandboxes.values():
        assert "is ONLINE" in (await rok.register(sandbox)).ok().err
    listed = (await rok("kube", "cluster", "list")).ok().out
    assert listed.count("ONLINE") == 2

    words = ("-f", str(ECHO), "echo-demo", "-L", "location is IT", "--wait", "running", "--timeout", "60s")
    assert "is RUNNING" in (await rok("kube", "app", "create", *words)).ok().err
    assert (await it.get(f"{DEPLOYMENTS}/echo-demo"))["status"]["availableReplicas"] == 1
    assert await de.find(f"{DEPLOYMENTS}/echo-demo") is None

    shown = (await rok("kube", "app", "get", "echo-demo")).ok().out
    port = (await it.get(f"{SERVICES}/echo-demo"))["spec"]["ports"][0]["nodePort"]
    assert re.search(r"state +\| RUNNING", shown)
    assert f"127.0.0.1:{port}" in shown
    assert re.search(r"running_on +\|.*it\b", shown)

    assert (await rok.delete("echo-demo", "--wait", "deleted", "--timeout", "60s")).ok()
    assert await it.find(f"{DEPLOYMENTS}/echo-demo") is None
    assert await it.find(f"{SERVICES}/echo-demo") is None
    for name in sandboxes:
        (await rok("kube", "cluster", "delete", name, "--wait", "--timeout", "30s")).ok()
    assert (await rok("kube", "cluster", "list", "-o", "json")).ok().json["items"] == []


@pytest.mark.parametrize("constraint, wanted", [("location is DE", "de"), ("location notin (DE)", "it")])
async def test_a_label_constraint_decides_where_it_runs(
    rok: User, de: Kubernetes, it: Kubernetes, name: str, constraint: str, wanted: str
) -> None:
    (await rok.create(name, config_map(name), more=("-L", constraint, "--wait"))).ok()
    uid = await rok.uid(name)
    found = {cluster.name: await cluster.owned(uid) for cluster in (de, it)}
    assert found == {"de": [], "it": []} | {wanted: [f"configmaps/{name}"]}
    (await rok.delete(name, "--wait")).ok()
    assert await de.owned(uid) == await it.owned(uid) == []


async def test_without_a_fitting_cluster_it_waits_and_says_why(
    newcomer: User, sandboxes: dict[str, Sandbox], it: Kubernetes, name: str
) -> None:
    rok = newcomer
    (await rok.register(sandboxes["de"])).ok()
    (await rok.create(name, deployment(name), more=("-L", "location is IT"))).ok()
    status = await rok.until_state(name, "PENDING", says="NO_SUITABLE_RESOURCE")
    assert status["reason"]["message"] == "no cluster fits: de (label location is DE, wanted IT)"
    await rok.until_idle(name)

    (await rok.register(sandboxes["it"])).ok()
    await rok.until_state(name, "RUNNING")
    await it.until_replicas(name, 1)
    (await rok.delete(name, "--wait")).ok()


async def test_a_cluster_leaves_when_its_applications_have(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, name: str
) -> None:
    rok = newcomer
    (await rok.register(sandboxes["de"])).ok()
    (await rok.create(name, config_map(name), more=("--wait",))).ok()
    uid = await rok.uid(name)
    (await rok("kube", "cluster", "delete", "de")).ok()
    await rok.until_gone("de", "cluster")
    assert await de.owned(uid) == []
    await rok.until_state(name, "PENDING", says="NO_SUITABLE_RESOURCE")
    await rok.until_idle("de")
    (await rok.delete(name, "--wait", "--timeout", "30s")).ok()
