"""Moves that a changed constraint asks for: see clusters.py for what is scripted, and why."""

from __future__ import annotations

import asyncio

from tests.workflows.moving import labelled, place_of, running, settled, steps_of
from tests.workflows.stage import Stage


async def test_a_changed_constraint_moves_it(scene: Stage) -> None:
    app = await running(scene)
    await scene.update(app, constraints=labelled("place is it"))
    record = await settled(scene, app)
    assert (place_of(record), record.status["observed_generation"]) == ("it", 2)
    assert ("apply_manifest", "de") not in steps_of(scene)


async def test_a_changed_constraint_does_not_move_what_may_not(scene: Stage) -> None:
    app = await running(scene)
    await scene.update(app, constraints={**labelled("place is it"), "migration": False})
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert "it (migration is not allowed, " in record.status["reason"]["message"]


async def test_a_cancelled_move_for_a_constraint_is_not_made_again(scene: Stage) -> None:
    app = await running(scene)
    hold = scene.clusters.hold("await_ready")
    await scene.update(app, constraints=labelled("place is it"))
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.cancel(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert "the move to it was cancelled by a user" in record.status["reason"]["message"]
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")


async def test_an_update_does_not_move_it_off_a_cluster_that_may_come_back(scene: Stage) -> None:
    app = await running(scene)
    await scene.set_state("de", "OFFLINE")
    await scene.update(app, readiness_timeout=9)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert "the application waits for de, which is OFFLINE" in record.status["reason"]["message"]
