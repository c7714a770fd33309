"""The few calls to a sandbox's API server that making it ready takes."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

import httpx

from krake.embedded.credentials import HOST, Credentials, User
from krake.errors import KrakeError

NOT_READY_TAINT = "node.kubernetes.io/not-ready"
PODS_PER_NODE = 1000


class KubernetesApi:
    """A small client of one API server; used as an asynchronous context manager."""

    def __init__(self, credentials: Credentials, port: int) -> None:
        trust = ssl.create_default_context(cafile=str(credentials.certificate))
        token = credentials.token(User.ADMIN)
        self._client = httpx.AsyncClient(
            base_url=f"https://{HOST}:{port}",
            verify=trust,
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._client.aclose()

    async def answers(self, path: str = "/readyz") -> bool:
        """Whether a path answers with success."""
        try:
            return (await self._client.get(path)).is_success
        except httpx.TransportError:
            return False

    async def add_node(self, node: Mapping[str, Any]) -> None:
        """Adds a node; one that is there stays as it is.

        Raises:
            KrakeError: the API server refuses it.
        """
        answer = await self._client.post("/api/v1/nodes", json=dict(node))
        if answer.is_error and answer.status_code != HTTPStatus.CONFLICT:
            raise KrakeError("A node was refused", why=str(answer.json().get("message", answer.text)))

    async def remove_node(self, name: str) -> None:
        """Removes a node; nothing happens where it is gone.

        Raises:
            KrakeError: the API server refuses it.
        """
        answer = await self._client.delete(f"/api/v1/nodes/{name}")
        if answer.is_error and answer.status_code != HTTPStatus.NOT_FOUND:
            raise KrakeError("A node stays", why=str(answer.json().get("message", answer.text)))

    async def release_nodes(self) -> None:
        """Takes the nodes from whoever plays them, so that a kwok that starts plays them at once.

        A kwok that finds another one's lease of a node leaves that node alone until the lease has expired.

        Raises:
            KrakeError: the API server refuses it.
        """
        answer = await self._client.delete("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases")
        if answer.is_error and answer.status_code != HTTPStatus.NOT_FOUND:
            raise KrakeError("The nodes' leases stay", why=str(answer.json().get("message", answer.text)))

    async def nodes_ready(self, count: int) -> bool:
        """Whether `count` nodes are ready and take Pods."""
        answer = await self._client.get("/api/v1/nodes")
        return answer.is_success and sum(map(_takes_pods, answer.json()["items"])) >= count


def node_name(index: int) -> str:
    """The name of the node with this number, from 0."""
    return f"node-{index}"


def node(index: int, cpu: str, memory: str) -> dict[str, Any]:
    """A node as its kubelet would register it.

    Args:
        index: its number, from 0.
        cpu: its cores as a Kubernetes quantity, such as `8` or `500m`.
        memory: its memory as a Kubernetes quantity, such as `32Gi`.
    """
    name = node_name(index)
    resources = {"cpu": cpu, "memory": memory, "ephemeral-storage": "100Gi", "pods": str(PODS_PER_NODE)}
    labels = {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
        "node-role.kubernetes.io/worker": "",
        "type": "kwok",
    }
    addresses = [
        {"type": "InternalIP", "address": f"10.64.{index // 250}.{index % 250 + 1}"},
        {"type": "Hostname", "address": name},
    ]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"capacity": resources, "allocatable": resources, "addresses": addresses},
    }


def _takes_pods(item: Mapping[str, Any]) -> bool:
    conditions = item["status"].get("conditions", [])
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    return ready and not any(taint["key"] == NOT_READY_TAINT for taint in item["spec"].get("taints", []))
