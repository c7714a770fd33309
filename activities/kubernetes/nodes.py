"""A cluster's nodes and what they say about its state."""

from __future__ import annotations

from typing import Any

from activities.kubernetes.connection import ClusterConnection
from krake.models.cluster import (
    ClusterNode,
    ClusterState,
    NodeCondition,
    NodeMetadata,
    NodeSpec,
    NodeStatus,
    NodeTaint,
)

_CONDITION_FIELDS = ("type", "status", "reason", "message")


async def read_nodes(connection: ClusterConnection) -> list[ClusterNode]:
    """The nodes as they are now.

    Raises:
        ClusterError: the cluster does not answer or refuses.
    """
    answer = await connection.request("GET", "/api/v1/nodes", query={"resourceVersion": "0"})
    return [_node(item) for item in answer.get("items") or []]


def is_ready(node: ClusterNode) -> bool:
    """Whether the node can run Pods."""
    return any(item.type == "Ready" and item.status == "True" for item in node.status.conditions)


def judge(nodes: list[ClusterNode]) -> tuple[ClusterState, str]:
    """The state of a cluster that answers, and why.

    A bad node makes a cluster smaller, not unusable: only when less than half of the nodes are ready is the
    cluster NOTREADY.
    """
    ready = sum(1 for node in nodes if is_ready(node))
    if not nodes:
        return ClusterState.NOTREADY, "the cluster has no nodes"
    if ready * 2 < len(nodes):
        return ClusterState.NOTREADY, f"{ready} of {len(nodes)} nodes ready"
    return ClusterState.ONLINE, ""


def _node(document: dict[str, Any]) -> ClusterNode:
    spec, status = document.get("spec") or {}, document.get("status") or {}
    conditions = [
        NodeCondition(**{field: str(item.get(field, "")) for field in _CONDITION_FIELDS})
        for item in status.get("conditions") or []
    ]
    return ClusterNode(
        metadata=NodeMetadata(name=document["metadata"]["name"]),
        spec=NodeSpec(
            unschedulable=bool(spec.get("unschedulable")),
            taints=[
                NodeTaint(key=item["key"], value=item.get("value") or "", effect=item["effect"])
                for item in spec.get("taints") or []
            ],
        ),
        status=NodeStatus(
            conditions=conditions,
            allocatable=status.get("allocatable") or {},
            architecture=_architecture(document),
        ),
    )


def _architecture(document: dict[str, Any]) -> str:
    told = ((document.get("status") or {}).get("nodeInfo") or {}).get("architecture")
    return str(told or (document["metadata"].get("labels") or {}).get("kubernetes.io/arch") or "")
