"""Custom resources: kinds that come to a cluster, and go, behind Krake's back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.test_kinds import definition
from tests.support.kubernetes import Kubernetes
from tests.support.user import User
from tests.support.waiting import until

Document = dict[str, Any]

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def plural(name: str) -> str:
    """The plural of a kind that no other test uses."""
    return name.replace("app-", "gears")


def gear(name: str) -> Document:
    """A custom resource of that kind."""
    kind = name.replace("app-", "Gear")
    return {"apiVersion": "example.org/v1", "kind": kind, "metadata": {"name": name}, "spec": {"teeth": 12}}


async def until_served(rok: User, cluster: str, definition: str, served: bool) -> None:
    """Wait until the cluster's status shows whether it has a definition."""

    async def shown() -> bool:
        names = (await rok.seen(cluster, "cluster"))["status"]["custom_resources"] or []
        return (definition in names) is served

    await until(f"{cluster} {'has' if served else 'lacks'} {definition}", shown, 20)


async def test_a_definition_comes_and_goes(rok: User, de: Kubernetes, name: str, plural: str) -> None:
    crd = f"{plural}.example.org"
    waiting = ("-R", crd)
    (await rok.create(name, gear(name), more=waiting)).ok()
    await rok.until_state(name, "PENDING", says=f"custom resource {crd} is missing")
    other = f"{name}-2"
    (await rok.create(other, {**gear(name), "metadata": {"name": other}}, more=("-L", "location is DE"))).ok()
    await rok.until_state(other, "FAILED", says="UNSUPPORTED_RESOURCE")

    # Only Germany has it, and nobody told Krake.
    await de.create(DEFINITIONS, definition(plural, name.replace("app-", "Gear")))
    for one in (name, other):
        # A worker that was killed in a test before has its work taken over after half a minute.
        await rok.until_state(one, "RUNNING", seconds=60)
    status = (await rok.get(name))["status"]
    assert status["running_on"]["name"] == "de"
    await until_served(rok, "de", crd, True)
    path = f"/apis/example.org/v1/namespaces/default/{plural}/{name}"
    assert (await de.get(path))["spec"] == {"teeth": 12}
    await de.merge(path, {"spec": {"teeth": 13}})

    async def repaired() -> bool:
        return bool((await de.get(path))["spec"] == {"teeth": 12})

    await until("the custom resource is as applied", repaired)
    await rok.until_state(name, "RUNNING")

    await de.delete(f"{DEFINITIONS}/{crd}")
    reason = f"does not serve the kind {gear(name)['kind']} of example.org/v1"
    await rok.until_state(other, "FAILED", says=reason)
    await until_served(rok, "de", crd, False)
    for one in (name, other):
        (await rok.delete(one, "--wait")).ok()


async def test_a_declared_definition_that_is_not_there(newcomer: User, de: Kubernetes, name: str) -> None:
    crd = f"{name.replace('app-', 'gears')}.example.org"
    (await newcomer.register(de.sandbox, "-R", crd)).ok()
    status = await newcomer.until_state("de", "ONLINE", says="INVALID_CUSTOM_RESOURCE", kind="cluster")
    assert status["reason"]["message"] == f"declared but not there: {crd}"
    assert status["platform"] == "kubernetes"
    (await newcomer.create(name, gear(name), more=("-R", crd))).ok()
    await newcomer.until_state(name, "PENDING", says=f"custom resource {crd} is declared but not there")
    update = ("kube", "app", "update", name, "--remove-existing-resource-constraints")
    (await newcomer(*update)).ok()
    await newcomer.until_state(name, "FAILED", says="INVALID_CUSTOM_RESOURCE")
    (await newcomer.delete(name, "--wait")).ok()
