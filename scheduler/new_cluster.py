"""Clusters that are not there yet, as candidates: what a new one would offer, and who could share it.

A cluster that is made has the labels and metrics of its cloud, and the machines that were asked for. It is
judged by the same filters as all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from krake.models.cluster import ClusterState
from krake.models.quantities import CPU, MEMORY, PODS
from scheduler.amounts import Amounts, amounts, times
from scheduler.columns import Snapshot
from scheduler.decide import Outcome, decide
from scheduler.snapshot import Candidate, Request

_USABLE = 0.9
"""The part of a machine that is left to applications: the system and Kubernetes take some of it."""
_PODS = 110
"""Kubernetes' own limit for one node."""
_MEBIBYTE = 2**20


def node_of(flavors: Sequence[Mapping[str, Any]], name: str | None) -> Amounts | None:
    """What a node of this size will offer; None where the cloud does not tell.

    Args:
        flavors: `status.flavors` of the cloud.
        name: the size; None where the provider chooses.
    """
    found = next((flavor for flavor in flavors if flavor["name"] == name), None)
    if found is None:
        return None
    return amounts(
        {
            CPU: int(found["cpus"] * 1000 * _USABLE),
            MEMORY: int(found["memory_mib"] * _MEBIBYTE * _USABLE),
            PODS: _PODS,
        }
    )


def as_made(
    cloud: Candidate,
    *,
    namespace: str,
    name: str,
    uid: str = "",
    labels: Mapping[str, str] | None = None,
    node: Amounts | None = None,
    nodes: int = 1,
    promised: Amounts = (),
) -> Candidate:
    """A cluster on a cloud, as it will be once it is made.

    Args:
        cloud: its cloud, with labels and metrics.
        namespace: its namespace.
        name: its name.
        uid: its uid, where it has one already.
        labels: its own labels.
        node: what each of its nodes will offer; None where that is not known.
        nodes: how many there are.
        promised: what those need that wait for it already.
    """
    return replace(
        cloud,
        namespace=namespace,
        name=name,
        uid=uid,
        api="kubernetes",
        kind="Cluster",
        labels={**(labels or {}), **cloud.labels},
        inherited_labels=frozenset(cloud.labels),
        metrics={key: sample._replace(inherited=True) for key, sample in cloud.metrics.items()},
        state=ClusterState.ONLINE,
        grants=frozenset(),
        allocatable=None if node is None else times(node, nodes),
        nodes=() if node is None else (node,) * nodes,
        reserved=promised,
    )


def judged(request: Request, candidate: Candidate, now: datetime) -> Outcome:
    """Whether the application fits on it, which it is not on yet, and what it would be worth."""
    new = replace(request, current=None, held=())
    return decide(new, Snapshot([candidate]), now=now, trigger="a new cluster", stickiness=0.0)


def nodes_needed(
    request: Request, cloud: Candidate, node: Amounts | None, fewest: int, most: int, now: datetime
) -> int | Outcome:
    """How many nodes a cluster for the application alone needs; else why no number is enough.

    Args:
        request: what the application wants.
        cloud: the cloud that the cluster is to be made on.
        node: what each node will offer; None where that is not known: then the fewest have to do.
        fewest: the number to begin with.
        most: the largest number that is allowed.
        now: the moment of the decision.
    """
    count = fewest
    while True:
        made = as_made(cloud, namespace=request.namespace, name="a new cluster", node=node, nodes=count)
        outcome = judged(request, made, now)
        if outcome.chosen is not None:
            return count
        if count >= most or node is None:
            return outcome
        count += 1
