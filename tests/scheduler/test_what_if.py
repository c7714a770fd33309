"""Supposing other metrics and weights."""

from __future__ import annotations

from krake.models.cluster import ClusterState
from krake.models.metrics import Direction
from krake.models.what_if import WhatIf
from scheduler.samples import Limits, Sample
from scheduler.snapshot import Candidate, Request, Wish
from scheduler.what_if import supposed


def test_values_and_weights_change_and_nothing_else() -> None:
    sample = Sample(raw=0.1, age=9.0, weight=1.0, limits=Limits(0, 1))
    candidates = [
        Candidate(
            "ns", name, f"uid-{name}", state=ClusterState.ONLINE, metrics={"load": sample, "cost": sample}
        )
        for name in ("a", "b")
    ]
    request = Request("ns", "app", "uid", preferences=(Wish("load", 3.0, Direction.MINIMISE),))
    what_if = WhatIf(cordon=["a"], metrics={"a": {"load": 0.9}}, weights={"load": 2})
    changed, (a, b) = supposed(what_if, request, candidates)
    assert a.metrics["load"] == sample._replace(raw=0.9, age=0.0, weight=2.0)
    assert b.metrics["load"] == sample._replace(weight=2.0)
    assert a.metrics["cost"] == b.metrics["cost"] == sample
    assert (a.cordoned, b.cordoned) == (True, False)
    assert changed.preferences == (Wish("load", 2.0, Direction.MINIMISE),)
