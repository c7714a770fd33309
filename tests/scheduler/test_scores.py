"""The formula of the original Krake, with its reference numbers, and what is added to it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from krake.errors import KrakeError
from krake.models.metrics import Direction
from krake.models.reasons import ReasonCode
from scheduler.decision import Considered, Decision
from scheduler.place import place
from scheduler.samples import Limits, Sample
from scheduler.scorers import Scorer, as_scorers
from scheduler.snapshot import Candidate, Request, Wish
from tests.scheduler.fleet import NOW, PERCENT, application, cluster, outcome, sample, winner


def entry(decision: Decision, name: str) -> Considered:
    return next(one for one in decision.candidates if one.cluster.name == name)


def decided(request: Request, *candidates: Candidate) -> Decision:
    return place(request, candidates, now=NOW, trigger="test")


def pair(
    values: tuple[float, float], first: tuple[float, float], second: tuple[float, float]
) -> list[Candidate]:
    """Two clusters with the same two metrics, weighed differently."""
    return [
        cluster(name, {"m1": sample(values[0], weights[0]), "m2": sample(values[1], weights[1])})
        for name, weights in (("c1", first), ("c2", second))
    ]


@pytest.mark.parametrize(
    ("values", "weights", "current", "scores", "chosen"),
    [
        ((0.01, 0.1), ((1, 1.5), (1.5, 1)), None, (0.064, 0.046), "c1"),
        ((0.2, 0.01), ((1, 1.5), (1.5, 1)), "uid-c1", (0.1212, 0.124), "c2"),
        ((0.02, 0.01), ((1, 1.5), (1.5, 1)), "uid-c1", (0.0519, 0.016), "c1"),
        ((0.02, 0.01), ((1, 1.5), (1.5, 1)), None, (0.014, 0.016), "c2"),
        ((0.8, 0.7), ((1.5, 1), (1, 1.5)), None, (0.76, 0.74), "c1"),
        ((0.7, 0.8), ((1.5, 1), (1, 1.5)), None, (0.74, 0.76), "c2"),
    ],
)
def test_the_reference_numbers_of_the_original(
    values: tuple[float, float],
    weights: tuple[tuple[float, float], tuple[float, float]],
    current: str | None,
    scores: tuple[float, float],
    chosen: str,
) -> None:
    decision = decided(application(current=current), *pair(values, *weights))
    assert decision.chosen is not None
    assert decision.chosen.name == chosen
    found = [entry(decision, name).total for name in ("c1", "c2")]
    assert found == pytest.approx(scores, abs=5e-5)
    assert decision.margin == pytest.approx(abs(scores[0] - scores[1]), abs=1e-4)


def test_every_part_is_shown_and_adds_up_to_the_score() -> None:
    candidate = cluster(
        "c1",
        {"load": sample(75, 2, PERCENT, age=12.5, inherited=True), "energy": sample(0.5, 0)},
    )
    request = application(current="uid-c1", preferences=(Wish("energy", 1.0, Direction.MINIMISE),))
    shown = entry(decided(request, candidate), "c1")
    assert [(part.kind, part.name, part.raw, part.value, part.weight) for part in shown.scores] == [
        ("metric", "energy", 0.5, 0.5, 0),
        ("metric", "load", 75, 0.75, 2),
        ("preference", "energy", 0.5, 0.5, 1),
        ("stickiness", "stickiness", None, 1, 0.1),
    ]
    load = shown.scores[1]
    assert (load.age, load.inherited, load.direction) == (12.5, True, Direction.MAXIMISE)
    assert shown.divisor == pytest.approx(3.1)
    assert shown.total == pytest.approx((0.75 * 2 + 0.5 + 0.1) / 3.1)


def test_clusters_without_metrics_are_not_ranked_when_one_that_fits_has_them() -> None:
    poor, none = cluster("poor", {"load": sample(0.0)}), cluster("none")
    decision = decided(application(current="uid-none"), poor, none)
    assert decision.chosen is not None
    assert decision.chosen.name == "poor"
    assert entry(decision, "none").fits
    assert (entry(decision, "none").rank, entry(decision, "none").total) == (None, None)
    assert (
        winner(application(current="uid-none"), cluster("poor", {"load": sample(0.0)}, cordoned=True), none)
        == "none"
    )


def test_without_metrics_stickiness_alone_decides() -> None:
    decision = decided(application(current="uid-b"), cluster("a"), cluster("b"))
    assert [(one.cluster.name, one.total) for one in decision.candidates] == [("b", 0.1), ("a", 0.0)]


@pytest.mark.parametrize("weights", [(0.0, 0.0), (1.0, -1.0), (0.1 + 0.2, -0.3)])
def test_weights_that_sum_to_nothing_count_as_no_metrics(weights: tuple[float, float]) -> None:
    odd = cluster("odd", {"a": sample(1.0, weights[0]), "b": sample(0.0, weights[1])})
    decision = decided(application(), odd, cluster("good", {"a": sample(0.1)}))
    assert decision.chosen is not None
    assert decision.chosen.name == "good"
    alone = decided(application(current="uid-odd"), odd)
    assert entry(alone, "odd").total is not None


def test_a_preference_brings_in_a_metric_that_the_cluster_only_offers() -> None:
    near = cluster("near", {"latency": sample(10, 0, PERCENT)})
    far = cluster("far", {"latency": sample(90, 0, PERCENT)})
    near_first = (Wish("latency", 1.0, Direction.MINIMISE),)
    assert winner(application(preferences=near_first), near, far) == "near"
    assert winner(application(preferences=(Wish("latency", 1.0),)), near, far) == "far"


def test_a_cluster_that_lacks_a_preferred_metric_is_rated_as_the_worst() -> None:
    has = cluster("has", {"load": sample(0.5), "cost": sample(1.0, 0)})
    lacks = cluster("lacks", {"load": sample(0.5)})
    wish = (Wish("cost", 1.0, Direction.MINIMISE),)
    decision = decided(application(preferences=wish), has, lacks)
    assert {one.cluster.name: one.total for one in decision.candidates} == {"has": 0.25, "lacks": 0.25}


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (sample(None), "metric load fails (INVALID_METRIC: no value)"),
        (sample(1.5), "metric load fails (INVALID_METRIC: 1.5, allowed from 0 to 1)"),
        (sample(0.4, 1, Limits(0, 1, (0.0, 1.0))), "metric load fails (INVALID_METRIC: 0.4, allowed 0, 1)"),
        (sample(0.4, 1, Limits(1, 1)), "metric load fails (INVALID_METRIC: range 1 to 1 is empty)"),
        (
            sample(0.4, 1, Limits(0, 1, (), 60), age=90),
            "metric load fails (UNREACHABLE_METRICS_PROVIDER: 90s old, allowed 60s)",
        ),
        (
            sample(None, failing=ReasonCode.UNKNOWN_METRICS_PROVIDER),
            "metric load fails (UNKNOWN_METRICS_PROVIDER: its provider does not exist)",
        ),
    ],
)
def test_a_failing_metric_disqualifies_with_its_code(bad: Sample, told: str) -> None:
    decision = decided(application(), cluster("bad", {"load": bad}), cluster("plain"))
    assert decision.chosen is not None
    assert decision.chosen.name == "plain"
    assert entry(decision, "bad").refusal == told


class Short:
    """Rates short names."""

    name = "short"
    weight = 1.0

    def score(self, application: Request, candidate: Candidate) -> float:
        assert (application.name, application.uid, application.current) == ("", "", None)
        return 1 / len(candidate.name)


def test_a_scorer_weighs_like_a_metric_and_is_shown() -> None:
    (scorer,) = as_scorers({"short": Short})
    decision = place(
        application(), [cluster("a"), cluster("long")], now=NOW, trigger="test", scorers=[scorer]
    )
    assert [(one.cluster.name, one.total) for one in decision.candidates] == [("a", 1.0), ("long", 0.25)]
    assert [(part.kind, part.name) for part in decision.candidates[0].scores] == [
        ("scorer", "short"),
        ("stickiness", "stickiness"),
    ]


class Wrong(Short):
    def score(self, application: Request, candidate: Candidate) -> float:
        return 2.0


def test_a_wrong_scorer_is_named() -> None:
    wrong: Scorer = Wrong()
    with pytest.raises(KrakeError, match=r"The scorer short rates a 2\.0"):
        outcome(application(), cluster("a"), scorers=[wrong])
    with pytest.raises(KrakeError, match=r"entry point odd of krake\.scorers is no scorer"):
        as_scorers({"odd": object()})
    Wrong.weight = -1.0
    with pytest.raises(KrakeError, match="The scorer wrong weighs"):
        as_scorers({"wrong": Wrong})


def test_a_preferred_cluster_is_chosen_if_it_fits_and_a_target_is_the_only_one() -> None:
    best, other = cluster("best", {"load": sample(1.0)}), cluster("other", {"load": sample(0.1)})
    assert winner(application(preferred="uid-other"), best, other) == "other"
    assert (
        outcome(application(preferred="uid-other"), best, other).summary == "other: it was asked for and fits"
    )
    gone = cluster("other", {"load": sample(0.1)}, deleted=True)
    assert winner(application(preferred="uid-other"), best, gone) == "best"
    assert winner(application(target="uid-other"), best, gone) is None
    assert winner(application(excluded=frozenset({"uid-best"})), best, other) == "other"


def test_ranks_follow_the_scores() -> None:
    many = [cluster(f"c{number}", {"load": sample(number / 20)}) for number in range(20)]
    totals = [one.total for one in decided(application(), *many).candidates]
    assert all(first > second for first, second in pairwise(total for total in totals if total is not None))
