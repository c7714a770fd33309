"""The pass over all applications: it decides as single decisions do, and moves no more than it may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krake.models.cluster import ClusterState
from scheduler.amounts import on
from scheduler.columns import Snapshot
from scheduler.decide import decide
from scheduler.plan import Cause, Held, Plan, Policy, Standing
from scheduler.rebalance import rebalance
from scheduler.requirements import Needs
from scheduler.snapshot import Candidate, Request, Spread
from scheduler.taints import Effect, Taint
from tests.scheduler.fleet import NOW, application, candidates, cluster, requests, sample

FREE = Policy(margin=0, minimum_stay=0, cool_down=0, parallel=None, per_hour=None, per_application=None)
ONE = Needs(total=(("cpu", 1000), ("pods", 1)))


def passed(
    standings: list[Standing], *made: Candidate, policy: Policy = FREE, stickiness: float = 0.1
) -> Plan:
    return rebalance(standings, Snapshot(made), policy, stickiness=stickiness)


def moves(plan: Plan) -> list[tuple[int, Cause, str]]:
    return [(move.application, move.cause, move.target.removeprefix("uid-")) for move in plan.moves]


@settings(max_examples=60)
@given(request=requests, made=candidates)
def test_a_single_application_goes_where_a_single_decision_sends_it(
    request: Request, made: list[Candidate]
) -> None:
    snapshot = Snapshot(made)
    plan = rebalance([Standing(request)], snapshot, FREE)
    chosen = decide(request, snapshot, now=NOW, trigger="test").chosen
    if chosen is None:
        assert (plan.moves, plan.unplaced) == ([], [0])
    elif chosen.uid == request.current:
        assert (plan.moves, plan.stays, plan.unplaced) == ([], [], [])
    elif plan.moves:
        assert [move.target for move in plan.moves] == [chosen.uid]
    else:
        # It would be ranked behind where it is if that had metrics: not a gain that is worth a move.
        assert [(stay.held, (stay.gain or 0) <= 0) for stay in plan.stays] == [(Held.MARGIN, True)]


@settings(max_examples=30)
@given(asked=st.lists(requests, min_size=2, max_size=8), made=candidates, data=st.data())
def test_each_move_is_the_decision_after_the_moves_before_it(
    asked: list[Request], made: list[Candidate], data: st.DataObject
) -> None:
    standings = [
        Standing(replace(request, name=f"app-{at}", uid=f"uid-{at}", spread=None))
        for at, request in enumerate(asked)
    ]
    snapshot = Snapshot(made)
    plan = rebalance(standings, snapshot, FREE)
    for move in plan.moves:
        request = standings[move.application].request
        outcome = decide(request, snapshot, now=NOW, trigger="test")
        assert outcome.chosen is not None
        assert (move.target, move.score) == (outcome.chosen.uid, outcome.totals[outcome.order[0]])
        needs = request.needs
        snapshot = snapshot.reserving(move.target, on(needs.total, needs.per_node, len(outcome.chosen.nodes)))
    for application_ in plan.unplaced:
        request = standings[application_].request
        assert decide(request, snapshot, now=NOW, trigger="test").chosen is None

    shuffled = data.draw(st.permutations(range(len(standings))))
    again = rebalance([standings[at] for at in shuffled], Snapshot(reversed(made)), FREE)
    assert [(shuffled[move.application], move.target) for move in again.moves] == [
        (move.application, move.target) for move in plan.moves
    ]


def test_thirty_applications_on_clusters_for_twenty() -> None:
    room = (("cpu", 10_000), ("pods", 100))
    made = [cluster(name, allocatable=room) for name in ("a", "b")]
    standings = [
        Standing(application(f"app-{number:02}", needs=ONE), waiting=100 - number) for number in range(30)
    ]
    plan = passed(standings, *made)
    assert [move.application for move in plan.moves] == list(range(20))
    assert plan.unplaced == list(range(20, 30))
    assert sorted(move.target for move in plan.moves).count("uid-a") == 10
    full = Snapshot(made)
    for move in plan.moves:
        full = full.reserving(move.target, ONE.total)
    last = decide(standings[29].request, full, now=NOW, trigger="test")
    assert "a (cpu: needs 1, free 0 of 10 (reserved 10))" in last.summary

    larger = passed(standings[20:], cluster("c", allocatable=room), *full.candidates)
    assert len(larger.moves) == 10


def test_noise_below_the_margin_moves_nothing_and_a_flip_moves_once() -> None:
    policy = Policy(margin=0.1)
    standings = [Standing(application(current="uid-a"))]

    def fleet(load: float) -> list[Candidate]:
        return [cluster("a", {"load": sample(0.5)}), cluster("b", {"load": sample(load)})]

    for noise in (0.45, 0.5, 0.55, 0.6):
        assert passed(standings, *fleet(noise), policy=policy).moves == []
    (stay,) = passed(standings, *fleet(0.6), policy=policy).stays
    assert stay.held is Held.MARGIN
    assert stay.gain == pytest.approx(0.6 - 0.6 / 1.1)
    (move,) = passed(standings, *fleet(0.9), policy=policy).moves
    assert (move.cause, move.source, move.target) == (Cause.IMPROVE, "uid-a", "uid-b")
    assert move.gain == pytest.approx(0.9 - 0.6 / 1.1)
    moved = [Standing(application(current="uid-b"), resident=60, attempted=60)]
    assert passed(moved, *fleet(0.9), policy=policy).moves == []


@pytest.mark.parametrize(
    ("standing", "policy", "held"),
    [
        ({"busy": True}, {}, Held.BUSY),
        ({"resident": 299.0}, {}, Held.MINIMUM_STAY),
        ({"attempted": 299.0}, {}, Held.COOL_DOWN),
        ({"moves": 3}, {}, Held.PER_APPLICATION),
        ({}, {"running": 10}, Held.BUDGET),
        ({}, {"begun": 100}, Held.BUDGET),
        ({}, {"parallel": 0}, Held.BUDGET),
    ],
)
def test_what_holds_a_move_for_a_better_score(
    standing: dict[str, Any], policy: dict[str, int], held: Held
) -> None:
    made = [cluster("a", {"load": sample(0.1)}), cluster("b", {"load": sample(0.9)})]
    stands = Standing(application(current="uid-a"), **standing)
    plan = passed([stands], *made, policy=Policy(**policy))
    assert plan.moves == []
    assert [stay.held for stay in plan.stays] == [held]


def test_a_flipped_metric_starts_no_herd() -> None:
    made = [cluster("a", {"load": sample(0.1)}), cluster("b", {"load": sample(0.9)})]
    standings = [Standing(application(f"app-{number}", current="uid-a")) for number in range(50)]
    plan = passed(standings, *made, policy=Policy(parallel=10, running=3))
    assert len(plan.moves) == 7
    assert {stay.held for stay in plan.stays} == {Held.BUDGET}
    assert len(plan.stays) == 43


def test_the_largest_gain_goes_first_and_evacuations_before_all() -> None:
    made = [
        cluster("bad", {"load": sample(0.1)}),
        cluster("fair", {"load": sample(0.5)}),
        cluster("good", {"load": sample(0.9)}),
        cluster("gone", state=ClusterState.OFFLINE),
        cluster("tainted", {"load": sample(0.9)}, taints=(Taint("fire", "", Effect.NO_EXECUTE),)),
    ]
    where = ["fair", "bad", "gone", "tainted", None, "vanished"]
    standings = [
        Standing(application(f"app-{at}", current=name and f"uid-{name}"), resident=0 if at == 3 else 999)
        for at, name in enumerate(where)
    ]
    assert moves(passed(standings, *made)) == [
        (2, Cause.EVACUATE, "good"),
        (3, Cause.EVACUATE, "good"),
        (5, Cause.EVACUATE, "good"),
        (4, Cause.PLACE, "good"),
        (1, Cause.IMPROVE, "good"),
        (0, Cause.IMPROVE, "good"),
    ]


def test_evacuations_are_held_by_budgets_only() -> None:
    made = [cluster("gone", deleted=True), cluster("b")]
    standings = [
        Standing(application(f"app-{at}", current="uid-gone"), resident=0, attempted=0, moves=9)
        for at in range(4)
    ]
    plan = passed(standings, *made, policy=Policy(parallel=3))
    assert [move.cause for move in plan.moves] == [Cause.EVACUATE] * 3
    assert [stay.held for stay in plan.stays] == [Held.BUDGET]


def test_a_cordoned_or_full_cluster_keeps_what_it_has() -> None:
    made = [
        cluster("a", cordoned=True, allocatable=(("cpu", 100),), reserved=(("cpu", 4000),)),
        cluster("b", allocatable=(("cpu", 9000),)),
    ]
    request = application(current="uid-a", needs=ONE, held=ONE.total)
    assert passed([Standing(request)], *made).moves == []
    grown = replace(request, needs=Needs(total=(("cpu", 2000), ("pods", 1))))
    assert moves(passed([Standing(grown)], *made)) == [(0, Cause.LEAVE, "b")]


def test_room_at_the_source_is_not_given_away_before_the_move_is_over() -> None:
    made = [
        cluster("a", {"load": sample(0.1)}, allocatable=(("cpu", 1000),), reserved=(("cpu", 1000),)),
        cluster("b", {"load": sample(0.9)}, allocatable=(("cpu", 1000),)),
    ]
    on_a = Standing(application("on-a", current="uid-a", needs=ONE, held=ONE.total))
    waits = Standing(application("waits", needs=ONE), waiting=5)
    plan = passed([on_a, waits], *made)
    assert moves(plan) == [(1, Cause.PLACE, "b")]


def test_siblings_are_spread_as_they_are_placed() -> None:
    made = [cluster(name, labels={"zone": name}) for name in ("x", "y", "z")]
    counts = (("x", 0), ("y", 0), ("z", 0))
    standings = [
        Standing(application(f"app-{at}", spread=Spread("zone", counts, 1, "shop"))) for at in range(6)
    ]
    plan = passed(standings, *made)
    assert sorted(move.target for move in plan.moves) == [f"uid-{zone}" for zone in "xxyyzz"]


def test_what_fits_nowhere_is_told() -> None:
    plan = passed([Standing(application(needs=ONE))], cluster("a", allocatable=(("cpu", 10), ("pods", 1))))
    assert (plan.moves, plan.unplaced, plan.classes) == ([], [0], 1)
    assert passed([]) == Plan()
