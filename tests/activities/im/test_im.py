"""The provider `im` on a real Infrastructure Manager with its connector Dummy."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from activities.im.provider import ImProvider, im_provider
from krake.embedded.ports import free_port
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError, Stage, WantedCluster
from tests.activities.openstack.access import access_to
from tests.im.server import running_im
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(600)

SECONDS = 120.0
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
    spec = {"url": url, "username": "krake", "password": "a 'quoted'; one", **changes}
    made = im_provider(access_to(DUMMY, {"type": "im", "im": spec}))
    assert isinstance(made, ImProvider)
    return made


@pytest.fixture(scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The manager's address."""
    async with running_im(tmp_path_factory.mktemp("im")) as address:
        yield address


@pytest.fixture
async def im(url: str) -> AsyncIterator[ImProvider]:
    """A provider, and its user's infrastructures removed afterwards."""
    made = provider_at(url)
    yield made
    await made.close()


async def machines(provider: ImProvider, cluster_id: str, count: int) -> None:
    """Wait until the manager has so many machines of the infrastructure."""

    async def there() -> bool:
        state = await provider._api.state(cluster_id)
        return state is not None and len(state["vm_states"]) == count

    await until(f"{count} machines", there, SECONDS)


async def test_an_infrastructure_is_made_once_changed_and_removed(im: ImProvider) -> None:
    asked = wanted(1)
    cluster_id = await im.create(asked)
    assert await im.create(asked) == await im.find(asked.uid) == cluster_id
    assert await im.find(secrets.token_hex(16)) is None
    await machines(im, cluster_id, 1)

    async def runs() -> bool:
        return (await im.progress(cluster_id)).message == "Infrastructure Manager: running"

    await until("the machine runs", runs, SECONDS)
    # A machine that runs is not configured yet.
    assert (await im.progress(cluster_id)).stage is Stage.WORKING
    for workers in (3, 2):
        more = replace(asked, tosca=template(workers))
        await im.scale(cluster_id, more)
        await im.scale(cluster_id, more)
        await machines(im, cluster_id, workers)
        assert await im.find(asked.uid) == cluster_id
    await im.delete(cluster_id)
    await im.delete(cluster_id)

    async def gone() -> bool:
        return (await im.progress(cluster_id)).stage is Stage.GONE

    await until("the infrastructure is gone", gone, SECONDS)
    await im.delete(cluster_id)
    assert await im.find(asked.uid) is None
    with pytest.raises(ProviderError) as caught:
        await im.scale(cluster_id, asked)
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.NOT_FOUND, False)


async def test_a_template_that_cannot_be_read_is_refused(im: ImProvider) -> None:
    broken = template(1)
    broken["topology_template"]["node_templates"]["worker"]["type"] = "no.such.Type"
    with pytest.raises(ProviderError, match=r"no\.such\.Type") as caught:
        await im.create(replace(wanted(), tosca=broken))
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.INVALID_TOSCA_MANIFEST, False)
    with pytest.raises(ProviderError, match="TOSCA templates: give one"):
        await im.create(replace(wanted(), tosca={}))


async def test_an_infrastructure_without_a_kubeconfig_says_so(im: ImProvider) -> None:
    asked = wanted()
    cluster_id = await im.create(asked)
    with pytest.raises(ProviderError, match="outputs have none") as caught:
        await im.kubeconfig(cluster_id, asked)
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.RETRIEVE_FAILED, True)
    await im.delete(cluster_id)


async def test_other_users_infrastructures_are_not_seen(im: ImProvider, url: str) -> None:
    asked = wanted()
    cluster_id = await im.create(asked)
    other = provider_at(url, username="another")
    assert await other.find(asked.uid) is None
    await other.close()
    await im.delete(cluster_id)


async def test_a_token_that_is_none_is_refused(url: str) -> None:
    provider = provider_at(url, token="no-token", username=None, password=None)
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
