"""How an application that is to be spread sees its siblings."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.documents import candidates_of, wanted_by
from scheduler.filters import EvenlySpread
from scheduler.spreading import with_spread

LABELS = {"team": "web"}


def cluster(name: str, location: str | None, state: str = "ONLINE", **spec: Any) -> dict[str, Any]:
    """A cluster as the API shows it; its uid is its name."""
    labels = {} if location is None else {"location": location}
    metadata = {"namespace": "testing", "name": name, "uid": name, "labels": labels, "deleted": None}
    return {"metadata": metadata, "spec": spec, "status": {"state": state}}


def open_to(clusters: list[dict[str, Any]], siblings: list[str], **constraints: Any) -> set[str]:
    """The clusters that a new application may go to."""
    spread = {"over": "location", "among": "team", "max_skew": 1}
    spec = {"constraints": {"cluster": {"spread": spread, **constraints}}}
    metadata = {"namespace": "testing", "name": "echo", "uid": "u", "labels": LABELS}
    request = wanted_by({"metadata": metadata, "spec": spec}, None)
    request = with_spread(request, spec, LABELS, clusters, siblings)
    found = candidates_of(clusters, request, {})
    return {one.name for one in found if EvenlySpread().verdict(request, one).passed}


CLUSTERS = [cluster("a1", "DE"), cluster("a2", "DE"), cluster("b", "IT"), cluster("c", None)]


@pytest.mark.parametrize(
    ("siblings", "open_"),
    [([], {"a1", "a2", "b"}), (["a1"], {"b"}), (["a1", "b"], {"a1", "a2", "b"}), (["a1", "a2", "b"], {"b"})],
)
def test_the_emptiest_place_is_next(siblings: list[str], open_: set[str]) -> None:
    assert open_to(CLUSTERS, siblings) == open_


@pytest.mark.parametrize(
    "away",
    [cluster("b", "IT", "OFFLINE"), cluster("b", "IT", cordoned=True)],
)
def test_a_place_that_takes_nothing_does_not_keep_others_waiting(away: dict[str, Any]) -> None:
    assert "a1" in open_to([CLUSTERS[0], away], ["a1"])


def test_a_place_that_is_excluded_does_not_keep_others_waiting() -> None:
    assert "a1" in open_to(CLUSTERS, ["a1"], labels=["location is DE"])


def test_without_the_label_it_has_no_siblings() -> None:
    spec = {"constraints": {"cluster": {"spread": {"over": "location", "among": "team"}}}}
    metadata = {"namespace": "testing", "name": "echo", "uid": "u", "labels": {}}
    request = wanted_by({"metadata": metadata, "spec": spec}, None)
    assert with_spread(request, spec, {}, CLUSTERS, ["a1"]) is request
