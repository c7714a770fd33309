"""The activity that looks at all applications at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from temporalio import activity
from temporalio.client import Client

from activities.heartbeats import with_heartbeats
from activities.metrics import REBALANCED
from activities.rebalancing.acting import Acting
from activities.rebalancing.demands import Demands
from activities.rebalancing.kin import Kin
from activities.rebalancing.members import Kind, Member, Members
from activities.rebalancing.places import places_of
from activities.rebalancing.planning import Found, plan, policy_of
from activities.rebalancing.reading import World, applications, read_world
from activities.rebalancing.reporting import report_of
from activities.rebalancing.wishes import stranded, wishes_of
from krake.messages.observing import PassOrder
from krake.models.rebalance import RebalanceReport
from krake.settings import Settings
from krake.store import Store

_log = structlog.get_logger("activities.rebalancing")


class RebalancingActivities:
    """Finds who is to be placed or moved, in one computation, and has that done.

    What counts is in the store: what this object remembers only saves work.
    """

    def __init__(self, store: Store, client: Client, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._acting = Acting(store, client, settings)
        self._demands = Demands()
        self._one_at_a_time = asyncio.Lock()
        self._quiet: int | None = None
        """The revision at which there was nothing to do, and will be none before something is written."""

    @activity.defn(name="rebalance")
    async def rebalance(self, order: PassOrder) -> RebalanceReport:
        """Look at all applications and have done what is due; in a dry run only say what that is."""
        return await with_heartbeats(self.run_pass(order, datetime.now(UTC)))

    async def run_pass(self, order: PassOrder, now: datetime) -> RebalanceReport:
        """One pass at a given moment."""
        async with self._one_at_a_time:
            revision = await self._store.revision()
            if order.only_news and revision == self._quiet:
                return RebalanceReport(at=now, summary="nothing has changed since the last look")
            if not await self._store.count_by_state("Application"):
                self._quiet = revision
                return RebalanceReport(at=now, dry_run=order.dry_run, summary="there are no applications")
            return await self._look(order, now, revision)

    async def _look(self, order: PassOrder, now: datetime, revision: int) -> RebalanceReport:
        settings = self._settings
        world = await read_world(self._store, now, settings.metric_max_age)
        places = places_of(world)
        members = await self._members(Members(world, places, self._demands), Kin(places))
        policy = policy_of(settings, world)
        planned = [one for one in members if one.kind is not Kind.EXCUSED]
        found = await asyncio.to_thread(plan, planned, world, places, policy, settings.stickiness)
        wishes = wishes_of(found, places)
        outcomes: list[str] = []
        if not order.dry_run:
            further = stranded(found, places)
            outcomes = (await self._acting.act([*wishes, *further], now))[: len(wishes)]
            excused = [one for one in members if one.kind is Kind.EXCUSED]
            await self._acting.excuse(excused)
            self._remember(world, found, revision, busy=bool(wishes or further or excused))
        report = report_of(
            found,
            wishes,
            outcomes,
            world=world,
            places=places,
            policy=policy,
            looked_at=len(members),
            order=order,
        )
        _tell(report, outcomes)
        return report

    async def _members(self, members: Members, kin: Kin) -> list[Member]:
        found = []
        async for record in applications(self._store):
            kin.see(record)
            member = members.of(record)
            if member is not None:
                found.append(member)
        self._demands.forget_others()
        return [kin.of(member) for member in found]

    def _remember(self, world: World, found: Found, revision: int, *, busy: bool) -> None:
        """Whether the next look may be left out: metrics change without a revision, and rules end by time."""
        moving = busy or found.stays or any(one.spec.get("metrics") for one in world.clusters.values())
        self._quiet = None if moving else revision


def _tell(report: RebalanceReport, outcomes: Sequence[str]) -> None:
    """Count and log what was done; a look at which nothing is due is not worth a line."""
    for outcome, count in Counter(outcomes).items():
        REBALANCED.labels(outcome.partition(":")[0]).inc(count)
    if outcomes:
        _log.info("rebalance", summary=report.summary)
