"""What a pass wants done about applications, with the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from activities.rebalancing.members import Kind, Member
from activities.rebalancing.places import Place
from activities.rebalancing.planning import Found
from scheduler.plan import Cause, Held, Move

STRANDED = 20
"""Applications that have to leave, and fit nowhere, which are told so by one pass."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to be done about one application."""

    member: Member
    cause: Cause
    trigger: str
    source_uid: str | None = None
    target_uid: str | None = None
    cluster: str | None = None
    """Name of the only cluster that the move may lead to; None leaves it to the decision."""
    score: float | None = None
    gain: float | None = None
    only_wakes: bool = False
    """Whether its lifecycle knows already what to do, and only has to look again."""
    must_leave: bool = False
    stranded: bool = False
    """Whether it fits nowhere: it is asked to leave so that it says so, and leaves when it can."""


def wishes_of(found: Found, places: Mapping[str, Place]) -> list[Wish]:
    """Everything that the plan wants done, in the order of the plan."""
    wishes = [_moved(member, move, places) for member, move in found.moves]
    return [*wishes, *_fitting_again(found)]


def stranded(found: Found, places: Mapping[str, Place]) -> list[Wish]:
    """Applications that have to leave and fit nowhere."""
    due = [one for one in found.unplaced if one.kind is Kind.PLACED and one.must_leave and not one.alone]
    return [
        Wish(
            one,
            Cause.EVACUATE,
            _driven_away(places[one.standing.request.current or ""]),
            source_uid=one.standing.request.current,
            must_leave=True,
            stranded=True,
        )
        for one in due[:STRANDED]
    ]


def _moved(member: Member, move: Move, places: Mapping[str, Place]) -> Wish:
    target = places[move.target].name
    wakes = member.kind is not Kind.PLACED
    here = places.get(move.source or "")
    return Wish(
        member,
        move.cause,
        _trigger(member, move, target, here),
        source_uid=move.source,
        target_uid=move.target,
        # Whoever only does better elsewhere goes there or nowhere; who cannot stay takes what there is.
        cluster=target if move.cause is Cause.IMPROVE else None,
        score=move.score,
        gain=move.gain,
        only_wakes=wakes,
        must_leave=move.cause is Cause.EVACUATE,
    )


def _trigger(member: Member, move: Move, target: str, here: Place | None) -> str:
    if member.kind is not Kind.PLACED or here is None:
        return f"rebalance: it fits on {target}"
    if move.cause is Cause.EVACUATE:
        return _driven_away(here)
    if move.cause is Cause.LEAVE:
        return f"rebalance: {here.name} does not fit any more"
    return f"rebalance: {target} is better by {move.gain or 0:.2f} than {here.name}"


def _driven_away(here: Place) -> str:
    taints = ", ".join(str(taint) for taint in here.taints)
    return f"rebalance: {here.name} is tainted {taints}"


def _fitting_again(found: Found) -> list[Wish]:
    """Applications that wait on their cluster for room that it has now: no move says so.

    Those that would do better elsewhere by less than the margin fit here, too.
    """
    margin = [member for member, stay in found.stays if stay.held is Held.MARGIN]
    return [
        Wish(
            member,
            Cause.PLACE,
            "rebalance: its newest version fits on its cluster",
            source_uid=member.standing.request.current,
            target_uid=member.standing.request.current,
            only_wakes=True,
        )
        for member in [*found.settled, *margin]
        if member.kind is Kind.WAITING and member.standing.request.current and not member.alone
    ]
