"""What a cluster's nodes offer to the Pods of one application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from krake.models.quantities import offered
from scheduler.amounts import Amounts, amounts
from scheduler.taints import Effect, Taint, Toleration, repelling

Document = Mapping[str, Any]

_REPELLING = (Effect.NO_SCHEDULE, Effect.NO_EXECUTE)
_EVERYTHING = (Toleration(operator="Exists"),)
_CONDITIONS = "node.kubernetes.io/"
"""Taints that Kubernetes derives from a node's conditions, which are looked at themselves."""
_EFFECTS = {effect.value: effect for effect in Effect}


class Offer(NamedTuple):
    """What the usable nodes of a cluster offer."""

    allocatable: Amounts | None
    """Their sum, with a zero for what no usable node has; None where no node tells what it offers."""
    nodes: tuple[Amounts, ...]
    architectures: frozenset[str]


def offer_of(nodes: Sequence[Document], tolerations: Iterable[Toleration] = ()) -> Offer:
    """The offer of the nodes that are ready, not cordoned, and not tainted against the application.

    Args:
        nodes: a cluster's `status.nodes`.
        tolerations: what all Pods of the application put up with.

    Raises:
        ValueError: a node offers something that is no quantity.
    """
    tolerated = tuple(tolerations)
    found = [_allocatable(node) for node in nodes]
    usable = [one for one, node in zip(found, nodes, strict=True) if _is_usable(node, tolerated)]
    if not any(found):
        return Offer(None, (), _architectures(nodes, tolerated))
    sums = {dimension: 0 for one in found for dimension in one}
    for one in usable:
        for dimension, amount in one.items():
            sums[dimension] += amount
    return Offer(
        tuple(sorted(sums.items())), tuple(amounts(one) for one in usable), _architectures(nodes, tolerated)
    )


def has_grown(before: Sequence[Document], after: Sequence[Document]) -> bool:
    """Whether some applications may find room, or nodes that they tolerate, that was not there before."""
    return any(
        amount > dict(offer_of(before, tolerations).allocatable or ()).get(dimension, 0)
        for tolerations in ((), _EVERYTHING)
        for dimension, amount in offer_of(after, tolerations).allocatable or ()
    )


def taints_of(documents: Iterable[Document]) -> tuple[Taint, ...]:
    """Taints as specs and nodes carry them; effects that Kubernetes does not know are left out."""
    return tuple(
        Taint(str(one["key"]), str(one.get("value") or ""), _EFFECTS[one["effect"]])
        for one in documents
        if one.get("effect") in _EFFECTS
    )


def _allocatable(node: Document) -> dict[str, int]:
    told = (node.get("status") or {}).get("allocatable") or {}
    return {name: offered(name, value) for name, value in told.items()}


def _is_usable(node: Document, tolerations: Sequence[Toleration]) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    spec = node.get("spec") or {}
    taints = (one for one in taints_of(spec.get("taints") or ()) if not one.key.startswith(_CONDITIONS))
    repelled = repelling(taints, tolerations, _REPELLING)
    return ready and not spec.get("unschedulable") and not repelled


def _architectures(nodes: Sequence[Document], tolerations: Sequence[Toleration]) -> frozenset[str]:
    """Of the usable nodes; empty, that is not known, where none of them tells."""
    told = ((node.get("status") or {}).get("architecture") for node in nodes if _is_usable(node, tolerations))
    return frozenset(one for one in told if one)
