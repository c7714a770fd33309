"""A cluster's nodes as its own API sees them: counted, drained, and forgotten."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from kubernetes.aio.config import new_client_from_config_dict

from activities.kubernetes.connection import JSON, ClusterConnection
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.limits import Limits

MANAGED = "krake/managed"
"""The label of the nodes whose servers Krake made."""

_LIMITS = Limits(timeout=10.0, concurrency=4)
_MERGE_PATCH = "application/merge-patch+json"
_MIRROR = "kubernetes.io/config.mirror"
_ENDED = ("Succeeded", "Failed")
_MUST_WAIT = 429


class Nodes(Protocol):
    """The nodes of one cluster. Every call may raise `ClusterError`."""

    async def ready(self) -> Mapping[str, bool]:
        """Whether each node that Krake made is ready, by name. Shows that the API accepts the credentials."""
        ...

    async def drain(self, name: str) -> int:
        """Have a node take no Pods any more and its Pods leave; how many are still there."""
        ...

    async def forget(self, name: str) -> None:
        """Remove the node whose server is gone; k3s then also takes it out of etcd."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


Reach = Callable[[Mapping[str, Any]], Awaitable[Nodes]]
"""Opens a cluster by a kubeconfig."""


async def reach(kubeconfig: Mapping[str, Any]) -> Nodes:
    """The nodes of the cluster that a kubeconfig of `admin_kubeconfig` leads to."""
    client = await new_client_from_config_dict(dict(kubeconfig))
    connection = ClusterConnection(str(kubeconfig["current-context"]), client, "default", _LIMITS)
    return KubernetesNodes(connection)


class KubernetesNodes:
    """`Nodes` by the Kubernetes API."""

    def __init__(self, connection: ClusterConnection) -> None:
        self._connection = connection

    async def ready(self) -> Mapping[str, bool]:
        """Whether each node that Krake made is ready, by name.

        Raises:
            ClusterError: the API does not answer, with the expected certificate, or refuses.
        """
        query = {"labelSelector": f"{MANAGED}=true"}
        answer = await self._connection.request("GET", "/api/v1/nodes", query=query)
        return {str(node["metadata"]["name"]): _is_ready(node) for node in answer.get("items") or []}

    async def drain(self, name: str) -> int:
        """Have a node take no Pods any more, evict its Pods, and count those that are still there.

        A Pod that its disruption budget holds back stays for now.

        Raises:
            ClusterError: the API does not answer or refuses.
        """
        unschedulable = {"spec": {"unschedulable": True}}
        path = f"/api/v1/nodes/{name}"
        try:
            await self._connection.request("PATCH", path, body=unschedulable, content_type=_MERGE_PATCH)
        except ClusterError as error:
            if error.not_found:
                return 0
            raise
        pods = await self._leaving(name)
        for pod in pods:
            if not pod["metadata"].get("deletionTimestamp"):
                await self._evict(pod)
        return len(pods)

    async def forget(self, name: str) -> None:
        """Remove the node; nothing happens where it is not there.

        Raises:
            ClusterError: the API does not answer or refuses.
        """
        try:
            await self._connection.request("DELETE", f"/api/v1/nodes/{name}")
        except ClusterError as error:
            if not error.not_found:
                raise

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def _leaving(self, name: str) -> list[dict[str, Any]]:
        query = {"fieldSelector": f"spec.nodeName={name}"}
        answer = await self._connection.request("GET", "/api/v1/pods", query=query, accept=JSON)
        return [pod for pod in answer.get("items") or [] if _leaves(pod)]

    async def _evict(self, pod: Mapping[str, Any]) -> None:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        path = f"/api/v1/namespaces/{namespace}/pods/{name}/eviction"
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
        }
        try:
            await self._connection.request("POST", path, body=body)
        except ClusterError as error:
            if not error.not_found and error.status != _MUST_WAIT:
                raise


def _is_ready(node: Mapping[str, Any]) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    return any(item.get("type") == "Ready" and item.get("status") == "True" for item in conditions)


def _leaves(pod: Mapping[str, Any]) -> bool:
    """Whether a Pod has to leave a node that is drained, as `kubectl drain` sees it."""
    metadata = pod["metadata"]
    if _MIRROR in (metadata.get("annotations") or {}):
        return False
    if (pod.get("status") or {}).get("phase") in _ENDED:
        return False
    return all(owner.get("kind") != "DaemonSet" for owner in metadata.get("ownerReferences") or [])
