"""Clusters that are not there yet, judged as if they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint
from scheduler.amounts import Amounts
from scheduler.decide import Outcome
from scheduler.new_cluster import as_made, judged, node_of, nodes_needed
from scheduler.requirements import Needs
from scheduler.snapshot import EVERYBODY, Candidate, Request

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SKY = Candidate(
    "",
    "sky",
    "uid-sky",
    labels={"location": "DE"},
    state=ClusterState.ONLINE,
    api="infrastructure",
    kind="GlobalCloud",
    grants=frozenset({EVERYBODY}),
)
APPLICATION = Request("testing", "echo", "uid-echo", labels=(LabelConstraint.parse("location is DE"),))
FLAVORS = [{"name": "small", "cpus": 2, "memory_mib": 4096}]


def asking(cpu: int, *, pods: tuple[Amounts, ...] = (), per_node: int = 0) -> Request:
    """The application with what it needs, in thousandths of a core."""
    needs = Needs((("cpu", cpu),), (("cpu", per_node),) if per_node else (), pods)
    return replace(APPLICATION, needs=needs)


def test_a_tenth_of_a_node_is_left_to_the_system() -> None:
    assert dict(node_of(FLAVORS, "small") or ()) == {"cpu": 1800, "memory": int(0.9 * 2**32), "pods": 110}
    assert node_of(FLAVORS, "huge") is None
    assert node_of(FLAVORS, None) is None


def test_a_new_cluster_has_the_labels_of_its_cloud_and_its_own() -> None:
    made = as_made(SKY, namespace="testing", name="new", labels={"location": "IT", "own": "1"})
    assert (made.kind, made.labels) == ("Cluster", {"location": "DE", "own": "1"})
    assert made.inherited_labels == {"location"}
    assert judged(APPLICATION, made, NOW).chosen == made
    elsewhere = as_made(replace(SKY, labels={"location": "IT"}), namespace="testing", name="new")
    assert judged(APPLICATION, elsewhere, NOW).chosen is None


@pytest.mark.parametrize(
    ("request_", "nodes"),
    [
        (asking(1800), 1),
        (asking(1801), 2),
        (asking(5400), 3),
        (asking(3400, per_node=100), 2),
        (asking(3500, per_node=100), 3),
        (asking(1, pods=((("cpu", 1800),),)), 1),
    ],
)
def test_it_gets_as_many_nodes_as_are_needed(request_: Request, nodes: int) -> None:
    assert nodes_needed(request_, SKY, node_of(FLAVORS, "small"), 1, 3, NOW) == nodes


@pytest.mark.parametrize("request_", [asking(5401), asking(1, pods=((("cpu", 1801),),))])
def test_what_no_number_of_nodes_is_enough_for_is_told(request_: Request) -> None:
    found = nodes_needed(request_, SKY, node_of(FLAVORS, "small"), 1, 3, NOW)
    assert isinstance(found, Outcome)
    assert "cpu" in found.summary


def test_where_sizes_are_not_known_the_fewest_have_to_do() -> None:
    assert nodes_needed(asking(10**6), SKY, None, 2, 9, NOW) == 2


def test_who_waits_already_takes_room() -> None:
    node = node_of(FLAVORS, "small")
    shared = as_made(SKY, namespace="testing", name="new", node=node, promised=(("cpu", 1000),))
    assert judged(asking(800), shared, NOW).chosen is not None
    assert judged(asking(801), shared, NOW).chosen is None
