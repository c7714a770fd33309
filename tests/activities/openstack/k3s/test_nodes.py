"""A real API server accepts the administrator's certificate, and nodes are counted, drained and forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from kubernetes.aio.config import new_client_from_config_dict

from activities.kubernetes.connection import ClusterConnection
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.limits import Limits
from activities.openstack.k3s.authorities import ClusterSecrets
from activities.openstack.k3s.kubeconfig import admin_kubeconfig
from activities.openstack.k3s.nodes import Nodes, reach
from tests.activities.openstack.k3s.api_server import api_server
from tests.support.waiting import until

PODS = "/api/v1/namespaces/default/pods"


@dataclass
class Cluster:
    """A real API server, and nodes that nobody plays."""

    secrets: ClusterSecrets
    address: str
    nodes: Nodes
    admin: ClusterConnection

    async def add_node(self, name: str, *, ready: bool, labels: Mapping[str, str]) -> None:
        """A node with a condition."""
        metadata = {"name": name, "labels": dict(labels)}
        await self.admin.request("POST", "/api/v1/nodes", body={"metadata": metadata})
        condition = {"type": "Ready", "status": str(ready), "reason": "x", "message": "x"}
        for field in ("lastHeartbeatTime", "lastTransitionTime"):
            condition[field] = "2030-01-01T00:00:00Z"
        await self.admin.request(
            "PATCH",
            f"/api/v1/nodes/{name}/status",
            body={"status": {"conditions": [condition]}},
            content_type="application/merge-patch+json",
        )

    async def add_pod(self, name: str, node: str, **metadata: Any) -> None:
        """A Pod that is on a node."""
        spec = {"nodeName": node, "containers": [{"name": "main", "image": "example.test/main"}]}
        body = {"metadata": {"name": name, "labels": {"app": name}, **metadata}, "spec": spec}
        await self.admin.request("POST", PODS, body=body)
        # Budgets protect what runs.
        await self.admin.request(
            "PATCH",
            f"{PODS}/{name}/status",
            body={"status": {"phase": "Running"}},
            content_type="application/merge-patch+json",
        )

    async def pod_names(self) -> set[str]:
        """The Pods that are there."""
        answer = await self.admin.request("GET", PODS)
        return {pod["metadata"]["name"] for pod in answer["items"]}

    async def end(self, pod: str) -> None:
        """What a kubelet does when a Pod has ended."""
        await self.admin.request("DELETE", f"{PODS}/{pod}", body={"gracePeriodSeconds": 0})


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """One for the module."""
    secrets = ClusterSecrets.make("krake-1")
    async with api_server(tmp_path_factory.mktemp("k3s"), secrets) as address:
        kubeconfig = admin_kubeconfig(secrets, address, "demo")
        nodes = await reach(kubeconfig)
        client = await new_client_from_config_dict(kubeconfig)
        admin = ClusterConnection("demo", client, "default", Limits(timeout=10))

        async def answers() -> bool:
            # A connection of its own: the one for the tests rests after failures.
            trial = await reach(kubeconfig)
            try:
                await trial.ready()
            except ClusterError:
                return False
            finally:
                await trial.close()
            return True

        await until("the API server accepts the administrator's certificate", answers, 60)
        yield Cluster(secrets, address, nodes, admin)
        await nodes.close()
        await admin.close()


async def test_an_issued_certificate_makes_an_administrator(cluster: Cluster) -> None:
    review = {"spec": {"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = await cluster.admin.request("POST", path, body=review)
    assert answer["status"]["allowed"] is True
    who = await cluster.admin.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body={})
    assert who["status"]["userInfo"]["username"] == "krake-admin"
    assert "system:masters" in who["status"]["userInfo"]["groups"]


async def test_another_clusters_certificate_and_server_are_refused(cluster: Cluster) -> None:
    other = ClusterSecrets.make("krake-2")
    trusting = ClusterSecrets(
        {**other.files, "server-ca.crt": cluster.secrets.files["server-ca.crt"]},
        other.server_token,
        other.agent_token,
    )
    for secrets, why in ((trusting, "rejects the credentials"), (other, "does not answer")):
        nodes = await reach(admin_kubeconfig(secrets, cluster.address, "demo"))
        try:
            with pytest.raises(ClusterError, match=why):
                await nodes.ready()
        finally:
            await nodes.close()


async def test_only_nodes_that_krake_made_are_counted_and_forgotten(cluster: Cluster) -> None:
    await cluster.add_node("mine", ready=True, labels={"krake/managed": "true"})
    await cluster.add_node("starting", ready=False, labels={"krake/managed": "true"})
    await cluster.add_node("foreign", ready=True, labels={})
    assert await cluster.nodes.ready() == {"mine": True, "starting": False}
    await cluster.nodes.forget("starting")
    await cluster.nodes.forget("starting")
    assert await cluster.nodes.ready() == {"mine": True}


async def test_a_node_is_drained_as_kubectl_does_it(cluster: Cluster) -> None:
    await cluster.add_node("full", ready=True, labels={})
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "uid": "1", "controller": True}
    await cluster.add_pod("application", "full")
    await cluster.add_pod("protected", "full")
    await cluster.add_pod("daemon", "full", ownerReferences=[owner])
    await cluster.add_pod("elsewhere", "mine")
    budget = {
        "metadata": {"name": "keep"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "protected"}}},
    }
    budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
    await cluster.admin.request("POST", budgets, body=budget)

    assert await cluster.nodes.drain("full") == 2
    node = await cluster.admin.request("GET", "/api/v1/nodes/full")
    assert node["spec"]["unschedulable"] is True
    application = await cluster.admin.request("GET", f"{PODS}/application")
    protected = await cluster.admin.request("GET", f"{PODS}/protected")
    assert "deletionTimestamp" in application["metadata"] and "deletionTimestamp" not in protected["metadata"]

    await cluster.end("application")
    await cluster.admin.request("DELETE", f"{budgets}/keep")
    assert await cluster.nodes.drain("full") == 1
    await cluster.end("protected")
    assert await cluster.nodes.drain("full") == 0
    assert await cluster.pod_names() == {"daemon", "elsewhere"}


async def test_a_node_that_is_gone_has_nothing_to_drain(cluster: Cluster) -> None:
    assert await cluster.nodes.drain("gone") == 0
