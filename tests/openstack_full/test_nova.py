"""The provider nova on a real Keystone, Glance, Placement, Neutron and Nova, whose servers do not boot."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from activities.openstack import nova_steps
from activities.openstack.nova_plan import Role
from activities.openstack.nova_servers import members
from krake.models.kubeconfig import check_kubeconfig
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError, Stage, WantedCluster
from tests.openstack_full.conftest import FLAVOR, HUGE, Tenant
from tests.openstack_full.workbench import Bench, Killed, killed_after_each_change

OWN_NETWORK = {"networks": 1, "subnets": 1, "routers": 1}
SINGLE = {"control-plane": 1, "ports": 1, "floating": 1, "groups": 1, **OWN_NETWORK}
NEW = "1.34.1"

NewBench = Callable[..., Bench]


@pytest.fixture
async def new_bench(tenant: Tenant) -> AsyncIterator[NewBench]:
    """Makes clusters that are removed afterwards."""
    benches: list[Bench] = []

    def make(**options: Any) -> Bench:
        benches.append(Bench(tenant, **options))
        return benches[-1]

    yield make
    for bench in benches:
        await bench.provider.close()


async def test_a_cluster_is_made_scaled_and_removed_without_a_trace(new_bench: NewBench) -> None:
    bench = new_bench()
    wanted = bench.wanted(nodes=2)
    assert await bench.provider.find(bench.uid) is None
    assert (await bench.provider.progress(bench.tag)).stage is Stage.GONE
    assert await bench.provider.create(wanted) == bench.tag
    assert (await bench.settle()).nodes == 2
    assert bench.counted() == {**SINGLE, "worker": 2}
    assert await bench.provider.find(bench.uid) == bench.tag
    assert await bench.provider.create(wanted) == bench.tag
    assert bench.counted() == {**SINGLE, "worker": 2}

    kubeconfig = check_kubeconfig(await bench.provider.kubeconfig(bench.tag, wanted))
    assert kubeconfig["current-context"] == wanted.cloud_name
    assert kubeconfig["clusters"][0]["cluster"]["server"].startswith("https://172.24.")

    await bench.provider.scale(bench.tag, bench.wanted(nodes=4))
    assert (await bench.settle()).nodes == 4
    bench.cluster.pods = dict.fromkeys(bench.cluster.seen, 2)
    await bench.provider.scale(bench.tag, bench.wanted(nodes=1))
    assert (await bench.settle()).nodes == 1
    assert bench.counted() == {**SINGLE, "worker": 1}
    assert len(bench.cluster.forgotten) == 3 and sorted(bench.cluster.pods.values()) == [0, 0, 0, 2, 2]

    await bench.provider.delete(bench.tag)
    await bench.provider.delete(bench.tag)
    await bench.settle(Stage.GONE)
    assert bench.counted() == {} and await bench.provider.find(bench.uid) is None
    await bench.provider.delete(bench.tag)


async def test_whoever_only_looks_does_no_step(new_bench: NewBench, tenant: Tenant) -> None:
    bench = new_bench()
    await bench.provider.create(bench.wanted(nodes=1))
    (worker,) = (member for member in members(tenant.connection, bench.tag) if member.role is Role.WORKER)
    server = tenant.connection.compute.get_server(worker.id)
    tenant.connection.compute.delete_server(server)
    tenant.connection.compute.wait_for_delete(server, wait=120)
    observer = bench.observer()
    assert (await observer.progress(bench.tag)).stage is Stage.WORKING
    assert bench.counted() == SINGLE
    await bench.provider.delete(bench.tag)
    assert (await observer.progress(bench.tag)).stage is Stage.DELETING
    await bench.settle(Stage.GONE)
    assert (await observer.progress(bench.tag)).stage is Stage.GONE
    await observer.close()


async def test_killed_after_every_single_change_there_is_one_cluster_and_then_none(
    new_bench: NewBench,
) -> None:
    bench = new_bench()
    wanted = bench.wanted(nodes=2, control_plane_nodes=3)
    kills = 0
    with killed_after_each_change():
        while True:
            try:
                await bench.provider.create(wanted)
                break
            except Killed:
                kills += 1
                await bench.provider.close()
                bench.new_provider()
    await bench.settle()
    everything = {**SINGLE, "control-plane": 3, "ports": 3, "worker": 2, "server groups": 1}
    assert bench.counted() == everything
    # A network, its subnet, a router and its interface, a group with two rules, three ports, a floating
    # address, a server group and the first server: until then all steps are the same each time.
    assert kills >= 13

    kills = 0
    with killed_after_each_change():
        while True:
            try:
                await bench.provider.delete(bench.tag)
                if (await bench.provider.progress(bench.tag)).stage is Stage.GONE:
                    break
            except Killed:
                kills += 1
                await bench.provider.close()
                bench.new_provider()
    assert bench.counted() == {} and kills >= 12


async def test_each_role_gets_its_user_data(new_bench: NewBench, tenant: Tenant) -> None:
    bench = new_bench()
    await bench.provider.create(bench.wanted(nodes=1, control_plane_nodes=3))
    await bench.settle()
    texts = {}
    for member in members(tenant.connection, bench.tag):
        server = tenant.admin.compute.get_server(member.id)
        texts[(member.role.value, member.slot)] = base64.b64decode(server.user_data).decode()
    documents = {key: yaml.safe_load(text) for key, text in texts.items()}
    configs = {
        key: yaml.safe_load(
            next(file["content"] for file in document["write_files"] if file["path"].endswith("config.yaml"))
        )
        for key, document in documents.items()
    }
    assert configs["control-plane", 0]["cluster-init"] is True
    join = configs["worker", -1]["server"]
    assert join.startswith("https://10.64.") and join == configs["control-plane", 2]["server"]
    assert len(configs["control-plane", 0]["tls-san"]) == 4
    assert [key for key, text in texts.items() if "PRIVATE KEY" in text] == [("control-plane", 0)]


async def test_an_upgrade_replaces_all_servers_and_the_address_stays(
    new_bench: NewBench, tenant: Tenant
) -> None:
    bench = new_bench(kubernetes_version="1.33.4")
    wanted = bench.wanted(nodes=1, control_plane_nodes=3)
    await bench.provider.create(wanted)
    await bench.settle()
    before = await bench.provider.kubeconfig(bench.tag, wanted)
    old = {member.id for member in members(tenant.connection, bench.tag)}
    newer = bench.wanted(nodes=1, control_plane_nodes=3, kubernetes_version=NEW)
    await bench.provider.upgrade(bench.tag, newer)
    await bench.settle()
    found = members(tenant.connection, bench.tag)
    assert {member.release for member in found} == {"v1.34.1+k3s1"}
    assert not old & {member.id for member in found} and len(bench.cluster.forgotten) == 4
    after = await bench.provider.kubeconfig(bench.tag, wanted)
    assert before["clusters"] == after["clusters"]


async def test_what_cannot_be_done_safely_is_refused(new_bench: NewBench) -> None:
    bench = new_bench()
    with pytest.raises(ProviderError, match="not from TOSCA templates"):
        await bench.provider.create(WantedCluster(bench.uid, "testing", "demo", tosca={"a": 1}))
    await bench.provider.create(bench.wanted(nodes=0))
    await bench.settle()
    with pytest.raises(ProviderError, match="single control plane node cannot be upgraded"):
        await bench.provider.upgrade(bench.tag, bench.wanted(nodes=0, kubernetes_version=NEW))
    with pytest.raises(ProviderError, match="keeps that number, 3 are not possible"):
        await bench.provider.scale(bench.tag, bench.wanted(nodes=0, control_plane_nodes=3))
    assert (await bench.provider.progress(bench.tag)).stage is Stage.READY


async def test_a_quota_that_is_used_up_is_named(new_bench: NewBench, tenant: Tenant) -> None:
    project = str(tenant.connection.current_project_id)
    bench, other = new_bench(), new_bench()
    await bench.provider.create(bench.wanted(nodes=1))
    # Nova counts a server as used only when it is in its cell.
    await bench.settle()
    tenant.admin.compute.update_quota_set(project, instances=2)
    for asked in (
        bench.provider.scale(bench.tag, bench.wanted(nodes=3)),
        other.provider.create(other.wanted()),
    ):
        with pytest.raises(ProviderError, match="Quota exceeded for instances") as full:
            await asked
        assert full.value.code is ReasonCode.QUOTA_EXCEEDED and not full.value.temporary
    tenant.admin.compute.update_quota_set(project, instances=10)
    assert (await bench.provider.progress(bench.tag)).stage is Stage.FAILED
    assert bench.counted()["worker"] == 1, "what failed is not tried again by itself"
    tenant.admin.compute.update_quota_set(project, instances=2)
    survey = await bench.provider.survey()
    servers = next(quota for quota in survey.quotas if quota.resource == "servers")
    assert (servers.limit, servers.used) == (2, 2)
    for each in (bench, other):
        await each.provider.delete(each.tag)
        await each.settle(Stage.GONE)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"flavor": "gigantic"}, "gigantic"),
        ({"image": "windows"}, "windows"),
        ({"external_network": "nowhere"}, "nowhere"),
        ({"network": "nowhere"}, "nowhere"),
        ({"key_pair": "lost"}, "lost"),
        ({"external_network": None}, "neither a network nor an external_network"),
    ],
)
async def test_what_the_cloud_does_not_know_is_named_and_no_server_is_made(
    new_bench: NewBench, spec: dict[str, Any], words: str
) -> None:
    bench = new_bench(**spec)
    with pytest.raises(ProviderError, match=words) as unknown:
        await bench.provider.create(bench.wanted())
    assert unknown.value.code is ReasonCode.INVALID_RESOURCE and not unknown.value.temporary
    assert bench.counted() == {}


async def test_a_mistake_can_be_mended_and_the_creation_asked_for_again(new_bench: NewBench) -> None:
    bench = new_bench()
    with pytest.raises(ProviderError, match="gigantic"):
        await bench.provider.create(bench.wanted(flavor="gigantic"))
    await bench.provider.create(bench.wanted(flavor=FLAVOR))
    await bench.settle()
    assert bench.counted() == {**SINGLE, "worker": 1}


async def test_a_wrong_password_is_a_matter_of_credentials(new_bench: NewBench) -> None:
    bench = new_bench(password="wrong")
    for call in (bench.provider.survey, lambda: bench.provider.create(bench.wanted())):
        with pytest.raises(ProviderError) as refused:
            await call()
        assert refused.value.code is ReasonCode.INVALID_CREDENTIALS
        assert "wrong" not in refused.value.message


async def test_a_server_that_nova_cannot_place_fails_and_is_replaced_when_asked_anew(
    new_bench: NewBench, tenant: Tenant
) -> None:
    # No quota is in the way, but no host is large enough.
    tenant.admin.compute.update_quota_set(str(tenant.connection.current_project_id), ram=-1)
    bench = new_bench()
    await bench.provider.create(bench.wanted(nodes=1))
    await bench.settle()
    await bench.provider.scale(bench.tag, bench.wanted(nodes=2, flavor=HUGE, control_plane_flavor=FLAVOR))
    failed = await bench.settle(Stage.FAILED)
    assert failed.code is ReasonCode.RECONFIGURE_FAILED and "No valid host was found" in failed.message
    await bench.provider.scale(bench.tag, bench.wanted(nodes=2))
    assert (await bench.settle()).nodes == 2
    assert bench.counted() == {**SINGLE, "worker": 2}


async def test_what_vanishes_behind_krakes_back_is_seen_and_made_again(
    new_bench: NewBench, tenant: Tenant
) -> None:
    bench = new_bench()
    wanted = bench.wanted(nodes=2)
    await bench.provider.create(wanted)
    await bench.settle()
    worker = next(member for member in members(tenant.connection, bench.tag) if member.slot < 0)
    tenant.connection.compute.delete_server(worker.id)
    tenant.connection.compute.wait_for_delete(tenant.connection.compute.get_server(worker.id))
    seen = await bench.provider.progress(bench.tag)
    assert (seen.stage, seen.nodes, seen.message) == (Stage.READY, 1, "1 of 2 worker servers run")
    await bench.provider.scale(bench.tag, wanted)
    assert (await bench.settle()).nodes == 2 and worker.name in bench.cluster.forgotten

    for member in members(tenant.connection, bench.tag):
        tenant.connection.compute.delete_server(member.id)
    await bench.settle(Stage.GONE)
    bench.cluster.restart()
    await bench.provider.create(wanted)
    assert (await bench.settle()).nodes == 2
    assert bench.counted() == {**SINGLE, "worker": 2}


async def test_pods_that_do_not_leave_in_time_do_not_hold_a_server_for_ever(new_bench: NewBench) -> None:
    bench = new_bench()
    await bench.provider.create(bench.wanted(nodes=1))
    await bench.settle()
    bench.cluster.pods = dict.fromkeys(bench.cluster.seen, 1000)
    with patch.object(nova_steps, "DRAINED_WITHIN", timedelta(seconds=3)):
        await bench.provider.scale(bench.tag, bench.wanted(nodes=0))
        assert (await bench.settle()).nodes == 0
    assert max(bench.cluster.pods.values()) > 900


async def test_a_given_network_is_used_and_stays(new_bench: NewBench, tenant: Tenant) -> None:
    neutron = tenant.connection.network
    network = neutron.create_network(name="given")
    neutron.create_subnet(network_id=network.id, cidr="192.168.7.0/24", ip_version=4)
    bench = new_bench(network="given", external_network=None)
    wanted = bench.wanted(nodes=1)
    await bench.provider.create(wanted)
    await bench.settle()
    assert bench.counted() == {"control-plane": 1, "worker": 1, "ports": 1, "groups": 1}
    kubeconfig = await bench.provider.kubeconfig(bench.tag, wanted)
    assert kubeconfig["clusters"][0]["cluster"]["server"].startswith("https://192.168.7.")
    await bench.provider.delete(bench.tag)
    await bench.settle(Stage.GONE)
    assert bench.counted() == {} and neutron.find_network("given") is not None


async def test_the_survey_shows_flavors_and_quotas(new_bench: NewBench) -> None:
    survey = await new_bench().provider.survey()
    assert {flavor.name: flavor.memory_mib for flavor in survey.flavors} == {FLAVOR: 512, HUGE: 10_000_000}
    assert {quota.resource for quota in survey.quotas} >= {"servers", "cpus", "memory_mib"}
    assert all(quota.used >= 0 for quota in survey.quotas)
