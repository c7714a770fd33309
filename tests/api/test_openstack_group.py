"""Projects and Magnum clusters: credentials, bindings, statuses, and what goes with what."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from krake.store import NewEvent, Store

PROJECTS = "/openstack/namespaces/testing/projects"
MAGNUMS = "/openstack/namespaces/testing/magnumclusters"
ONE = f"{MAGNUMS}/shop"
SECRET = "keystone-secret"
REF = {"api": "openstack", "kind": "Project", "namespace": "testing", "name": "edge"}
BINDING = {"project": {"name": "edge"}, "template": "k8s"}
CREDENTIAL = {"type": "application_credential", "application_credential": {"id": "c1", "secret": SECRET}}


def project(**spec: Any) -> dict[str, Any]:
    """A project as clients of the original Krake create it."""
    password = {"user": {"id": "u1", "password": SECRET}, "project": {"id": "p1"}}
    auth = {"type": "password", "password": password}
    full = {"url": "http://keystone:5000/v3", "auth": auth, "template": "k8s", **spec}
    return {"api": "openstack", "kind": "Project", "metadata": {"name": "edge"}, "spec": full}


def magnum(**spec: Any) -> dict[str, Any]:
    """A Magnum cluster."""
    return {"metadata": {"name": "shop"}, "spec": spec}


@pytest.fixture
async def bound(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client; there is a project, and a Magnum cluster that is bound to it."""
    assert (await client.post(PROJECTS, json=project())).status_code == 201
    assert (await client.post(MAGNUMS, json=magnum(node_count=1, master_count=1))).status_code == 201
    assert (await client.put(f"{ONE}/binding", json=BINDING)).status_code == 200
    return client


@pytest.mark.parametrize("spec", [{}, {"auth": CREDENTIAL}])
async def test_secrets_are_kept_and_never_shown(
    client: httpx.AsyncClient, store: Store, spec: dict[str, Any]
) -> None:
    made = await client.post(PROJECTS, json=project(**spec))
    shown = made.json()
    shown["spec"]["template"] = "other"
    answers = [made, await client.put(f"{PROJECTS}/edge", json=shown), await client.get(PROJECTS)]
    for answer in answers:
        assert answer.status_code in (200, 201), answer.text
        assert SECRET not in answer.text
        assert "<redacted>" in answer.text
    record = await store.get("Project", "testing", "edge")
    assert SECRET not in str(record.spec)
    kept = await store.secret(record.uid, "spec")
    assert kept is not None
    assert SECRET.encode() in kept, "and the placeholder that came back left it as it was"
    shown["spec"]["url"] = "http://elsewhere:5000/v3"
    refused = await client.put(f"{PROJECTS}/edge", json=shown)
    assert refused.status_code == 422
    assert "give it again" in refused.text


@pytest.mark.parametrize(
    ("path", "document", "words"),
    [
        (PROJECTS, project(auth={"type": "token"}), "Unknown type 'token'"),
        (MAGNUMS, magnum(master_count=2), "master_count"),
        (MAGNUMS, magnum(constraints={"project": {"labels": ["in ()"]}}), "constraints.project.labels"),
    ],
)
async def test_what_does_not_fit_is_said(
    client: httpx.AsyncClient, path: str, document: dict[str, Any], words: str
) -> None:
    refused = await client.post(path, json=document)
    assert refused.status_code == 422
    assert words in refused.text


async def test_a_binding_is_noted_with_its_owner(bound: httpx.AsyncClient) -> None:
    shown = (await bound.get(ONE)).json()
    assert (shown["status"]["project"], shown["status"]["template"]) == (REF, "k8s")
    assert shown["metadata"]["owners"] == [REF]
    # A client that sends back what it got makes no owner of the project.
    sent = {**shown, "spec": {**shown["spec"], "node_count": 3}}
    answer = await bound.put(ONE, json=sent)
    assert (answer.status_code, answer.json()["metadata"]["owners"]) == (200, [REF])
    elsewhere = {"project": {"name": "edge", "namespace": "other"}, "template": "k8s"}
    refused = await bound.put(f"{ONE}/binding", json=elsewhere)
    assert refused.status_code == 422
    assert "no project 'edge' in namespace 'testing'" in refused.text


async def test_what_is_made_keeps_its_project_and_its_masters(bound: httpx.AsyncClient, store: Store) -> None:
    await _write(store, {"cluster": {"name": "shop-1"}})
    refused = await bound.put(f"{ONE}/binding", json={**BINDING, "template": "other"})
    assert refused.status_code == 409
    assert "does not move between projects" in refused.text
    refused = await bound.put(ONE, json=magnum(node_count=1, master_count=3))
    assert refused.status_code == 422
    assert "spec.master_count" in refused.text


async def test_addresses_can_be_reported_and_states_only_seen(bound: httpx.AsyncClient, store: Store) -> None:
    await _write(store, {"state": "RUNNING"})
    shown = (await bound.get(ONE)).json()
    status = {**shown["status"], "node_addresses": ["10.0.0.7"], "cluster_id": "somebody's"}
    answer = await bound.put(f"{ONE}/status", json={**shown, "status": status})
    assert answer.status_code == 200, answer.text
    reported = answer.json()["status"]
    assert (reported["node_addresses"], reported["cluster_id"]) == (["10.0.0.7"], None)
    status["state"] = "CREATING"
    assert (await bound.put(f"{ONE}/status", json={**shown, "status": status})).status_code == 422


async def test_a_project_reports_failing_metrics(bound: httpx.AsyncClient) -> None:
    shown = (await bound.get(f"{PROJECTS}/edge")).json()
    reasons = {"load": {"code": "UNKNOWN_METRIC", "message": "there is no such metric"}}
    status = {"state": "FAILING_METRICS", "metrics_reasons": reasons}
    answer = await bound.put(f"{PROJECTS}/edge/status", json={**shown, "status": status})
    assert (answer.status_code, answer.json()["status"]["metrics_reasons"]) == (200, reasons)


async def test_a_project_in_use_goes_only_with_what_uses_it(bound: httpx.AsyncClient, store: Store) -> None:
    refused = await bound.delete(f"{PROJECTS}/edge")
    assert refused.status_code == 409
    assert "still used by Magnum cluster testing/shop" in refused.text
    assert (await bound.delete(f"{PROJECTS}/edge", params={"policy": "cascade"})).status_code == 200
    assert (await store.get("Project", "testing", "edge")).deleted is not None
    assert (await store.get("MagnumCluster", "testing", "shop")).deleted is not None


async def test_its_cluster_is_deleted_with_it(bound: httpx.AsyncClient, store: Store) -> None:
    owner = {"api": "openstack", "kind": "MagnumCluster", "namespace": "testing", "name": "shop"}
    async with store.transaction() as transaction:
        await transaction.create(
            "Cluster",
            "testing",
            "shop-1",
            labels={},
            spec={"infrastructure": {"nodes": 1}, "kubeconfig": {}},
            status={"scheduled_to": REF},
            event=NewEvent("Created"),
            owners=[owner],
        )
    assert (await bound.delete(ONE)).status_code == 200
    assert (await store.get("Cluster", "testing", "shop-1")).deleted is not None
    refused = await bound.delete(f"{PROJECTS}/edge")
    assert "Magnum cluster testing/shop; cluster testing/shop-1" in refused.text


async def _write(store: Store, changes: dict[str, Any]) -> None:
    async with store.transaction() as transaction:
        await transaction.write_status(await transaction.get("MagnumCluster", "testing", "shop"), changes)
