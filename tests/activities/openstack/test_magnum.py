"""The provider `magnum` on a real Magnum, whose driver makes sandboxes (`tests/openstack/cloud.py`)."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.aio import client, config

from activities.openstack.magnum import MagnumProvider, magnum_provider
from krake.models.infrastructure import ClusterInfrastructure
from krake.models.reasons import ReasonCode
from krake.provisioning.projects import cloud_of_project, provider_of_project
from krake.provisioning.provider import Progress, ProviderError, Quota, Stage, WantedCluster
from tests.activities.openstack.access import access_to
from tests.openstack.cloud import PROJECT, TEMPLATE, USER, OpenStack
from tests.openstack.keystone import PASSWORD
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(900)
"""The services take their time to start on a machine that does much else."""

SECONDS = 240.0


def wanted(template: str | None = TEMPLATE, **fields: Any) -> WantedCluster:
    """A cluster of one worker node with a uid of its own."""
    infrastructure = ClusterInfrastructure(template=template, **fields)
    return WantedCluster(secrets.token_hex(16), "testing", "one", infrastructure)


def provider_on(openstack: OpenStack, cloud: dict[str, Any] | None = None, **spec: Any) -> MagnumProvider:
    """The provider as Krake makes it."""
    made = magnum_provider(access_to(cloud or openstack.spec(), {"type": "magnum", "magnum": spec}))
    assert isinstance(made, MagnumProvider)
    return made


@pytest.fixture(scope="module")
async def magnum(openstack: OpenStack) -> AsyncIterator[MagnumProvider]:
    """A provider that signs in with a password."""
    made = provider_on(openstack)
    yield made
    await made.close()


async def settled(provider: MagnumProvider, cluster_id: str) -> Progress:
    """What becomes of the cluster when nothing happens to it any more."""
    last: list[Progress] = []

    async def settles() -> bool:
        last.append(await provider.progress(cluster_id))
        return last[-1].stage not in (Stage.WORKING, Stage.DELETING)

    await until("Magnum has settled", settles, SECONDS)
    return last[-1]


@dataclass
class Made:
    """A cluster that the tests below share, in their order."""

    id: str
    wanted: WantedCluster


@pytest.fixture(scope="module")
async def made(magnum: MagnumProvider, openstack: OpenStack) -> AsyncIterator[Made]:
    """A cluster, asked for twice."""
    asked = wanted(nodes=1)
    first = await magnum.create(asked)
    assert (await magnum.progress(first)).stage in (Stage.WORKING, Stage.READY)
    assert await magnum.create(asked) == first
    assert [name for name in await openstack.names() if asked.uid[:8] in name] == [asked.cloud_name]
    yield Made(first, asked)
    await magnum.delete(first)


async def nodes_at(kubeconfig: dict[str, Any]) -> list[str]:
    """The names of the nodes that the cluster's own API tells."""
    async with await config.new_client_from_config_dict(kubeconfig) as api:
        found = await client.CoreV1Api(api).list_node()
        return sorted(str(node.metadata.name) for node in found.items if node.metadata)


async def test_a_cluster_is_made_once_and_found_by_its_uid(magnum: MagnumProvider, made: Made) -> None:
    assert await settled(magnum, made.id) == Progress(Stage.READY, nodes=1)
    assert await magnum.find(made.wanted.uid) == made.id
    # The same beginning is not the same uid.
    assert await magnum.find(made.wanted.uid[:8] + "0" * 24) is None


async def test_its_kubeconfig_is_an_administrators(magnum: MagnumProvider, made: Made) -> None:
    first = await magnum.kubeconfig(made.id, made.wanted)
    again = await magnum.kubeconfig(made.id, made.wanted)
    keys = {one["users"][0]["user"]["client-key-data"] for one in (first, again)}
    assert len(keys) == 2
    async with await config.new_client_from_config_dict(again) as api:
        core = client.CoreV1Api(api)
        found = (await core.list_namespace()).items
        assert {"default", "kube-system"} <= {one.metadata.name for one in found if one.metadata}
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="made-by-krake"), data={"key": "value"})
        await core.create_namespaced_config_map("default", body)
        stored = await core.read_namespaced_config_map("made-by-krake", "default")
        assert stored.data == {"key": "value"}


async def test_it_is_scaled_up_and_down(magnum: MagnumProvider, made: Made) -> None:
    infrastructure = made.wanted.infrastructure
    assert infrastructure is not None
    kubeconfig = await magnum.kubeconfig(made.id, made.wanted)
    for nodes in (3, 2):
        bigger = replace(made.wanted, infrastructure=infrastructure.model_copy(update={"nodes": nodes}))
        await magnum.scale(made.id, bigger)
        # The same call after a crash, whether Magnum still works on it or not.
        await magnum.scale(made.id, bigger)
        assert await settled(magnum, made.id) == Progress(Stage.READY, nodes=nodes)
        assert await nodes_at(kubeconfig) == [f"node-{index}" for index in range(nodes)]


async def test_it_is_upgraded_by_another_template(
    magnum: MagnumProvider, made: Made, openstack: OpenStack
) -> None:
    newer = await openstack.template(kube_tag="v1.99.0")
    asked = ClusterInfrastructure(template=newer, nodes=2, kubernetes_version="1.99.0")
    await magnum.upgrade(made.id, replace(made.wanted, infrastructure=asked))
    assert (await settled(magnum, made.id)).stage is Stage.READY
    await magnum.upgrade(made.id, replace(made.wanted, infrastructure=asked))
    assert (await magnum.progress(made.id)).stage is Stage.READY
    without = asked.model_copy(update={"kubernetes_version": "v1.100.0"})
    with pytest.raises(ProviderError, match=r"by a template of the new version") as caught:
        await magnum.upgrade(made.id, replace(made.wanted, infrastructure=without))
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.INVALID_CLUSTER_TEMPLATE, False)


async def test_a_quota_that_is_used_up(magnum: MagnumProvider, made: Made, openstack: OpenStack) -> None:
    await openstack.allow_clusters(1)
    try:
        with pytest.raises(ProviderError, match="maximum clusters per project, 1") as caught:
            await magnum.create(wanted())
        assert (caught.value.code, caught.value.temporary) == (ReasonCode.QUOTA_EXCEEDED, False)
        assert Quota("clusters", 1, 1) in (await magnum.survey()).quotas
    finally:
        await openstack.allow_clusters(20)


async def test_it_is_deleted_whatever_is_asked_twice(magnum: MagnumProvider, made: Made) -> None:
    await magnum.delete(made.id)
    await magnum.delete(made.id)
    assert (await settled(magnum, made.id)).stage is Stage.GONE
    await magnum.delete(made.id)
    assert await magnum.find(made.wanted.uid) is None
    for change in (magnum.scale, magnum.upgrade, magnum.kubeconfig):
        with pytest.raises(ProviderError) as caught:
            await change(made.id, made.wanted)
        assert (caught.value.code, caught.value.temporary) == (ReasonCode.NOT_FOUND, False)


async def test_one_that_cannot_be_made_says_why(magnum: MagnumProvider, openstack: OpenStack) -> None:
    for reason, code in (
        ("No valid host was found", ReasonCode.CREATE_FAILED),
        ("Quota exceeded for instances", ReasonCode.QUOTA_EXCEEDED),
    ):
        asked = wanted(await openstack.template(krake_failure=reason))
        cluster_id = await magnum.create(asked)
        progress = await settled(magnum, cluster_id)
        assert (progress.stage, progress.code) == (Stage.FAILED, code)
        assert progress.message == f"Magnum: CREATE_FAILED: {reason}"
        with pytest.raises(ProviderError, match=reason):
            await magnum.scale(cluster_id, replace(asked, infrastructure=ClusterInfrastructure(nodes=5)))
        await magnum.delete(cluster_id)
        assert (await settled(magnum, cluster_id)).stage is Stage.GONE


async def test_of_two_with_the_same_tag_the_older_one_stays(
    magnum: MagnumProvider, openstack: OpenStack
) -> None:
    asked = wanted(await openstack.template(krake_failure="not this one"))
    first = await magnum.create(asked)
    await openstack.twin(asked.cloud_name, first)
    assert len([name for name in await openstack.names() if name == asked.cloud_name]) == 2
    assert await magnum.find(asked.uid) == first

    async def alone() -> bool:
        # Magnum may lose that a cluster should go which it is still making; an activity asks again.
        try:
            assert await magnum.create(asked) == first
        except ProviderError as error:
            assert error.temporary
        return (await openstack.names()).count(asked.cloud_name) == 1

    await until("the other one is gone", alone, SECONDS)
    await magnum.delete(first)


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (wanted("no-such"), ReasonCode.INVALID_CLUSTER_TEMPLATE, "no-such"),
        (wanted(None), ReasonCode.INVALID_CLUSTER_TEMPLATE, "Name a cluster template"),
        (wanted(image="debian"), ReasonCode.INVALID_RESOURCE, "image"),
        (WantedCluster("0" * 32, "testing", "one", tosca={"a": 1}), ReasonCode.INVALID_RESOURCE, "TOSCA"),
    ],
)
async def test_what_cannot_be_made_is_refused(
    magnum: MagnumProvider, asked: WantedCluster, code: ReasonCode, words: str
) -> None:
    with pytest.raises(ProviderError, match=words) as caught:
        await magnum.create(asked)
    assert (caught.value.code, caught.value.temporary) == (code, False)


async def test_a_wrong_password(openstack: OpenStack) -> None:
    provider = provider_on(openstack, openstack.spec(openstack.password_auth("wrong-password")))
    with pytest.raises(ProviderError, match="does not accept the credentials") as caught:
        await provider.create(wanted())
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.INVALID_CREDENTIALS, False)
    assert "wrong-password" not in caught.value.message
    await provider.close()


async def test_a_project_of_the_group_openstack(openstack: OpenStack) -> None:
    user, project = {"id": openstack.user, "password": PASSWORD}, {"id": openstack.project}
    auth = {"type": "password", "password": {"version": "3", "user": user, "project": project}}
    spec = {"url": openstack.url, "auth": auth, "template": TEMPLATE, "metrics": []}
    access = access_to(cloud_of_project(spec), provider_of_project(spec))
    provider = magnum_provider(access)
    assert await provider.find(secrets.token_hex(16)) is None
    assert any(one.resource == "clusters" for one in (await provider.survey()).quotas)
    await provider.close()


async def test_an_application_credential_until_it_is_taken_back(openstack: OpenStack) -> None:
    credential, secret = await openstack.application_credential()
    part = {"id": credential, "secret": secret}
    cloud = openstack.spec({"type": "application_credential", "application_credential": part})
    before = provider_on(openstack, cloud)
    assert [quota.resource for quota in (await before.survey()).quotas] == ["clusters"]
    await before.close()
    await openstack.delete_application_credential(credential)
    # One with a token from before works on for minutes: services remember tokens.
    after = provider_on(openstack, cloud)
    with pytest.raises(ProviderError, match="does not accept the credentials") as caught:
        await after.survey()
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.INVALID_CREDENTIALS, False)
    await after.close()


async def test_an_entry_of_the_operators_file(openstack: OpenStack, tmp_path: Path) -> None:
    auth = {"auth_url": openstack.url, "username": USER, "password": PASSWORD, "project_name": PROJECT}
    auth |= {"user_domain_id": "default", "project_domain_id": "default"}
    file = tmp_path / "clouds.yaml"
    file.write_text(yaml.safe_dump({"clouds": {"mine": {"auth": auth}}}))
    spec = {"auth": {"type": "clouds_yaml", "clouds_yaml": {"cloud": "mine"}}}
    spec |= {"infrastructure_provider": {"name": "magnum"}}
    cloud = {"type": "openstack", "openstack": spec}
    provider = magnum_provider(access_to(cloud, {"type": "magnum"}, clouds_file=str(file)))
    assert (await provider.survey()).quotas
    await provider.close()
