"""What the nodes of a cluster offer."""

from __future__ import annotations

from typing import Any

from scheduler.nodes import Offer, has_grown, offer_of
from scheduler.taints import Toleration


def node(cpu: str = "2", *, ready: bool = True, taint: str = "", unschedulable: bool = False) -> Any:
    """A node as a cluster's status has it."""
    taints = [{"key": taint, "effect": "NoSchedule"}] if taint else []
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    allocatable = {"cpu": cpu} if cpu else {}
    status = {"conditions": [condition], "allocatable": allocatable, "architecture": "arm64"}
    return {
        "metadata": {"name": "n"},
        "spec": {"taints": taints, "unschedulable": unschedulable},
        "status": status,
    }


def test_only_usable_nodes_count() -> None:
    offer = offer_of([node(), node("500m"), node(ready=False), node(unschedulable=True), node(taint="gpu")])
    assert offer == Offer((("cpu", 2500),), ((("cpu", 2000),), (("cpu", 500),)), frozenset({"arm64"}))
    tolerant = offer_of([node(taint="gpu")], [Toleration("gpu", "Exists")])
    assert tolerant.allocatable == (("cpu", 2000),)
    assert offer_of([node(taint="node.kubernetes.io/not-ready")]).allocatable == (("cpu", 2000),)


def test_what_no_node_tells_is_not_known_and_what_no_usable_node_has_is_not_there() -> None:
    assert offer_of([]).allocatable is None
    assert offer_of([node("")]).allocatable is None
    assert offer_of([node(ready=False)]).allocatable == (("cpu", 0),)


def test_growth_is_more_room_or_nodes_that_somebody_may_use() -> None:
    assert has_grown([node()], [node(), node()])
    assert has_grown([node(taint="gpu")], [node()])
    assert has_grown([node(taint="gpu")], [node(taint="gpu"), node(taint="gpu")])
    assert not has_grown([node(), node()], [node()])
    assert not has_grown([node()], [node()])
