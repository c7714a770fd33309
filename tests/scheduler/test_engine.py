"""What holds for every decision on candidates with everything they can have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krake.models.cluster import ClusterState
from scheduler.columns import Snapshot
from scheduler.decision import Decision
from scheduler.filters import FILTERS, VISIBLE, mask_of
from scheduler.place import place
from scheduler.snapshot import Candidate, Request, Wish
from tests.scheduler.fleet import (
    NAMES,
    NAMESPACE,
    NOW,
    application,
    candidates,
    cluster,
    requests,
    sample,
    winner,
)

SOME = settings(max_examples=40, deadline=None)


def decided(request: Request, made: list[Candidate]) -> Decision:
    return place(request, made, now=NOW, trigger="test")


@SOME
@given(request=requests, made=candidates, data=st.data())
def test_the_order_of_the_candidates_does_not_matter(
    request: Request, made: list[Candidate], data: st.DataObject
) -> None:
    assert decided(request, data.draw(st.permutations(made))) == decided(request, made)


@SOME
@given(
    request=requests,
    made=candidates,
    extra=candidates.filter(bool),
    why=st.sampled_from(["deleted", "OFFLINE", "hidden"]),
)
def test_a_candidate_that_fits_nowhere_changes_nothing(
    request: Request, made: list[Candidate], extra: list[Candidate], why: str
) -> None:
    unfit = replace(extra[0], name="extra", uid="uid-extra")
    if why == "deleted":
        unfit = replace(unfit, deleted=True)
    elif why == "OFFLINE":
        unfit = replace(unfit, state=ClusterState.OFFLINE)
    else:
        unfit = replace(unfit, namespace="hidden", grants=frozenset())
    before, after = decided(request, made), decided(request, [*made, unfit])
    assert (after.chosen, after.margin) == (before.chosen, before.margin)
    assert [one for one in after.candidates if one.uid != "uid-extra"] == before.candidates
    if why == "hidden":
        assert "extra" not in after.model_dump_json()


@SOME
@given(request=requests, made=candidates)
def test_the_record_recomputes_to_the_score_to_the_last_bit(request: Request, made: list[Candidate]) -> None:
    decision = decided(request, made)
    ranked = [one for one in decision.candidates if one.rank is not None]
    for one in ranked:
        total = 0.0
        for part in one.scores:
            assert one.divisor is not None
            assert part.contribution == (part.value or 0.0) * part.weight / one.divisor
            total += part.contribution
        assert total == one.total
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    totals = [one.total for one in ranked if one.uid != request.preferred]
    assert totals == sorted(totals, key=lambda value: -(value or 0.0))
    assert decision.chosen == (ranked[0].cluster if ranked else None)


@SOME
@given(request=requests, made=candidates)
def test_reasons_told_from_the_record_are_those_of_the_filters(
    request: Request, made: list[Candidate]
) -> None:
    by_uid = {one.uid: one for one in made}
    for one in decided(request, made).candidates:
        assert VISIBLE.verdict(request, by_uid[one.uid]).passed
        expected = [filter_.verdict(request, by_uid[one.uid]) for filter_ in FILTERS]
        assert [verdict.passed for verdict in one.verdicts] == [verdict.passed for verdict in expected]
        for told, meant in zip(one.verdicts, expected, strict=True):
            assert told.reason == meant.reason or (told.passed and told.filter == "node_size")


@SOME
@given(request=requests, made=candidates, here=st.booleans())
def test_asking_all_candidates_at_once_is_asking_each(
    request: Request, made: list[Candidate], here: bool
) -> None:
    snapshot = Snapshot(made)
    for filter_ in (VISIBLE, *FILTERS):
        found = mask_of(filter_, request, snapshot, here)
        away = None if request.current is None else "elsewhere"
        expected = [
            filter_.verdict(replace(request, current=one.uid if here else away), one).passed
            for one in snapshot.candidates
        ]
        assert found.tolist() == expected, filter_.name


values = st.floats(0, 1).map(lambda value: round(value, 3))


@SOME
@given(
    made=st.lists(st.tuples(values, values), min_size=2, max_size=6),
    weights=st.tuples(st.floats(0.1, 5), st.floats(0.1, 5)),
    more=st.floats(0, 10),
)
def test_raising_the_weight_of_a_metric_in_which_the_winner_is_best_keeps_its_win(
    made: list[tuple[float, float]], weights: tuple[float, float], more: float
) -> None:
    """True where all have the same sum of weights: (N + p u) / (D + p) keeps the order of equal D.

    With sums that differ it is not, and cannot be: who weighs little is moved more by the same addition.
    """

    def fleet(extra: float) -> list[Candidate]:
        return [
            cluster(f"c{at}", {"a": sample(a, weights[0] + extra), "b": sample(b, weights[1])})
            for at, (a, b) in enumerate(made)
        ]

    first = winner(application(), *fleet(0))
    assert first is not None
    best = max(a for a, _ in made)
    if made[int(first[1:])][0] == best:
        again = winner(application(), *fleet(more))
        score = {f"c{at}": a * (weights[0] + more) + b * weights[1] for at, (a, b) in enumerate(made)}
        assert again is not None
        assert again == first or score[again] == pytest.approx(score[first], rel=1e-12)
        wish = winner(application(preferences=(Wish("a", more + 0.1),)), *fleet(0))
        assert wish is not None
        assert wish == first or made[int(wish[1:])] == pytest.approx(made[int(first[1:])], rel=1e-9)


@SOME
@given(made=candidates.filter(lambda made: len(made) > 1), request=requests, more=st.floats(0, 10))
def test_the_winner_s_own_weight_for_a_metric_above_its_score_only_helps_it(
    made: list[Candidate], request: Request, more: float
) -> None:
    """A weighted mean does not fall when something above it weighs more; nobody else's score changes."""
    decision = decided(request, made)
    if decision.winner is None or decision.winner.total is None:
        return
    held = next(one for one in made if one.uid == decision.winner.uid)
    better = {
        name: one._replace(weight=one.weight + more)
        for name, one in held.metrics.items()
        if one.normalised is not None and one.normalised >= decision.winner.total and one.weight > 0
    }
    raised = replace(held, metrics={**held.metrics, **better})
    after = decided(request, [raised if one is held else one for one in made])
    assert after.chosen == decision.chosen or after.margin == pytest.approx(0, abs=1e-12)


def test_every_part_of_a_request_and_a_candidate_is_recorded() -> None:
    names = {one.name for one in FILTERS}
    assert len(names) == len(FILTERS)
    decision = decided(application(), [cluster(name) for name in NAMES])
    assert {verdict.filter for verdict in decision.candidates[0].verdicts} == names
    assert all(one.cluster.namespace == NAMESPACE for one in decision.candidates)
