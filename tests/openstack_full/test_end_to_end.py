"""A cluster of servers, from its creation by `rok` to its removal: what Nova does not boot is booted here."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psutil
import pytest

from activities.kubernetes.connections import KUBECONFIG
from activities.openstack.k3s.nodes import reach
from krake.provisioning.provider import tag_of
from tests.openstack_full.booting.addresses import HELP, may_add_addresses
from tests.openstack_full.booting.room import MachineRoom, machine_room
from tests.openstack_full.configuration import PASSWORD, REGION
from tests.openstack_full.conftest import EXTERNAL, FLAVOR, IMAGE, Tenant
from tests.openstack_full.workbench import counted
from tests.support.manifests import deployment
from tests.support.stack import Krake
from tests.support.user import User
from tests.support.waiting import until

SECONDS = 400.0
WAIT = ("--wait", "--timeout", "380s")
CLUSTER, APP = "edge", "web"


@pytest.fixture
def rok(krake: Krake, tmp_path: Path) -> User:
    """A user in an empty namespace, who waits for servers to boot."""
    return User(krake, f"new-{uuid4().hex[:8]}", tmp_path, SECONDS)


async def test_an_application_lives_on_servers_that_boot_from_their_user_data(
    tenant: Tenant, rok: User, tmp_path: Path
) -> None:
    if not may_add_addresses():
        pytest.fail(f"This test has to run {HELP}", pytrace=False)
    await register(rok, tenant)
    async with machine_room(tenant, tmp_path / "machines") as room:
        create = ("kube", "cluster", "create", CLUSTER, "--nodes", "1", "-L", "location is DE")
        assert "ONLINE" in (await rok(*create, *WAIT)).ok().out
        (await rok.create(APP, deployment(APP, replicas=2), more=WAIT)).ok()
        (first,) = await workers(room)
        assert await pods(room) == {first: 2}, "its Pods stay off the control plane"

        await scale(rok, 2)
        (await rok.update(APP, deployment(APP, replicas=4), more=WAIT)).ok()
        second = next(node for node in await workers(room) if node != first)
        assert await pods(room) == {first: 2, second: 2}
        await a_server_that_vanishes_is_made_again(room, rok, tenant, second)
        await pods_leave_the_node_that_goes(room, rok, first, second)
        await old_credentials_age(room, rok)
        await nothing_stays(room, rok, tenant)


async def a_server_that_vanishes_is_made_again(
    room: MachineRoom, rok: User, tenant: Tenant, lost: str
) -> None:
    """Its node is not ready when its lease has ended; healing makes another one, and forgets it."""
    server = room.named(lost).server.id
    await asyncio.to_thread(tenant.connection.compute.delete_server, server)

    async def silent() -> bool:
        return (await workers(room))[lost] is False

    async def told() -> bool:
        status = (await rok.seen(CLUSTER, "cluster"))["status"]
        return "1 of 2 nodes are left" in str(status["provisioning"].get("trouble"))

    async def healed() -> bool:
        ready = await workers(room)
        return len(ready) == 2 and lost not in ready and all(ready.values())

    async def moved() -> bool:
        running = await pods(room)
        return lost not in running and sum(running.values()) == 4

    await until("its node is not ready", silent, SECONDS)
    await until("Krake tells that it is gone", told, SECONDS)
    (await rok("kube", "cluster", "update", CLUSTER, "--heal", *WAIT)).ok()
    await until("another node is ready", healed, SECONDS)
    await until("all Pods run again", moved, SECONDS)


async def pods_leave_the_node_that_goes(room: MachineRoom, rok: User, first: str, lost: str) -> None:
    """The younger worker is drained by evictions, then its server and its node are removed."""
    younger = next(node for node in await workers(room) if node != first)
    leaving = (await pods(room))[younger]
    assert leaving > 0
    await scale(rok, 1)
    assert await workers(room) == {first: True}
    await until("all Pods are on the other node", lambda: _are(room, {first: 4}))
    await rok.until_state(APP, "RUNNING")
    asked = [(event["verb"], event["objectRef"]) for event in audited(room)]
    evicted = {what["name"] for verb, what in asked if what.get("subresource") == "eviction"}
    assert len(evicted) == leaving
    removed = [what["name"] for verb, what in asked if (verb, what["resource"]) == ("delete", "nodes")]
    assert removed == [lost, younger]
    assert younger not in {machine.boot.node for machine in room.machines.values()}


async def old_credentials_age(room: MachineRoom, rok: User) -> None:
    """New credentials are issued; the old ones are good until they end, for Kubernetes revokes none."""
    before = await rok.get(CLUSTER, "cluster")
    old = await kubeconfig(rok)
    (await rok("kube", "cluster", "rotate-credentials", CLUSTER, *WAIT)).ok()
    new = await kubeconfig(rok)
    assert old["clusters"] == new["clusters"] and old["users"] != new["users"]
    for one in (old, new):
        nodes = await reach(one)
        assert set((await nodes.ready()).values()) == {True}
        await nodes.close()
    after = await rok.get(CLUSTER, "cluster")
    ends = [datetime.fromisoformat(one["status"]["credentials_expire"]) for one in (before, after)]
    assert ends[0] < ends[1]
    assert (await rok.get(APP))["status"]["state"] == "RUNNING"


async def nothing_stays(room: MachineRoom, rok: User, tenant: Tenant) -> None:
    """With the cluster its application goes, and everything at the cloud."""
    tag = tag_of((await rok.get(CLUSTER, "cluster"))["metadata"]["uid"])
    everything = {"control-plane": 1, "worker": 1, "networks": 1, "subnets": 1, "routers": 1}
    everything |= {"ports": 1, "floating": 1, "groups": 1}
    assert await asyncio.to_thread(counted, tenant.connection, tag) == everything
    address = room.cluster().plane.address
    assert address in own_addresses()

    (await rok("kube", "cluster", "delete", CLUSTER, "--policy", "cascade")).ok()
    await rok.until_gone(CLUSTER, kind="cluster", seconds=SECONDS)
    await rok.until_gone(APP)
    assert await asyncio.to_thread(counted, tenant.connection, tag) == {}
    assert await asyncio.to_thread(unnamed, tenant) == []

    async def off() -> bool:
        return not room.machines

    await until("all machines are off", off)
    assert address not in own_addresses()


def unnamed(tenant: Tenant) -> list[str]:
    """What there is in the project by whatever name, but for the security group that each one has."""
    connection, neutron = tenant.connection, tenant.connection.network
    own = {"project_id": str(connection.current_project_id)}
    found = [connection.compute.servers(), neutron.networks(**own), neutron.subnets(**own)]
    found += [neutron.routers(**own), neutron.ports(**own), neutron.ips(**own)]
    groups = [group for group in neutron.security_groups(**own) if group.name != "default"]
    return [repr(thing) for things in (*found, groups) for thing in things]


async def register(rok: User, tenant: Tenant) -> None:
    """Nova as an infrastructure provider, and the tenant's project as a cloud."""
    provider = ("infra", "ip", "register", "servers", "--type", "nova")
    made_of = ("--image", IMAGE, "--flavor", FLAVOR, "--external-network", EXTERNAL)
    (await rok(*provider, *made_of)).ok()
    cloud = ("infra", "cloud", "register", "lab", "--type", "openstack", "--infra-provider", "servers")
    sign_in = ("--url", tenant.url, "--username", tenant.name, "--password", PASSWORD, "--region", REGION)
    (await rok(*cloud, *sign_in, "--project", tenant.name, "-l", "location=DE")).ok()


async def scale(rok: User, nodes: int) -> None:
    """Have as many workers, and wait for them."""
    (await rok("kube", "cluster", "scale", CLUSTER, "--nodes", str(nodes), *WAIT)).ok()
    cluster = await rok.get(CLUSTER, "cluster")
    assert cluster["status"]["provisioning"]["applied"]["nodes"] == nodes
    assert (await rok.get(APP))["status"]["state"] == "RUNNING"


async def workers(room: MachineRoom) -> dict[str, bool]:
    """Whether the nodes of workers are ready, as their cluster says."""
    control = room.cluster()
    async with control.plane.api() as api:
        nodes = await api.items("/api/v1/nodes")
    conditions = {
        node["metadata"]["name"]: {one["type"]: one["status"] for one in node["status"].get("conditions", ())}
        for node in nodes
    }
    assert conditions.pop(control.boot.node)["Ready"] == "True"
    return {name: known.get("Ready") == "True" for name, known in conditions.items()}


async def pods(room: MachineRoom) -> Mapping[str, int]:
    """How many of the application's Pods run on each node."""
    async with room.cluster().plane.api() as api:
        found = await api.items("/api/v1/namespaces/default/pods", labelSelector=f"app={APP}")
    return Counter(pod["spec"]["nodeName"] for pod in found if pod["status"]["phase"] == "Running")


async def _are(room: MachineRoom, wanted: Mapping[str, int]) -> bool:
    return await pods(room) == wanted


def audited(room: MachineRoom) -> list[dict[str, Any]]:
    """What the cluster's API did for Krake."""
    return [orjson.loads(line) for line in room.cluster().plane.audit_log.read_bytes().splitlines()]


async def kubeconfig(rok: User) -> dict[str, Any]:
    """The one that Krake uses."""
    uid = (await rok.get(CLUSTER, "cluster"))["metadata"]["uid"]
    async with rok.krake.store() as store:
        secret = await store.secret(uid, KUBECONFIG)
    assert secret is not None
    document: dict[str, Any] = orjson.loads(secret)
    return document


def own_addresses() -> set[str]:
    """The addresses of this machine."""
    return {item.address for addresses in psutil.net_if_addrs().values() for item in addresses}
