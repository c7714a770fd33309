"""Clusters that Krake makes, over HTTP: what may be asked of them, and what not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from krake.store import Record, Store
from tests.api.documents import CLUSTERS, cluster
from tests.api.test_infrastructure_kinds import CLOUDS, PROVIDERS, cloud, provider
from tests.support.store import set_status

MADE = f"{CLUSTERS}/made"
ON = {"api": "infrastructure", "kind": "Cloud", "namespace": "testing", "name": "openstack"}


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database is enough here: the contract holds on both."""
    return sqlite_url


def document(**spec: Any) -> dict[str, Any]:
    """A cluster that is to be made."""
    machines = {"nodes": 2, "flavor": "small"}
    return {"metadata": {"name": "made"}, "spec": {"infrastructure": machines, **spec}}


async def existing(
    client: httpx.AsyncClient, store: Store, place: dict[str, Any] | None = None, **status: Any
) -> Record:
    """A cluster that was made on a cloud, which is as `place` says."""
    assert (await client.post(CLOUDS, json=place or cloud())).status_code == 201
    assert (await client.post(CLUSTERS, json=document())).status_code == 201
    record = await store.get("Cluster", "testing", "made")
    made = {"running_on": ON, "scheduled_to": ON, "cluster_id": "1", "observed_generation": 1}
    return await set_status(store, record, **made, **status)


@pytest.mark.parametrize(
    "spec",
    [
        {"infrastructure": None},
        {"tosca": {"topology_template": {"outputs": {"kubeconfig": {}}}}},
        {"infrastructure": {"nodes": -1}},
        {"infrastructure": {"control_plane_nodes": 2}},
        {"infrastructure": {"kubernetes_version": "newest"}},
        {"infrastructure": {"cpus": 4}},
        {"infrastructure": None, "tosca": {"topology_template": {}}},
    ],
)
async def test_what_cannot_be_made_is_refused(client: httpx.AsyncClient, spec: dict[str, Any]) -> None:
    answer = await client.post(CLUSTERS, json=document(**spec))
    assert answer.status_code == 422, answer.text


async def test_a_cluster_keeps_what_its_machines_are(client: httpx.AsyncClient, store: Store) -> None:
    await existing(client, store)
    shown = (await client.get(MADE)).json()
    shown["spec"]["infrastructure"] |= {"nodes": 5}
    assert (await client.put(MADE, json=shown)).json()["metadata"]["generation"] == 2
    shown["spec"]["infrastructure"] |= {"flavor": "large"}
    refused = await client.put(MADE, json=shown)
    assert refused.status_code == 422
    assert "make another cluster" in refused.text


async def test_a_made_cluster_is_not_registered_by_an_update(client: httpx.AsyncClient, store: Store) -> None:
    await existing(client, store)
    sent = cluster("made")
    refused = await client.put(MADE, json=sent)
    assert refused.status_code == 422
    assert "nor the other way round" in refused.text


async def test_what_failed_can_be_tried_again(client: httpx.AsyncClient, store: Store) -> None:
    record = await existing(client, store)
    refused = await client.put(f"{MADE}/retry")
    assert (refused.status_code, "nothing has failed" in refused.text) == (409, True)
    phase = {"phase": "failed", "since": "2026-11-25T00:00:00+00:00"}
    await set_status(store, record, provisioning=phase)
    shown = (await client.put(f"{MADE}/retry")).json()
    assert shown["status"]["observed_generation"] == 0


async def test_credentials_are_rotated_once_for_several_requests(
    client: httpx.AsyncClient, store: Store
) -> None:
    record = await existing(client, store)
    assert (await client.put(f"{MADE}/rotate-credentials")).status_code == 409
    await set_status(store, record, kubeconfig_at="2026-11-25T00:00:00+00:00")
    first = (await client.put(f"{MADE}/rotate-credentials")).json()["status"]["rotation_requested"]
    second = (await client.put(f"{MADE}/rotate-credentials")).json()["status"]["rotation_requested"]
    assert first == second is not None
    events = (await client.get(f"{MADE}/events")).json()["items"]
    assert [event["type"] for event in events].count("RotationRequested") == 1


@pytest.mark.parametrize("action", ["retry", "rotate-credentials"])
async def test_registered_clusters_are_not_krakes_to_make(client: httpx.AsyncClient, action: str) -> None:
    await client.post(CLUSTERS, json=cluster("mine"))
    answer = await client.put(f"{CLUSTERS}/mine/{action}")
    assert (answer.status_code, "was registered" in answer.text) == (409, True)


async def test_a_cluster_does_not_move_between_clouds(client: httpx.AsyncClient, store: Store) -> None:
    await existing(client, store)
    other = cloud()
    other["metadata"]["name"] = "other"
    await client.post(CLOUDS, json=other)
    answer = await client.put(f"{MADE}/binding", json={"cloud": {"kind": "Cloud", "name": "other"}})
    assert (answer.status_code, "does not move" in answer.text) == (409, True)


async def test_a_cloud_in_use_is_not_deleted_alone(client: httpx.AsyncClient, store: Store) -> None:
    await existing(client, store)
    refused = await client.delete(f"{CLOUDS}/openstack")
    assert refused.status_code == 409
    assert "still used by cluster testing/made" in refused.json()["detail"]
    assert (await client.delete(f"{CLOUDS}/openstack", params={"policy": "drain"})).status_code == 422

    answer = await client.delete(f"{CLOUDS}/openstack", params={"policy": "cascade"})
    assert answer.json()["metadata"]["deleted"] is not None
    assert (await client.get(f"{CLOUDS}/openstack")).status_code == 200
    shown = (await client.get(MADE)).json()
    assert shown["metadata"]["deleted"] is not None
    assert shown["status"]["clearing"]["policy"] == "cascade"


async def test_a_provider_goes_with_its_clouds(client: httpx.AsyncClient, store: Store) -> None:
    await client.post(PROVIDERS, json=provider(token="t"))
    await client.post(CLOUDS, json=cloud(infrastructure_provider={"name": "im", "namespaced": True}))
    refused = await client.delete(f"{PROVIDERS}/im")
    assert (refused.status_code, "testing/openstack" in refused.text) == (409, True)
    assert (await client.delete(f"{PROVIDERS}/im", params={"policy": "cascade"})).status_code == 200
    assert (await client.get(f"{CLOUDS}/openstack")).status_code == 404
    assert (await client.get(f"{PROVIDERS}/im")).status_code == 404


async def test_a_provider_goes_with_the_last_of_its_clouds(client: httpx.AsyncClient, store: Store) -> None:
    await client.post(PROVIDERS, json=provider(token="t"))
    spare = cloud(infrastructure_provider={"name": "im", "namespaced": True})
    spare["metadata"]["name"] = "spare"
    await client.post(CLOUDS, json=spare)
    await existing(client, store, cloud(infrastructure_provider={"name": "im", "namespaced": True}))
    assert (await client.delete(f"{PROVIDERS}/im", params={"policy": "cascade"})).status_code == 200
    assert (await client.get(f"{CLOUDS}/spare")).status_code == 404
    assert (await client.get(f"{PROVIDERS}/im")).json()["metadata"]["deleted"] is not None
    assert (await client.delete(MADE, params={"force": "True"})).status_code == 200
    for gone in (f"{CLOUDS}/openstack", f"{PROVIDERS}/im"):
        assert (await client.get(gone)).status_code == 404


async def test_a_deletion_by_force_leaves_a_record(client: httpx.AsyncClient, store: Store) -> None:
    record = await existing(client, store)
    assert (await client.delete(MADE, params={"force": "True"})).status_code == 200
    assert (await client.get(MADE)).status_code == 404
    (orphan,) = (await client.get("/core/namespaces/testing/orphans")).json()["items"]
    assert (orphan["kind"], orphan["object_name"], orphan["cluster_uid"]) == (
        "Cloud",
        "openstack",
        record.uid,
    )
    assert orphan["object_uid"] == "1"


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        ({"type": "application_credential", "application_credential": {"id": "i", "secret": "s"}}, 201),
        ({"type": "clouds_yaml", "clouds_yaml": {"cloud": "lab"}}, 422),
        ({"type": "kerberos"}, 422),
    ],
)
async def test_ways_to_sign_in_to_a_cloud(
    client: httpx.AsyncClient, auth: dict[str, Any], status: int
) -> None:
    sent = cloud()
    sent["spec"]["openstack"]["auth"] = auth
    answer = await client.post(CLOUDS, json=sent)
    assert answer.status_code == status, answer.text
    assert '"s"' not in answer.text


async def test_only_global_clouds_use_the_operators_file(client: httpx.AsyncClient) -> None:
    sent = cloud("GlobalCloud")
    part = sent["spec"]["openstack"]
    part["auth"] = {"type": "clouds_yaml", "clouds_yaml": {"cloud": "lab"}}
    refused = await client.post("/infrastructure/globalclouds", json=sent)
    assert (refused.status_code, "url is needed" in refused.text) == (422, True)
    del part["url"]
    assert (await client.post("/infrastructure/globalclouds", json=sent)).status_code == 201
