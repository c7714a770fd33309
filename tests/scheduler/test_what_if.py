"""Supposing other metrics and weights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from krake.models.cluster import ClusterState
from krake.models.metrics import Direction
from krake.models.what_if import WhatIf
from scheduler.placing import Situation, decide_on
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


def test_the_same_function_decides_what_is_and_what_would_be() -> None:
    def cluster(name: str) -> dict[str, Any]:
        metadata: dict[str, Any] = {
            "namespace": "ns",
            "name": name,
            "uid": f"uid-{name}",
            "labels": {},
            "deleted": None,
        }
        return {"metadata": metadata, "spec": {}, "status": {"state": "ONLINE"}}

    def sample(raw: float) -> dict[str, Sample]:
        return {"load": Sample(raw=raw, age=0.0, weight=1.0, limits=Limits(0, 1))}

    application: dict[str, Any] = {
        "metadata": {"namespace": "ns", "name": "app", "uid": "uid", "labels": {}},
        "spec": {},
        "status": {"scheduled_uid": "uid-a", "objects": [{}]},
    }
    situation = Situation(
        application=application,
        manifest=[],
        clusters=[cluster("a"), cluster("b")],
        reserved={},
        held_back="",
        now=datetime(2026, 1, 1, tzinfo=UTC),
        metrics={"uid-a": sample(0.5), "uid-b": sample(0.4)},
    )
    assert _chosen(situation, None) == "a"
    assert _chosen(situation, WhatIf(metrics={"a": {"load": 0.1}})) == "b"
    assert _chosen(situation, WhatIf(cordon=["a"])) == "a", "it is there already"
    kept = replace(situation, held_back="a move failed just now")
    assert _chosen(kept, WhatIf(metrics={"a": {"load": 0.1}})) == "a"


def _chosen(situation: Situation, what_if: WhatIf | None) -> str | None:
    outcome = decide_on(situation, trigger="test", stickiness=0.1, what_if=what_if)
    return outcome.chosen.name if outcome.chosen else None
