"""The pass over all applications: on a real store and a real Temporal, at moments of the test's choice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from krake.messages.base import Target
from krake.messages.lifecycle import Wake
from krake.messages.names import WAKE_SIGNAL, WorkflowName
from krake.messages.observing import PassOrder
from krake.models.rebalance import RebalanceReport
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.support.manifests import deployment
from tests.support.store import UPDATED, set_status
from tests.support.waiting import until
from tests.workflows.flock import Flock, node
from tests.workflows.stage import Stage

MINUTE = timedelta(minutes=1)


@pytest.fixture
def flock(store: Store, client: Client) -> Flock:
    """Applications in a store of the test's own."""
    return Flock(store, client)


async def woken(client: Client, name: str) -> bool:
    """Whether the lifecycle of an application was woken."""
    target = Target(kind="Application", namespace="testing", name=name)
    found = [run async for run in client.list_workflows(f"WorkflowId = '{target.workflow_id}'")]
    return bool(found)


async def test_an_idle_krake_costs_one_query(flock: Flock) -> None:
    assert (await flock.look(only_news=True)).summary == "there are no applications"
    await flock.cluster("a")
    await flock.app("one", "a")
    assert (await flock.look(only_news=True)).applications == 1
    assert (await flock.look(only_news=True)).summary == "nothing has changed since the last look"
    await flock.cluster("b")
    assert (await flock.look(only_news=True)).clusters == 2


async def test_a_flipped_metric_starts_no_herd(flock: Flock) -> None:
    await flock.cluster("a", 0.9)
    await flock.cluster("b", 0.1)
    for number in range(30):
        await flock.app(f"app-{number}", "a")
    assert (await flock.look()).moving == 0
    await flock.measure(a=0.1, b=0.9)
    rehearsal = await flock.look(dry_run=True)
    assert (rehearsal.moving, rehearsal.held_by) == (10, {"budget of migrations": 20})
    assert await flock.requests() == {}
    report = await flock.look()
    assert {(move.source, move.target, move.cause, move.outcome) for move in report.moves} == {
        ("a", "b", "improve", "asked for")
    }
    assert report.summary == (
        "30 applications on 2 clusters, 10 to move, 0 to place, "
        "20 held back (20 by budget of migrations), 0 fit nowhere"
    )
    asked = await flock.requests()
    assert len(asked) == 10
    assert {one["trigger"] for one in asked.values()} == {"rebalance: b is better by 0.72 than a"}
    # The pass dies and is made again, by another worker, while nothing has moved yet.
    flock.again()
    assert (await flock.look()).moving == 0
    assert await flock.requests() == asked
    assert await flock.carry_out() == 10
    await flock.look()
    assert await flock.carry_out() == 10


async def test_two_passes_at_once_keep_to_the_budget(store: Store, client: Client) -> None:
    first, second = Flock(store, client, rebalance_parallel=5), Flock(store, client, rebalance_parallel=5)
    await first.cluster("a", 0.1)
    await first.cluster("b", 0.9)
    for number in range(12):
        await first.app(f"app-{number}", "a")
    await asyncio.gather(first.look(), second.look())
    assert len(await first.requests()) == 5


async def test_a_metric_that_flips_every_minute_starts_no_oscillation(store: Store, client: Client) -> None:
    """Within an hour: at most the budgets, and no application goes to and fro before its time."""
    flock = Flock(store, client, rebalance_per_hour=20)
    await flock.cluster("a", 0.9)
    await flock.cluster("b", 0.1)
    for number in range(12):
        await flock.app(f"app-{number}", "a")
    moved = []
    for minute in range(59):
        flock.now += MINUTE
        values = (0.1, 0.9) if minute % 2 else (0.9, 0.1)
        await flock.measure(a=values[0], b=values[1])
        report = await flock.look()
        moved += [(minute, move.application.name) for move in report.moves]
        await flock.carry_out()
    assert len(moved) == 20
    for name in {name for _, name in moved}:
        minutes = [minute for minute, other in moved if other == name]
        assert len(minutes) <= 3
        assert all(later - earlier >= 5 for earlier, later in pairwise(minutes))


async def test_noise_below_the_margin_moves_nothing_for_a_day(store: Store) -> None:
    """24 hours of a look every minute, on a clock of the test's own; there is no Temporal to wake anybody."""
    flock = Flock(store, await connect(Settings(temporal_address="127.0.0.1:1"), lazy=True))
    chance = random.Random(7)
    for name in ("a", "b", "c"):
        await flock.cluster(name, 0.5)
    for number, name in enumerate("abcabc"):
        await flock.app(f"app-{number}", name)
    revision, better = await flock.store.revision(), 0
    for _ in range(24 * 60):
        flock.now += MINUTE
        # The score here is (value + 0.1) / 1.1: now and then others are better, by 0.0405 at most.
        await flock.measure(**{name: 0.5 + chance.uniform(-0.045, 0.045) for name in "abc"})
        report = await flock.look(only_news=True)
        assert (report.applications, report.moving) == (6, 0)
        better += sum(report.held_by.values())
    assert better > 100
    assert await flock.store.revision() == revision


async def test_each_rule_says_what_it_holds_back(store: Store, client: Client) -> None:
    flock = Flock(store, client, rebalance_per_application=1)
    await flock.cluster("a", 0.2)
    await flock.cluster("b", 0.9)
    moment = (flock.now - timedelta(seconds=100)).isoformat()
    finished = {"last_migration": {"id": "x", "outcome": "failed", "finished": moment}}
    backoff = {"failures": 1, "generation": 1, "until": None, "message": "the move was refused"}
    await flock.app("fresh", "a", status={"scheduled": moment})
    await flock.app("moved", "a", status=finished)
    await flock.app("failed", "a", status={"migration_backoff": backoff})
    await flock.app("updating", "a", status={"observed_generation": 0})
    await flock.app("fixed", "a", constraints={"migration": False})
    await flock.app("done", "a", status={"state": "COMPLETED"})
    report = await flock.look()
    assert {item.application.name: (item.held, item.why) for item in report.held} == {
        "fresh": ("minimum stay", "came 100s ago, stays 300s at least"),
        "moved": ("cool-down", "moved 100s ago, rests 300s"),
        "failed": ("busy", "the move was refused"),
        "updating": ("busy", "its newest version is being deployed"),
        "done": ("busy", "it is COMPLETED"),
    }
    assert report.moving == 0


async def test_who_may_stay_only_where_nothing_is_wrong(flock: Flock) -> None:
    """Neither a cluster that does not answer nor one that cannot be measured is left by a pass."""
    await flock.cluster("off", state="OFFLINE")
    await flock.cluster("unmeasured", metrics_reasons={"m": {"code": "UNKNOWN_METRIC", "message": "none"}})
    await flock.cluster("good", 0.9)
    await flock.app("one", "off")
    await flock.app("two", "unmeasured")
    report = await flock.look()
    assert {item.why for item in report.held} == {
        "waits for off, which is OFFLINE",
        "metrics of unmeasured fail at the moment",
    }
    assert report.moving == 0


async def test_a_cluster_that_does_not_fit_any_more_is_left(flock: Flock) -> None:
    await flock.cluster("a", 0.2)
    await flock.cluster("b", 0.9)
    await flock.app("one", "a", constraints={"cluster": {"metrics": ["b > 0.5"]}})
    (move,) = (await flock.look()).moves
    assert (move.cause, move.outcome) == ("leave", "asked for")
    (request,) = (await flock.requests()).values()
    assert (request["leave"], request["cluster"]) == (False, None)


async def test_no_execute_drives_away_and_lets_stay_again(flock: Flock) -> None:
    a = await flock.cluster("a", nodes=[node("4")])
    await flock.cluster("b", nodes=[node("1")])
    resources = {"requests": {"cpu": "1"}}
    tolerant = deployment("tolerant", resources=resources)
    tolerant["spec"]["template"]["spec"]["tolerations"] = [{"key": "fire", "operator": "Exists"}]
    await flock.app("tolerant", "a", tolerant)
    await flock.app("small", "a", deployment("small", resources=resources))
    await flock.app("large", "a", deployment("large", resources={"requests": {"cpu": "3"}}))
    await flock.respec(a, taints=[{"key": "fire", "value": "", "effect": "NoExecute"}])
    report = await flock.look()
    assert {move.application.name: (move.cause, move.target) for move in report.moves} == {
        "small": ("evacuate", "b")
    }
    assert [item.application.name for item in report.nowhere] == ["large"]
    asked = await flock.requests()
    assert {name: one["leave"] for name, one in asked.items()} == {"small": True, "large": True}
    assert asked["large"]["trigger"] == "rebalance: a is tainted fire:NoExecute"

    large = await flock.store.get("Application", "testing", "large")
    await set_status(flock.store, large, request={**asked["large"], "parked": True})
    await flock.look()
    assert "large" in await flock.requests()
    await flock.respec(a, taints=[])
    await flock.look()
    assert "large" not in await flock.requests()


async def test_siblings_are_spread_within_a_pass(flock: Flock) -> None:
    for name, location in (("a", "DE"), ("b", "DE"), ("c", "IT")):
        await flock.cluster(name, labels={"location": location})
    spread = {"cluster": {"spread": {"over": "location", "among": "team"}}}
    web = {"team": "web"}
    await flock.app("first", "c", labels=web)
    for number in range(3):
        await flock.app(f"app-{number}", None, labels=web, constraints=spread)
    places = Counter(move.target == "c" for move in (await flock.look(dry_run=True)).moves)
    assert places == {False: 2, True: 1}


class Looking:
    """A run of the workflow on the stage's queue."""

    def __init__(self, scene: Stage) -> None:
        self._scene = scene
        self._id = f"rebalance-{uuid4().hex[:8]}"

    async def start(self, settle: float) -> WorkflowHandle[Any, RebalanceReport]:
        """Start it, or signal the one that runs, as whoever changes something does."""
        return await self._scene.client.start_workflow(
            WorkflowName.REBALANCE,
            PassOrder(settle=settle),
            id=self._id,
            task_queue=self._scene.queue,
            result_type=RebalanceReport,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=WAKE_SIGNAL,
            start_signal_args=[Wake(cause="changed")],
        )


async def looks(handle: WorkflowHandle[Any, Any]) -> int:
    """How often a run has begun to look."""
    events = (await handle.fetch_history()).events
    return sum(1 for event in events if event.HasField("activity_task_scheduled_event_attributes"))


async def test_a_burst_of_changes_makes_one_look(scene: Stage) -> None:
    looking = Looking(scene)
    handles = [await looking.start(0.5) for _ in range(10)]
    assert (await handles[0].result()).summary == "there are no applications"
    assert await looks(handles[0]) == 1
    assert {handle.result_run_id for handle in handles} == {handles[0].result_run_id}


async def test_a_change_during_a_look_makes_another_one(scene: Stage) -> None:
    """The look is held up by somebody else's transaction, before it can ask for the move that is due."""
    flock = Flock(scene.store, scene.client)
    await flock.cluster("a", 0.1)
    await flock.cluster("b", 0.9)
    await flock.app("one", "a")
    looking = Looking(scene)
    async with scene.store.transaction() as transaction:
        await transaction.add_event((await flock.apps())[0], UPDATED)
        handle = await looking.start(0)

        async def begun() -> bool:
            return await looks(handle) == 1

        await until("it looks", begun)
        await looking.start(0)
    report = await handle.result()
    assert await looks(handle) == 2
    assert report.moving == 0
    assert (await flock.requests())["one"]["actor"] == "krake rebalance"


async def test_only_those_are_woken_that_fit_now(flock: Flock, client: Client) -> None:
    """Unplaced ones, ones that have to leave and found nothing, and ones whose update found no room."""
    await flock.cluster("full", nodes=[node("4")])
    await flock.cluster("new", nodes=[node("4")], state="OFFLINE")
    tag = uuid4().hex[:8]
    for cpu in ("1", "2", "5"):
        app = deployment(f"place-{cpu}", resources={"requests": {"cpu": cpu}})
        await flock.app(f"place-{cpu}-{tag}", None, app, status={"state": "PENDING"})
    leave = {"id": "x", "kind": "migrate", "leave": True, "parked": True, "at": "2020-01-01T00:00:00+00:00"}
    stuck = {"code": "NO_SUITABLE_RESOURCE", "message": "no room"}
    degraded = {"state": "DEGRADED", "reason": stuck}
    one = deployment("one", resources={"requests": {"cpu": "1"}})
    await flock.app(f"parked-{tag}", "full", one, status={**degraded, "request": leave})
    updated = deployment("two", resources={"requests": {"cpu": "4"}})
    held = {flock.clusters["full"].uid: {"cpu": 1000}}
    await flock.app(f"updated-{tag}", "full", updated, status={**degraded, "reserved": held})
    await set_status(flock.store, flock.clusters["full"], nodes=[node("1")])
    assert (await flock.look()).moving == 0
    assert (await flock.look(only_news=True)).summary == "nothing has changed since the last look"

    await set_status(flock.store, flock.clusters["new"], state="ONLINE")
    await set_status(flock.store, flock.clusters["full"], nodes=[node("4")])
    await flock.respec(flock.clusters["full"], cordoned=True)
    report = await flock.look()
    due = {move.application.name.rsplit("-", 1)[0] for move in report.moves}
    assert due == {"place-1", "place-2", "parked", "updated"}
    for name in due:
        await until(f"{name} is woken", partial(woken, client, f"{name}-{tag}"))
    assert not await woken(client, f"place-5-{tag}")
