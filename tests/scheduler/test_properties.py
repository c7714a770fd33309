"""What holds for every placement, whatever the clusters and the application are."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from krake.models.cluster import ClusterState
from scheduler.snapshot import Candidate, Request
from tests.scheduler.strategies import NAMESPACE, clusters, decide, requests


@given(request=requests, candidates=clusters, data=st.data())
def test_the_order_of_the_clusters_does_not_matter(
    request: Request, candidates: list[Candidate], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(candidates))
    assert decide(request, *shuffled) == decide(request, *candidates)


@given(request=requests, candidates=clusters, other=st.booleans(), stickiness=st.floats(0, 10))
def test_a_cluster_that_does_not_fit_changes_nothing(
    request: Request, candidates: list[Candidate], other: bool, stickiness: float
) -> None:
    extra = Candidate(
        namespace="other" if other else NAMESPACE,
        name="extra",
        uid="uid-extra",
        labels={"location": "DE"},
        state=ClusterState.ONLINE if other else ClusterState.OFFLINE,
    )
    before = decide(request, *candidates, stickiness=stickiness)
    after = decide(request, *candidates, extra, stickiness=stickiness)
    assert (after.chosen, after.margin) == (before.chosen, before.margin)
    assert [one for one in after.candidates if one.uid != extra.uid] == before.candidates
    if before.chosen is not None:
        assert after.summary == before.summary


@given(request=requests, candidates=clusters, stickiness=st.floats(0, 10))
def test_the_explanation_recomputes_to_the_recorded_decision(
    request: Request, candidates: list[Candidate], stickiness: float
) -> None:
    decision = decide(request, *candidates, stickiness=stickiness)
    ranked = [one for one in decision.candidates if one.rank is not None]
    for one in decision.candidates:
        assert (one.rank is not None) == all(verdict.passed for verdict in one.verdicts)
        assert all(verdict.reason for verdict in one.verdicts)
        assert (one.total is None) == (one.rank is None)
    for one in ranked:
        assert all(part.contribution == (part.value or 0) * part.weight for part in one.scores)
        assert one.total == math.fsum(part.contribution or 0 for part in one.scores)
        assert one.total == (stickiness if one.uid == request.current else 0)
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    totals = [one.total or 0 for one in ranked]
    assert totals == sorted(totals, reverse=True)
    assert decision.chosen == (ranked[0].cluster if ranked else None)
    assert decision.margin == (totals[0] - totals[1] if len(totals) > 1 else None)


@given(request=requests, candidates=clusters)
def test_the_chosen_cluster_meets_every_requirement(request: Request, candidates: list[Candidate]) -> None:
    decision = decide(request, *candidates)
    possible = [
        one
        for one in candidates
        if one.namespace == request.namespace
        and one.state is ClusterState.ONLINE
        and not one.deleted
        and all(constraint.matches(one.labels) for constraint in request.labels)
        and (request.migration or request.current in (None, one.uid))
    ]
    assert (decision.chosen is not None) == bool(possible)
    if decision.chosen is not None:
        assert decision.chosen in [one.ref for one in possible]
        assert request.current not in {one.uid for one in possible} or (
            decision.winner is not None and decision.winner.uid == request.current
        )


@given(request=requests, candidates=clusters)
def test_placing_again_after_a_placement_changes_nothing(
    request: Request, candidates: list[Candidate]
) -> None:
    first = decide(request, *candidates)
    if first.winner is not None:
        again = decide(replace(request, current=first.winner.uid), *candidates)
        assert again.chosen == first.chosen
