"""The steps of a move on a real store, called twice, late, or in the wrong moment: as Temporal may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.moving.beginning import BeginningActivities
from activities.moving.handing_over import HandingOverActivities
from activities.moving.undoing import UndoingActivities
from activities.placement import PlacementActivities
from activities.store.applications import ApplicationStoreActivities
from activities.store.inventory import inventory_on, write_inventory
from krake.messages.base import Target
from krake.messages.deploying import Deployment, Ready
from krake.messages.lifecycle import Ask, Plan, Step
from krake.messages.moving import Move, MoveStep
from krake.models.application import ObjectStatus
from krake.moves import cancel_migration, request_migration
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.manifests import config_map
from tests.support.store import add, set_status

CANCEL = NewEvent("MigrationCancelRequested")


@dataclass(frozen=True)
class Mover:
    """A move that has begun, step by step."""

    store: Store
    settings: Settings
    app: Target
    source: Target
    move: Move

    async def record(self) -> Record:
        """The application as the store has it."""
        return await self.store.get("Application", NAMESPACE, "echo")

    def step(self, **more: Any) -> MoveStep:
        """A step of this move."""
        return MoveStep(target=self.app, id=self.move.id, **more)

    async def begin(self) -> Move:
        """Begin, or take up."""
        order = Deployment(target=self.app, generation=1, migration=self.move.id)
        return await run(BeginningActivities(self.store, self.settings).begin_migration, order)

    async def hand_over(self) -> Move:
        """Hand over."""
        activities = HandingOverActivities(self.store, self.settings)
        return await run(activities.hand_over, self.step(ready=Ready(state="RUNNING")))

    async def finish(self, behind: str = "") -> None:
        """Finish."""
        activities = HandingOverActivities(self.store, self.settings)
        await run(activities.finish_migration, self.step(message=behind))

    async def undo(self, behind: str = "") -> tuple[Move, str]:
        """Undo."""
        activities = UndoingActivities(self.store, self.settings)
        begun = await run(activities.begin_undoing, self.step(code="NOT_READY", message="too late"))
        return begun, await run(activities.finish_undoing, self.step(message=behind))

    async def next(self) -> Plan:
        """What the lifecycle would do."""
        activities = ApplicationStoreActivities(self.store)
        return await run(activities.next_application_step, Ask(target=self.app))


@pytest.fixture
async def mover(store: Store, settings: Settings) -> Mover:
    """An application on `de` whose move to `it` has begun."""
    de = await register(store, "de", nowhere())
    spec = application_spec(config_map("settings"))
    record = await add(store, "echo", NAMESPACE, spec=spec)
    app = target_of(record)
    await run(PlacementActivities(store, settings).place_application, Deployment(target=app, generation=1))
    await register(store, "it", nowhere())
    running = {"state": "RUNNING", "observed_generation": 1, "running_on": {"name": "de"}}
    await set_status(store, record, **running)
    async with store.transaction() as transaction:
        current = await transaction.get("Application", NAMESPACE, "echo")
        asked = await request_migration(transaction, current, trigger="asked for", actor="me")
    mover = Mover(store, settings, app, target_of(de), Move(target=app, id=asked.status["request"]["id"]))
    return Mover(store, settings, app, target_of(de), await mover.begin())


def names(record: Record, cluster: Target | None) -> list[str]:
    """The objects on a cluster, by the uid that the cluster gave them."""
    assert cluster is not None
    return [item.uid for item in inventory_on(record, cluster)]


def made(uid: str) -> list[ObjectStatus]:
    """The inventory after an apply."""
    return [ObjectStatus(api_version="v1", kind="ConfigMap", namespace="default", name="settings", uid=uid)]


async def test_beginning_twice_takes_up_the_same_move(mover: Mover) -> None:
    before = await mover.record()
    again = await mover.begin()
    assert again == mover.move
    assert (await mover.record()).revision == before.revision
    assert len(await mover.store.decisions(mover.app.uid, 10)) == 2, "the placement and the move"


async def test_each_cluster_has_its_own_inventory_all_the_time(mover: Mover) -> None:
    it = mover.move.destination
    assert it is not None
    await write_inventory(mover.store, mover.app.uid, mover.source, made("on-de"))
    await write_inventory(mover.store, mover.app.uid, it, made("on-it"))
    before = await mover.record()
    assert (names(before, mover.source), names(before, it)) == (["on-de"], ["on-it"])
    await mover.hand_over()
    after = await mover.record()
    assert (names(after, mover.source), names(after, it)) == (["on-de"], ["on-it"])
    assert after.status["objects"][0]["uid"] == "on-it"
    await mover.finish()
    await write_inventory(mover.store, mover.app.uid, mover.source, made("late"))
    assert names(await mover.record(), it) == ["on-it"], "a call that outlived the move changes nothing"


async def test_handing_over_and_finishing_twice_is_as_good_as_once(mover: Mover) -> None:
    first = await mover.hand_over()
    handed_over = await mover.record()
    assert await mover.hand_over() == first
    assert (await mover.record()).revision == handed_over.revision
    await mover.finish("cluster de does not answer")
    finished = await mover.record()
    await mover.finish("cluster de does not answer")
    assert (await mover.record()).revision == finished.revision
    assert len(await mover.store.orphans()) == 1


async def test_undoing_twice_is_as_good_as_once(mover: Mover) -> None:
    await mover.undo("cluster it does not answer")
    undone = await mover.record()
    await mover.undo("cluster it does not answer")
    assert (await mover.record()).revision == undone.revision
    assert [one.cluster for one in await mover.store.orphans()] == ["it"]
    assert undone.status["state"] == "RUNNING"


async def test_what_is_handed_over_cannot_be_undone(mover: Mover) -> None:
    """The result of a hand-over may be lost after its commit: then the move goes forward all the same."""
    await mover.hand_over()
    begun, _ = await mover.undo()
    assert begun.phase == "handed-over"


async def test_a_cancelled_move_is_not_handed_over(mover: Mover) -> None:
    async with mover.store.transaction() as transaction:
        await cancel_migration(transaction, await transaction.get("Application", NAMESPACE, "echo"), CANCEL)
    with pytest.raises(ApplicationError, match="something newer is to be done"):
        await mover.hand_over()
    assert (await mover.next()).interrupt
    assert (await mover.begin()).interrupted


async def test_the_move_comes_before_everything_until_it_is_over(mover: Mover) -> None:
    async with mover.store.transaction() as transaction:
        await transaction.mark_deleted(await mover.record(), NewEvent("DeletionRequested"))
    plan = await mover.next()
    assert (plan.step, plan.migration, plan.interrupt) == (Step.MIGRATE, mover.move.id, True)
    await mover.undo()
    assert (await mover.next()).step == Step.DELETE


async def test_a_sweep_finds_a_move_that_nobody_works_on(mover: Mover) -> None:
    assert mover.app.uid in {record.uid for record in await mover.store.unobserved(10)}
    await mover.hand_over()
    assert mover.app.uid in {record.uid for record in await mover.store.unobserved(10)}
    await mover.finish()
    assert mover.app.uid not in {record.uid for record in await mover.store.unobserved(10)}


async def test_what_failed_pauses_before_it_is_tried_again(mover: Mover) -> None:
    await mover.undo()
    backoff = (await mover.record()).status["migration_backoff"]
    assert (backoff["failures"], backoff["generation"]) == (1, 1)
    assert "the move to it failed: NOT_READY: too late" in backoff["message"]
    assert backoff["until"] is not None
