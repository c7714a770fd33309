"""A cluster on a real Magnum, from its creation by `rok` to its removal; its driver makes sandboxes."""

from __future__ import annotations

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
