"""Where the copying of volumes has its place in a move: see clusters.py for what is scripted, and why."""

from __future__ import annotations

import asyncio

from krake.messages.base import Target
from tests.activities.kubernetes.volumes.stage import pod_with_data
from tests.support.waiting import until
from tests.workflows.failures import refused
from tests.workflows.moving import place_of, running, settled
from tests.workflows.stage import Stage

COPY = ("copy_volumes", "de to it")


async def with_data(scene: Stage) -> Target:
    """An application with data in a volume, which runs on `de` while `it` is there."""
    return await running(scene, manifest=[pod_with_data()])


async def test_data_is_copied_between_readiness_and_hand_over(scene: Stage) -> None:
    app = await with_data(scene)
    hold = scene.clusters.hold("copy_volumes")
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    status = (await scene.record(app)).status
    assert (status["migration"]["phase"], status["scheduled_to"]["name"]) == ("copying", "de")
    hold.released.set()
    assert place_of(await settled(scene, app)) == "it"
    assert scene.clusters.places == [
        ("apply_manifest", "it"),
        ("await_ready", "it"),
        COPY,
        ("remove_objects", "de"),
    ]


async def test_when_the_copy_fails_it_stays_and_says_why(scene: Stage) -> None:
    app = await with_data(scene)
    scene.clusters.plan("copy_volumes", refused("MIGRATION_FAILED"))
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert scene.clusters.places[-1] == ("remove_objects", "it")
    last = record.status["last_migration"]
    assert (last["outcome"], last["code"]) == ("failed", "MIGRATION_FAILED")


async def test_it_can_be_cancelled_while_data_is_copied(scene: Stage) -> None:
    app = await with_data(scene)
    hold = scene.clusters.hold("copy_volumes")
    await scene.migrate(app)
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.cancel(app)
    record = await settled(scene, app)
    assert hold.cancelled
    assert place_of(record) == "de"
    assert record.status["last_migration"]["outcome"] == "cancelled"


async def test_a_dead_source_is_not_copied_from(scene: Stage) -> None:
    app = await with_data(scene)
    await scene.set_state("de", "OFFLINE")
    await scene.migrate(app, leave=True)

    async def moved() -> bool:
        return bool((await scene.record(app)).status.get("last_migration"))

    await until("it has moved", moved)
    assert COPY not in scene.clusters.places
