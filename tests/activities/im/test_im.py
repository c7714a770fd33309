"""The provider `im` on a real Infrastructure Manager with its connector Dummy."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities.im.credentials import authorization
from activities.im.provider import ImProvider, im_provider, progress_of
from activities.openstack import certificates
from krake.embedded.ports import free_port
from krake.models.infrastructure import InfrastructureManager
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import Progress, ProviderError, Stage, WantedCluster
from tests.activities.openstack.access import access_to, openstack_at
from tests.im.server import running_im
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(600)

SECONDS = 120.0
USER, PASSWORD = "krake", "a 'quoted'; one"
DUMMY = {"type": "custom", "custom": {"options": {"type": "Dummy"}}}


def template(workers: int) -> dict[str, Any]:
    """Machines without anything on them."""
    machine: dict[str, Any] = {"host": {"properties": {"num_cpus": 1, "mem_size": "1 GB"}}}
    machine["os"] = {"properties": {"type": "linux", "distribution": "debian"}}
    machine["scalable"] = {
        "properties": {"min_instances": 1, "max_instances": 9, "default_instances": workers}
    }
    nodes = {"worker": {"type": "tosca.nodes.Compute", "capabilities": machine}}
    return {
        "tosca_definitions_version": "tosca_simple_yaml_1_0",
        "description": "Workers",
        "metadata": {"display_name": "Workers"},
        "topology_template": {"node_templates": nodes},
    }


def wanted(workers: int = 1) -> WantedCluster:
    """A cluster with a uid of its own."""
    return WantedCluster(secrets.token_hex(16), "testing", "one", tosca=template(workers))


def provider_at(url: str, **changes: Any) -> ImProvider:
    """The provider as Krake makes it."""
    spec = {"url": url, "username": USER, "password": PASSWORD, **changes}
    made = im_provider(access_to(DUMMY, {"type": "im", "im": spec}))
    assert isinstance(made, ImProvider)
    return made


@pytest.fixture
async def im(infrastructure_manager: str) -> AsyncIterator[ImProvider]:
    """A provider, and its user's infrastructures removed afterwards."""
    made = provider_at(infrastructure_manager)
    yield made
    await made.close()


async def machines(provider: ImProvider, cluster_id: str) -> int:
    """How many machines the manager has of the infrastructure."""
    state = await provider._api.state(cluster_id)
    return len(state["vm_states"]) if state else 0


async def ready(provider: ImProvider, cluster_id: str, count: int) -> None:
    """Wait until the manager has so many machines of the infrastructure, and has configured them."""

    async def there() -> bool:
        stage = (await provider.progress(cluster_id)).stage
        return stage is Stage.READY and await machines(provider, cluster_id) == count

    await until(f"{count} machines", there, SECONDS)


async def gone(provider: ImProvider, cluster_id: str) -> None:
    """Wait until the manager does not know the infrastructure any more.

    A request that comes while it removes the last of it makes the manager read it back from its database;
    so it is asked again where it does not remove, as the workflow does.
    """

    async def is_gone() -> bool:
        stage = (await provider.progress(cluster_id)).stage
        if stage not in (Stage.DELETING, Stage.GONE):
            await provider.delete(cluster_id)
        return stage is Stage.GONE

    await until("the infrastructure is gone", is_gone, SECONDS)


async def test_an_infrastructure_is_made_once_changed_and_removed(im: ImProvider) -> None:
    asked = wanted(1)
    cluster_id = await im.create(asked)
    assert await im.create(asked) == await im.find(asked.uid) == cluster_id
    assert await im.find(secrets.token_hex(16)) is None
    await ready(im, cluster_id, 1)
    for workers in (3, 2):
        more = replace(asked, tosca=template(workers))
        await im.scale(cluster_id, more)
        await im.scale(cluster_id, more)
        await ready(im, cluster_id, workers)
        assert await im.find(asked.uid) == cluster_id
    await im._api.reconfigure(cluster_id)
    await ready(im, cluster_id, 2)
    await im.delete(cluster_id)
    await im.delete(cluster_id)
    await gone(im, cluster_id)
    await im.delete(cluster_id)
    assert await im.find(asked.uid) is None
    with pytest.raises(ProviderError) as caught:
        await im.scale(cluster_id, asked)
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.NOT_FOUND, False)


async def test_its_kubeconfig_is_an_output_of_the_template(im: ImProvider) -> None:
    document = certificates.kubeconfig("one", "https://10.0.0.1:6443", "authority", "certificate", "key")
    asked = wanted()
    cases = (
        (yaml.safe_dump(document), None),
        ("{", "no YAML"),
        ("words", "no document"),
        ("{a: 1}", "allowed"),
    )
    for text, words in cases:
        tosca = template(1)
        tosca["topology_template"]["outputs"] = {"kubeconfig": {"value": text}}
        made = replace(wanted(), tosca=tosca)
        cluster_id = await im.create(made)
        await ready(im, cluster_id, 1)
        if words is None:
            assert await im.kubeconfig(cluster_id, asked) == document
        else:
            with pytest.raises(ProviderError, match=words) as caught:
                await im.kubeconfig(cluster_id, asked)
            assert (caught.value.code, caught.value.temporary) == (ReasonCode.RETRIEVE_FAILED, False)
        await im.delete(cluster_id)


@pytest.mark.parametrize(
    ("states", "progress"),
    [
        (("pending",), Progress(Stage.WORKING, "Infrastructure Manager: pending")),
        (("running", "configured"), Progress(Stage.WORKING, "Infrastructure Manager: running")),
        (("deleting",), Progress(Stage.DELETING, "Infrastructure Manager: deleting")),
        (
            ("running", "unconfigured"),
            Progress(
                Stage.FAILED, "Infrastructure Manager: unconfigured", code=ReasonCode.RECONFIGURE_FAILED
            ),
        ),
        (
            ("failed",),
            Progress(Stage.FAILED, "Infrastructure Manager: failed", code=ReasonCode.RECONCILE_FAILED),
        ),
    ],
)
def test_states_that_the_connector_dummy_does_not_show(states: tuple[str, ...], progress: Progress) -> None:
    machines = {str(index): state for index, state in enumerate(states)}
    assert progress_of({"state": states[0], "vm_states": machines}) == progress


def test_a_cloud_that_does_not_answer_the_manager_is_no_failure() -> None:
    with pytest.raises(ProviderError, match="does not learn") as caught:
        progress_of({"state": "unknown", "vm_states": {"0": "unknown"}})
    assert caught.value.temporary
    between = Progress(Stage.WORKING, "Infrastructure Manager: no machines")
    assert progress_of({"state": "unknown", "vm_states": {}}) == between


def test_the_header_holds_lines_and_brings_the_domain_along() -> None:
    manager = InfrastructureManager(url="http://im", username="u;v", password="it's")
    assert authorization(manager, openstack_at("http://keystone:5000/v3")) == (
        "id = im; type = InfrastructureManager; username = 'u;v'; password = \"it's\""
        "\\nid = cloud; type = OpenStack; host = 'http://keystone:5000/v3'; auth_version = '3.x_password'; "
        "username = demo; password = 'hush-hush'; tenant = demo; domain = Default; tenant_domain_id = default"
    )


@pytest.mark.parametrize("value", ["both ' and \"", "new\\nline", "file(/etc/passwd)", "Passwört"])
def test_what_the_header_cannot_hold_is_refused(value: str) -> None:
    manager = InfrastructureManager(url="http://im", username="u", password=value)
    with pytest.raises(ProviderError, match="its header holds no value") as caught:
        authorization(manager, DUMMY)
    assert value not in caught.value.message


async def test_a_template_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    broken = template(1)
    broken["topology_template"]["node_templates"]["worker"]["type"] = "no.such.Type"
    # Once a manager has read an infrastructure back from its database, it checks no template any more.
    async with running_im(tmp_path) as address:
        manager = provider_at(address)
        with pytest.raises(ProviderError, match=r"no\.such\.Type") as caught:
            await manager.create(replace(wanted(), tosca=broken))
        await manager.close()
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.INVALID_TOSCA_MANIFEST, False)


async def test_a_cluster_without_a_template_is_refused(im: ImProvider) -> None:
    with pytest.raises(ProviderError, match="TOSCA templates: give one"):
        await im.create(replace(wanted(), tosca={}))


async def test_an_infrastructure_without_a_kubeconfig_says_so(im: ImProvider) -> None:
    asked = wanted()
    cluster_id = await im.create(asked)
    with pytest.raises(ProviderError, match="outputs have none") as caught:
        await im.kubeconfig(cluster_id, asked)
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.RETRIEVE_FAILED, True)
    await ready(im, cluster_id, 1)
    await im.delete(cluster_id)


async def test_other_users_infrastructures_are_not_seen(im: ImProvider, infrastructure_manager: str) -> None:
    asked = wanted()
    cluster_id = await im.create(asked)
    other = provider_at(infrastructure_manager, username="another")
    assert await other.find(asked.uid) is None
    await other.close()
    await ready(im, cluster_id, 1)
    await im.delete(cluster_id)


async def test_a_token_that_is_none_is_refused(infrastructure_manager: str) -> None:
    provider = provider_at(infrastructure_manager, token="no-token", username=None, password=None)
    with pytest.raises(ProviderError) as caught:
        await provider.survey()
    assert "no-token" not in caught.value.message
    await provider.close()


async def test_a_manager_that_does_not_answer() -> None:
    provider = provider_at(f"http://127.0.0.1:{free_port('127.0.0.1')}")
    with pytest.raises(ProviderError, match="does not answer") as caught:
        await provider.survey()
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.CLOUD_NOT_REACHABLE, True)
    await provider.close()
