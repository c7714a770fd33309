"""A cluster on a real Magnum, from its creation by `rok` to its removal; its driver makes sandboxes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openstack.cloud import PROJECT, TEMPLATE, USER, OpenStack
from tests.openstack.keystone import PASSWORD
from tests.support.manifests import deployment
from tests.support.user import User
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(900)
"""The services take their time to start on a machine that does much else."""


async def register(newcomer: User, openstack: OpenStack, password: str = PASSWORD) -> None:
    """Magnum as an infrastructure provider, and the project as a cloud."""
    (await newcomer("infra", "ip", "register", "magnum", "--type", "magnum", "--template", TEMPLATE)).ok()
    sign_in = ("--username", USER, "--password", password, "--project", PROJECT)
    where = ("--type", "openstack", "--infra-provider", "magnum", "--url", openstack.url)
    (await newcomer("infra", "cloud", "register", "lab", *where, *sign_in, "-l", "location=DE")).ok()


async def test_an_application_runs_on_a_cluster_that_magnum_made(
    openstack: OpenStack, newcomer: User, name: str
) -> None:
    await register(newcomer, openstack)
    create = ("kube", "cluster", "create", name, "--nodes", "1", "-L", "location is DE", "--wait")
    told = (await newcomer(*create, "--timeout", "80s")).ok()
    assert "ONLINE" in told.out + told.err
    (await newcomer.create(name, deployment(name), more=("--wait", "--timeout", "60s"))).ok()

    (await newcomer("kube", "cluster", "scale", name, "--nodes", "2", "--wait", "--timeout", "80s")).ok()
    cluster = await newcomer.get(name, "cluster")
    assert cluster["status"]["provisioning"]["applied"]["nodes"] == 2
    assert (await newcomer.get(name))["status"]["state"] == "RUNNING"
    assert [one for one in await openstack.names() if cluster["metadata"]["uid"][:8] in one]

    (await newcomer("kube", "cluster", "delete", name, "--policy", "cascade")).ok()
    await newcomer.until_gone(name, kind="cluster", seconds=120)
    assert not [one for one in await openstack.names() if cluster["metadata"]["uid"][:8] in one]


async def test_a_wrong_password_is_told_where_people_look(
    openstack: OpenStack, newcomer: User, name: str
) -> None:
    await register(newcomer, openstack, password="wrong")

    async def told() -> bool:
        return "UNREACHABLE" in (await newcomer("infra", "cloud", "get", "lab")).ok().out

    await until("the cloud shows it", told)
    shown = (await newcomer("infra", "cloud", "get", "lab")).ok().out
    assert "INVALID_CREDENTIALS" in shown
    (await newcomer("kube", "cluster", "create", name, "--nodes", "1")).ok()
    await newcomer.until_state(name, "PENDING", says="NO_SUITABLE_RESOURCE", kind="cluster")
    explained = (await newcomer("kube", "cluster", "explain", name)).ok().out
    assert "lab" in explained
    (await newcomer("kube", "cluster", "delete", name)).ok()
    await newcomer.until_gone(name, kind="cluster")


async def make_project(newcomer: User, openstack: OpenStack) -> None:
    """The project of the legacy group, signed in to by ids."""
    sign_in = ("--user-id", openstack.user, "--password", PASSWORD, "--project-id", openstack.project)
    where = ("--auth-url", openstack.url, "--template", TEMPLATE, "-l", "location=DE")
    (await newcomer("os", "project", "create", "edge", *where, *sign_in)).ok()


async def seen(newcomer: User, plural: str, name: str) -> dict[str, Any] | None:
    """A resource of the legacy group as the API shows it; None where it is not there."""
    async with newcomer.krake.http() as http:
        answer = await http.get(f"/openstack/namespaces/{newcomer.namespace}/{plural}/{name}")
    document: dict[str, Any] = answer.json()
    return None if answer.status_code == 404 else document


async def until_unknown(newcomer: User, plural: str, name: str) -> None:
    """Wait until a resource of the legacy group is not there any more."""

    async def unknown() -> bool:
        return await seen(newcomer, plural, name) is None

    await until(f"{name} of the {plural} is gone", unknown)


async def magnum_cluster(newcomer: User, name: str) -> dict[str, Any]:
    """The Magnum cluster as `rok` gives it to programs."""
    document: dict[str, Any] = (await newcomer("os", "cluster", "get", name, "-o", "json")).ok().json
    return document


async def test_a_magnum_cluster_is_carried_out_by_a_cluster_that_magnum_made(
    openstack: OpenStack, newcomer: User, name: str
) -> None:
    await make_project(newcomer, openstack)
    sizes = ("--master-count", "1", "--node-count", "1", "-L", "location is DE")
    told = (await newcomer("os", "cluster", "create", name, *sizes, "--wait", "--timeout", "80s")).ok()
    assert "RUNNING" in told.out + told.err
    made = await magnum_cluster(newcomer, name)
    status, cluster = made["status"], f"{name}-{made['metadata']['uid'][:7]}"
    assert (status["project"]["name"], status["template"]) == ("edge", TEMPLATE)
    assert (status["cluster"]["name"], status["node_count"], status["reason"]) == (cluster, 1, None)
    assert status["api_address"].startswith("https://127.0.0.1:")
    (there,) = await openstack.described(cluster)
    assert (there["uuid"], there["api_address"]) == (status["cluster_id"], status["api_address"])

    await newcomer.until_state(cluster, "ONLINE", kind="cluster", seconds=60)
    on_it = ("-L", "location is DE", "--wait", "--timeout", "60s")
    (await newcomer.create(name, deployment(name), more=on_it)).ok()
    assert (await newcomer.get(name))["status"]["scheduled_to"]["name"] == cluster

    (await newcomer("os", "cluster", "update", name, "--node-count", "2", "--wait", "--timeout", "80s")).ok()
    assert (await magnum_cluster(newcomer, name))["status"]["node_count"] == 2
    assert [one["node_count"] for one in await openstack.described(cluster)] == [2]
    assert (await newcomer.get(name))["status"]["state"] == "RUNNING"

    refused = await newcomer("os", "project", "delete", "edge")
    assert refused.code == 4
    assert "still used by" in refused.err
    assert f"{newcomer.namespace}/{name}" in refused.err
    (await newcomer("os", "project", "delete", "edge", "--policy", "cascade")).ok()
    for kind, gone in (("cluster", cluster), ("app", name)):
        await newcomer.until_gone(gone, kind=kind, seconds=120)
    assert await openstack.described(cluster) == []
    await until_unknown(newcomer, "magnumclusters", name)
    await until_unknown(newcomer, "projects", "edge")


async def test_a_magnum_cluster_that_is_deleted_while_it_is_made_leaves_nothing(
    openstack: OpenStack, newcomer: User, name: str
) -> None:
    await make_project(newcomer, openstack)
    (await newcomer("os", "cluster", "create", name)).ok()

    async def begun() -> bool:
        document = await seen(newcomer, "magnumclusters", name)
        return document is not None and bool(document["status"]["cluster_id"])

    await until("Magnum was asked", begun, seconds=60)
    cluster = (await magnum_cluster(newcomer, name))["status"]["cluster"]["name"]
    (await newcomer("os", "cluster", "delete", name, "--wait", "--timeout", "80s")).ok()
    assert await openstack.described(cluster) == []
    (await newcomer("os", "project", "delete", "edge")).ok()
