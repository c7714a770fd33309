"""A pass in words: its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from activities.rebalancing.members import Member
from activities.rebalancing.places import Place
from activities.rebalancing.planning import Found
from activities.rebalancing.reading import World
from activities.rebalancing.wishes import Wish
from krake.messages.observing import PassOrder
from krake.models.metadata import ResourceRef
from krake.models.rebalance import DueMove, FitsNowhere, HeldBack, RebalanceReport
from scheduler.plan import Cause, Held, Policy, Stay


def report_of(
    found: Found,
    wishes: Sequence[Wish],
    outcomes: Sequence[str],
    *,
    world: World,
    places: Mapping[str, Place],
    policy: Policy,
    looked_at: int,
    order: PassOrder,
) -> RebalanceReport:
    """The report of a pass; `outcomes` says what came of each wish, and is empty in a dry run."""
    rules, shown = Counter(stay.held.value for _, stay in found.stays), order.shown
    # Those with the largest gain are the ones that somebody wonders about.
    stays = sorted(found.stays, key=lambda pair: -(pair[1].gain or 0))
    report = RebalanceReport(
        dry_run=order.dry_run,
        at=world.now,
        applications=looked_at,
        clusters=len(world.clusters),
        moves=[
            _due(wish, outcomes[number] if outcomes else "", places)
            for number, wish in enumerate(wishes[:shown])
        ],
        moving=len(wishes),
        held=[_held(member, stay, places, policy) for member, stay in stays[:shown]],
        held_by=dict(sorted(rules.items())),
        nowhere=[
            FitsNowhere(application=_ref(one), cluster=_name(one.standing.request.current, places))
            for one in found.unplaced[:shown]
        ],
        unplaced=len(found.unplaced),
    )
    report.summary = _summary(report, wishes)
    return report


def _due(wish: Wish, outcome: str, places: Mapping[str, Place]) -> DueMove:
    return DueMove(
        application=_ref(wish.member),
        cause=wish.cause.value,
        source=_name(wish.source_uid, places),
        target=_name(wish.target_uid, places),
        score=wish.score,
        gain=wish.gain,
        outcome=outcome,
    )


def _held(member: Member, stay: Stay, places: Mapping[str, Place], policy: Policy) -> HeldBack:
    return HeldBack(
        application=_ref(member),
        cause=stay.cause.value,
        cluster=_name(member.standing.request.current, places),
        held=stay.held.value,
        why=_why(member, stay, policy),
        gain=stay.gain,
    )


def _why(member: Member, stay: Stay, policy: Policy) -> str:
    standing = member.standing
    match stay.held:
        case Held.BUSY:
            return member.alone
        case Held.MARGIN:
            return f"gains {stay.gain or 0:.3f}, the margin is {policy.margin:g}"
        case Held.MINIMUM_STAY:
            return f"came {standing.resident:.0f}s ago, stays {policy.minimum_stay:g}s at least"
        case Held.COOL_DOWN:
            return f"moved {standing.attempted:.0f}s ago, rests {policy.cool_down:g}s"
        case Held.PER_APPLICATION:
            return f"{standing.moves} moves within the hour, {policy.per_application} allowed"
        case Held.BUDGET:
            return (
                f"{policy.running} migrations under way of {policy.parallel} allowed, "
                f"{policy.begun} begun within the hour of {policy.per_hour}"
            )


def _summary(report: RebalanceReport, wishes: Sequence[Wish]) -> str:
    placed = sum(1 for wish in wishes if wish.cause is Cause.PLACE)
    held = sum(report.held_by.values())
    why = ", ".join(f"{count} by {rule}" for rule, count in report.held_by.items())
    words = "would move" if report.dry_run else "to move"
    parts = [
        f"{_count(report.applications, 'application')} on {_count(report.clusters, 'cluster')}",
        f"{report.moving - placed} {words}",
        f"{placed} to place",
        f"{held} held back" + (f" ({why})" if why else ""),
        f"{report.unplaced} fit nowhere",
    ]
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _ref(member: Member) -> ResourceRef:
    target = member.target
    return ResourceRef(api="kubernetes", kind=target.kind, namespace=target.namespace, name=target.name)


def _name(uid: str | None, places: Mapping[str, Place]) -> str | None:
    place = places.get(uid or "")
    return place.name if place else None
