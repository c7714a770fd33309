"""Moves of an application on a real Temporal: see clusters.py for what is scripted, and why.

After every failure the application is either on the source or on the target, whole, and says why.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from krake.messages import Target
from krake.store import Record
from tests.support.waiting import until
from tests.workflows.failures import refused, unreachable
from tests.workflows.stage import Stage
from tests.workflows.test_application import ended, outcome


async def running(scene: Stage, **fields: Any) -> Target:
    """An application that runs on `de` while `it` is there."""
    await scene.cluster("de")
    app = await scene.app(**fields)
    await outcome(await scene.wake(app))
    await scene.cluster("it")
    scene.clusters.places.clear()
    return app


async def settled(scene: Stage, app: Target) -> Record:
    """The application when nothing works on it any more."""
    await until("its lifecycle ends", lambda: ended(scene, app))
    return await scene.record(app)


def place_of(record: Record) -> str:
    """The one cluster that the status names; fails where it contradicts itself."""
    status = record.status
    assert status.get("migration") is None
    assert status["scheduled_to"]["name"] == status["running_on"]["name"]
    return str(status["running_on"]["name"])


async def test_it_moves_and_only_then_leaves(scene: Stage) -> None:
    app = await running(scene)
    await scene.migrate(app)
    record = await settled(scene, app)
    assert place_of(record) == "it"
    assert (record.status["state"], record.status["services"]) == ("RUNNING", {"echo": "it:80"})
    assert scene.clusters.places == [
        ("apply_manifest", "it"),
        ("await_ready", "it"),
        ("remove_objects", "de"),
    ]
    assert (await scene.events(app))[-4:] == ["MigrationRequested", "Migrating", "HandedOver", "Migrated"]
    last = record.status["last_migration"]
    assert (last["outcome"], last["source"]["name"], last["target"]["name"]) == ("succeeded", "de", "it")


@pytest.mark.parametrize("step", ["apply_manifest", "await_ready"])
async def test_a_failure_before_the_hand_over_leaves_it_where_it_was(scene: Stage, step: str) -> None:
    app = await running(scene)
    scene.clusters.plan(step, refused("NOT_READY"))
    await scene.migrate(app)
    record = await settled(scene, app)
    assert place_of(record) == "de"
    assert record.status["state"] == "RUNNING"
    assert scene.clusters.places[-1] == ("remove_objects", "it")
    last = record.status["last_migration"]
    assert (last["outcome"], last["code"]) == ("failed", "NOT_READY")
    assert await scene.store.orphans() == []


@pytest.mark.parametrize("step", ["apply_manifest", "await_ready"])
async def test_it_can_be_cancelled_before_the_hand_over(scene: Stage, step: str) -> None:
    app = await running(scene)
    hold = scene.clusters.hold(step)
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.cancel(app)
    record = await settled(scene, app)
    assert hold.cancelled
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert scene.clusters.places[-1] == ("remove_objects", "it")
    assert record.status["last_migration"]["outcome"] == "cancelled"


async def test_a_source_that_does_not_answer_is_left_behind(scene: Stage) -> None:
    app = await running(scene)
    scene.clusters.plan("remove_objects", *unreachable(1))
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert [(one.cluster, one.object_name) for one in await scene.store.orphans()] == [("de", "settings")]
