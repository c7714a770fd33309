"""Who goes with whom: the graph of owners, and in which order its members are deleted.

A resource names its owners. When an owner is deleted, what names it goes first: children before parents. A
resource with two owners (a diamond) is visited once, an owner that does not exist does no harm. Resources
that own each other in a circle cannot each wait for the other: inside of a circle nobody waits.

Everything here is pure: who calls it reads the graph from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Node(NamedTuple):
    """A resource in the graph; ordered by kind, namespace and name."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


Owners = Mapping[Node, frozenset[Node]]
"""Each resource with the owners it names. An owner need not be there."""


def node_of(reference: Mapping[str, Any]) -> Node:
    """The resource that a stored reference names."""
    return Node(reference["kind"], reference.get("namespace") or "", reference["name"])


def dependents(owners: Owners, node: Node) -> list[Node]:
    """The resources that name this one as an owner."""
    return sorted(child for child, named in owners.items() if node in named)


def _children(owners: Owners) -> dict[Node, list[Node]]:
    children: dict[Node, list[Node]] = {}
    for child in sorted(owners):
        for owner in owners[child]:
            children.setdefault(owner, []).append(child)
    return children


def descendants(owners: Owners, roots: Iterable[Node]) -> set[Node]:
    """Everything that goes when the roots go, the roots included."""
    children = _children(owners)
    seen: set[Node] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += children.get(node, [])
    return seen


def blockers(owners: Owners, node: Node) -> list[Node]:
    """What has to be gone before the resource may go: its dependents, without those that it depends on."""
    above = _ancestors(owners, node)
    return [child for child in dependents(owners, node) if child != node and child not in above]


def _ancestors(owners: Owners, node: Node) -> set[Node]:
    """The owners of the resource, and theirs."""
    seen: set[Node] = set()
    waiting = list(owners.get(node, ()))
    while waiting:
        owner = waiting.pop()
        if owner not in seen:
            seen.add(owner)
            waiting += owners.get(owner, ())
    return seen


def deletion_order(owners: Owners, roots: Iterable[Node]) -> list[list[Node]]:
    """Everything that goes with the roots, in steps: what is in one step goes side by side.

    The same graph always gives the same steps. They end: each step removes at least one resource, because the
    circles count as one and the rest has an order.
    """
    left = descendants(owners, roots)
    waits = {node: {child for child in blockers(owners, node) if child in left} for node in left}
    steps = []
    while left:
        step = sorted(node for node in left if not waits[node] & left)
        steps.append(step)
        left -= set(step)
    return steps
