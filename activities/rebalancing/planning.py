"""The plan of a pass: the pure computation on one snapshot of all clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from activities.rebalancing.members import Member
from activities.rebalancing.places import Place
from activities.rebalancing.reading import World
from krake.settings import Settings
from scheduler.amounts import Amounts, plus
from scheduler.columns import Snapshot
from scheduler.documents import candidate_of, needed_on
from scheduler.nodes import taints_of
from scheduler.plan import Cause, Move, Policy, Stay
from scheduler.rebalance import rebalance
from scheduler.taints import Taint, Toleration


@dataclass(slots=True)
class Found:
    """The plan with the applications that it speaks of."""

    moves: list[tuple[Member, Move]] = field(default_factory=list)
    stays: list[tuple[Member, Stay]] = field(default_factory=list)
    unplaced: list[Member] = field(default_factory=list)
    settled: list[Member] = field(default_factory=list)
    """All others: they are where they should be."""


def policy_of(settings: Settings, world: World) -> Policy:
    """The rules, with what has been done within the last hour."""
    return Policy(
        margin=settings.rebalance_margin,
        minimum_stay=settings.rebalance_minimum_stay,
        cool_down=settings.rebalance_cool_down,
        parallel=settings.rebalance_parallel,
        per_hour=settings.rebalance_per_hour,
        per_application=settings.rebalance_per_application,
        running=world.moving,
        begun=sum(world.asked.values()),
    )


def plan(
    members: Sequence[Member], world: World, places: Mapping[str, Place], policy: Policy, stickiness: float
) -> Found:
    """Find who goes where.

    There is one snapshot, unless nodes are tainted and some applications tolerate that: those see other
    nodes, and come after the others, with the room that these left.
    """
    found, taken = Found(), dict[str, Amounts]()
    for tolerated, alike in _by_nodes(members, places).items():
        snapshot = _snapshot(world, places, tolerated, taken)
        made = rebalance([one.standing for one in alike], snapshot, policy, stickiness=stickiness)
        found.stays += [(alike[stay.application], stay) for stay in made.stays]
        found.unplaced += [alike[number] for number in made.unplaced]
        spoken_of = {
            *made.unplaced,
            *(move.application for move in made.moves),
            *(stay.application for stay in made.stays),
        }
        found.settled += [one for number, one in enumerate(alike) if number not in spoken_of]
        for move in made.moves:
            member, target = alike[move.application], snapshot.candidates[snapshot.rows[move.target]]
            found.moves.append((member, move))
            needs = needed_on(member.standing.request, target)
            taken[move.target] = plus(taken.get(move.target, ()), needs)
        migrations = sum(1 for move in made.moves if move.cause is not Cause.PLACE)
        policy = replace(policy, running=policy.running + migrations, begun=policy.begun + migrations)
    return found


def _by_nodes(
    members: Sequence[Member], places: Mapping[str, Place]
) -> dict[tuple[Toleration, ...], list[Member]]:
    """The applications by what they tolerate of what nodes are tainted with; first those that tolerate
    nothing of it."""
    taints = _node_taints(places)
    groups: dict[tuple[Toleration, ...], list[Member]] = {(): []}
    for member in members:
        tolerations = member.standing.request.tolerations
        matters = tuple(one for one in tolerations if any(map(one.tolerates, taints)))
        groups.setdefault(matters, []).append(member)
    return groups


def _node_taints(places: Mapping[str, Place]) -> frozenset[Taint]:
    return frozenset(
        taint
        for place in places.values()
        for node in place.document["status"].get("nodes") or ()
        for taint in taints_of((node.get("spec") or {}).get("taints") or ())
    )


def _snapshot(
    world: World,
    places: Mapping[str, Place],
    tolerated: tuple[Toleration, ...],
    taken: Mapping[str, Amounts],
) -> Snapshot:
    return Snapshot(
        candidate_of(
            place.document,
            world.metrics.get(uid),
            reserved=plus(world.reserved.get(uid, ()), taken.get(uid, ())),
            tolerations=tolerated,
        )
        for uid, place in places.items()
    )
