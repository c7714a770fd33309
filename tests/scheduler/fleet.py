"""Candidates and requests with everything they can have, made by hypothesis or by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint
from krake.models.metric_constraints import MetricConstraint
from krake.models.metrics import Direction
from krake.models.reasons import ReasonCode
from scheduler.columns import Snapshot
from scheduler.decide import Outcome, decide
from scheduler.requirements import Needs
from scheduler.samples import Limits, Sample
from scheduler.snapshot import Candidate, Request, Spread, Wish
from scheduler.taints import Effect, Taint, Toleration

NAMESPACE = "testing"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PERCENT = Limits(0.0, 100.0)
UNIT = Limits(0.0, 1.0)


def sample(raw: float | None, weight: float = 1.0, limits: Limits = UNIT, **more: Any) -> Sample:
    """A fresh value."""
    return Sample(raw=raw, age=more.pop("age", 5.0), weight=weight, limits=limits, **more)


def cluster(name: str, values: dict[str, Sample] | None = None, **fields: Any) -> Candidate:
    """A cluster that takes applications."""
    return Candidate(
        namespace=NAMESPACE,
        name=name,
        uid=f"uid-{name}",
        metrics=values or {},
        **{"state": ClusterState.ONLINE, **fields},
    )


def application(name: str = "app", **fields: Any) -> Request:
    """A request without requirements unless they are given."""
    return Request(namespace=NAMESPACE, name=name, uid=f"uid-{name}", **fields)


def outcome(request: Request, *candidates: Candidate, **more: Any) -> Outcome:
    """The decision in columns."""
    return decide(request, Snapshot(candidates), now=NOW, trigger="test", **more)


def winner(request: Request, *candidates: Candidate, **more: Any) -> str | None:
    """The name of the chosen one."""
    chosen = outcome(request, *candidates, **more).chosen
    return chosen.name if chosen else None


NAMES = [f"c{number}" for number in range(8)]
CUSTOM = ["crontabs.example.org", "backups.example.org"]
TAINTS = [Taint("edge"), Taint("edge", "far", Effect.NO_EXECUTE), Taint("old", "", Effect.PREFER_NO_SCHEDULE)]

_amounts = st.builds(
    lambda cpu, pods, gpu: tuple(
        (name, amount) for name, amount in (("cpu", cpu), ("nvidia.com/gpu", gpu), ("pods", pods)) if amount
    ),
    st.sampled_from([0, 1000, 4000]),
    st.sampled_from([0, 2, 10]),
    st.sampled_from([0, 0, 1]),
)
_samples = st.builds(
    Sample,
    raw=st.sampled_from([0.0, 0.25, 0.5, 0.5, 0.9, 1.0, 7.0, None]),
    age=st.sampled_from([1.0, 90.0]),
    weight=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    limits=st.sampled_from([UNIT, UNIT, Limits(0.0, 2.0), Limits(0, 1, (0.5, 1.0)), Limits(0, 1, (), 60.0)]),
    failing=st.sampled_from([None, None, None, None, ReasonCode.UNKNOWN_METRIC]),
    inherited=st.booleans(),
)
_sound = st.builds(
    Sample,
    raw=st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]),
    age=st.just(1.0),
    weight=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    limits=st.just(UNIT),
)

candidates = st.lists(
    st.builds(
        Candidate,
        namespace=st.sampled_from([NAMESPACE, NAMESPACE, NAMESPACE, "other"]),
        name=st.sampled_from(NAMES),
        uid=st.just(""),
        labels=st.fixed_dictionaries({}, optional={"location": st.sampled_from(["DE", "IT", "SK"])}),
        state=st.sampled_from([ClusterState.ONLINE] * 8 + [ClusterState.OFFLINE]),
        deleted=st.sampled_from([False] * 8 + [True]),
        cordoned=st.sampled_from([False] * 5 + [True]),
        grants=st.sampled_from([frozenset[str](), frozenset({"*"}), frozenset({NAMESPACE})]),
        metrics=st.dictionaries(
            st.sampled_from(["load", "energy", "cost"]),
            st.one_of(_sound, _sound, _sound, _samples),
            max_size=3,
        ),
        taints=st.lists(st.sampled_from(TAINTS), max_size=1).map(tuple),
        architectures=st.sampled_from(
            [frozenset[str](), frozenset({"amd64"}), frozenset({"amd64", "arm64"})]
        ),
        allocatable=st.none() | _amounts,
        reserved=_amounts,
        nodes=st.lists(_amounts, max_size=2).map(tuple),
        declared_resources=st.frozensets(st.sampled_from(CUSTOM)),
        served_resources=st.none() | st.frozensets(st.sampled_from(CUSTOM)),
    ).map(lambda made: replace(made, uid=f"uid-{made.namespace}-{made.name}")),
    max_size=5,
    unique_by=lambda made: (made.namespace, made.name),
)

_needs = st.builds(
    Needs,
    total=st.sampled_from([(), (), (("cpu", 500), ("pods", 1)), (("cpu", 2000), ("nvidia.com/gpu", 1))]),
    per_node=st.sampled_from([(), (), (("cpu", 100), ("pods", 1))]),
    pods=st.sampled_from([(), ((("cpu", 500),),)]),
    architectures=st.sampled_from([(), (), (("arm64",),)]),
)

requests = st.builds(
    Request,
    namespace=st.just(NAMESPACE),
    name=st.sampled_from([f"app-{number}" for number in range(6)]),
    uid=st.just("uid"),
    labels=st.sampled_from(["", "", "location in (DE, IT)", "location != DE"]).map(
        lambda text: (LabelConstraint.parse(text),) if text else ()
    ),
    current=st.none() | st.sampled_from([f"uid-{NAMESPACE}-{name}" for name in NAMES]),
    migration=st.sampled_from([True, True, True, False]),
    metrics=st.sampled_from(["", "", "", "load <= 0.5", "energy != 0.5"]).map(
        lambda text: (MetricConstraint.parse(text),) if text else ()
    ),
    custom_resources=st.sampled_from([(), (), (), (CUSTOM[0],)]),
    tolerations=st.sampled_from([(), (Toleration("edge", "Exists"),)]),
    needs=_needs,
    held=st.sampled_from([(), (("cpu", 500), ("pods", 1)), (("cpu", 2000), ("nvidia.com/gpu", 1))]),
    spread=st.sampled_from([None, None, Spread("location", (("DE", 1), ("IT", 0)), 1, "g")]),
    preferences=st.sampled_from(
        [(), (Wish("energy", 2.0),), (Wish("cost", 1.0, Direction.MINIMISE), Wish("load", 0.5))]
    ),
    excluded=st.sampled_from([frozenset[str](), frozenset({f"uid-{NAMESPACE}-c0"})]),
    target=st.sampled_from([None] * 6 + [f"uid-{NAMESPACE}-c1"]),
    preferred=st.sampled_from([None] * 4 + [f"uid-{NAMESPACE}-c2"]),
)
