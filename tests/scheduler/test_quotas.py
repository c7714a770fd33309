"""Clouds that have no room for another cluster, by what they tell of their quotas."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.clouds import choose_cloud
from scheduler.quotas import Machines, lacks
from scheduler.record import recorded
from scheduler.render import render
from tests.scheduler.fleet import NOW
from tests.scheduler.test_clouds import cloud, name_of, new_cluster

SMALL = {"name": "small", "cpus": 2, "memory_mib": 4096}
FOUR = Machines(workers=3, flavor="small", control_plane_flavor="small")


def status(**quotas: tuple[int, int]) -> dict[str, Any]:
    """A cloud's status with limits, and what is used of them."""
    found = [{"resource": name, "limit": limit, "used": used} for name, (limit, used) in quotas.items()]
    return {"flavors": [SMALL], "quotas": found}


@pytest.mark.parametrize(
    ("quotas", "machines", "words"),
    [
        ({"clusters": (10, 10)}, None, "quota of clusters: needs 1, 0 of 10 left"),
        ({"clusters": (10, 9)}, FOUR, ""),
        ({"clusters": (0, 0)}, None, "quota of clusters: needs 1, 0 of 0 left"),
        ({"clusters": (-1, 90)}, FOUR, ""),
        ({"instances": (20, 17)}, FOUR, "quota of instances: needs 4, 3 of 20 left"),
        ({"servers": (20, 16)}, FOUR, ""),
        ({"cores": (20, 13)}, FOUR, "quota of cores: needs 8, 7 of 20 left"),
        ({"cpus": (20, 12), "memory_mib": (16384, 1)}, FOUR, "memory_mib: needs 16384, 16383 of 16384 left"),
        ({"cores": (2, 9)}, Machines(workers=9, flavor="huge"), ""),
        ({"cores": (20, 15)}, Machines(workers=3, flavor="small"), "quota of cores: needs 6, 5 of 20 left"),
        ({"instances": (1, 0)}, None, ""),
        ({"networks": (1, 1)}, FOUR, ""),
        ({}, FOUR, ""),
    ],
)
def test_what_a_cloud_lacks_and_what_is_unknown_refuses_nothing(
    quotas: dict[str, tuple[int, int]], machines: Machines | None, words: str
) -> None:
    found = lacks(status(**quotas), machines)
    assert found.endswith(words) if words else not found


def test_what_was_ordered_before_is_not_left() -> None:
    told = status(clusters=(10, 7), instances=(20, 9))
    assert lacks(told, FOUR, [FOUR, None]) == ""
    assert lacks(told, FOUR, [FOUR, FOUR, None]) == (
        "quota of clusters: needs 1, 0 of 10 left besides 3 for clusters ordered before, "
        "quota of instances: needs 4, 3 of 20 left besides 8 for clusters ordered before"
    )


def test_the_machines_of_a_spec() -> None:
    spec = {"infrastructure": {"nodes": 3, "control_plane_nodes": 3, "flavor": "small"}}
    assert Machines.of(spec) == Machines(3, 3, "small", "small")
    assert Machines.of({"infrastructure": None, "tosca": {"a": 1}}) is None
    assert lacks({}, FOUR) == ""


def test_a_cloud_without_room_is_not_chosen_and_the_decision_says_why() -> None:
    full, other = cloud("a-full"), cloud("b-other")
    lacking = {full.uid: "quota of clusters: needs 1, 0 of 10 left", other.uid: ""}
    found = choose_cloud(new_cluster(), [full, other], now=NOW, trigger="test", lacking=lacking)
    assert name_of(found) == "b-other"
    told = {one.cluster.name: one.refusal for one in render(recorded(found)).candidates}
    assert told == {"a-full": lacking[full.uid], "b-other": ""}
    nowhere = choose_cloud(new_cluster(), [full], now=NOW, trigger="test", lacking=lacking)
    assert name_of(nowhere) is None
    assert "a-full (quota of clusters: needs 1, 0 of 10 left)" in nowhere.summary
