"""Moves off a cluster that is drained, deleted or dead: see clusters.py for what is scripted, and why."""

from __future__ import annotations

import asyncio

import pytest

from krake.messages.base import Target
from tests.workflows.failures import refused
from tests.workflows.moving import labelled, place_of, running, settled, steps_of
from tests.workflows.stage import Stage
from tests.workflows.test_application import outcome


async def test_who_has_to_leave_tries_the_others_first_and_then_again(scene: Stage) -> None:
    app = await running(scene)
    await scene.cluster("fr")
    scene.clusters.plan("apply_manifest", refused(), refused())
    await scene.migrate(app, leave=True, trigger="cluster de is drained")
    record = await settled(scene, app)
    assert record.status["state"] == "RUNNING"
    tried = [cluster for name, cluster in steps_of(scene) if name == "apply_manifest"]
    assert sorted(tried[:2]) == ["fr", "it"]
    assert place_of(record) == tried[2] != "de"


async def test_who_has_to_leave_and_fits_nowhere_waits_for_a_cluster(scene: Stage) -> None:
    await scene.cluster("de")
    app = await scene.app()
    await outcome(await scene.wake(app))
    await scene.migrate(app, leave=True, trigger="cluster de is drained")
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert record.status["reason"]["message"].startswith("cluster de is drained: no cluster fits")
    assert app.uid not in {one.uid for one in await scene.store.unobserved(10)}
    await scene.cluster("it")
    await scene.wake(app, "cluster it is ONLINE")
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")


async def evicted(scene: Stage, app: Target) -> None:
    """Removed from `de`, which is gone when that is done."""
    hold = scene.clusters.hold("remove_objects")
    await scene.migrate(app, leave=True, evict=True, trigger="cluster de is deleted")
    await asyncio.wait_for(hold.reached.wait(), 10)
    await scene.set_state("de", "OFFLINE")
    hold.released.set()


async def test_who_is_evicted_and_fits_nowhere_is_removed_and_waits(scene: Stage) -> None:
    await scene.cluster("de")
    app = await scene.app(constraints=labelled("place is de"))
    await outcome(await scene.wake(app))
    await evicted(scene, app)
    status = (await settled(scene, app)).status
    assert (status["state"], status["scheduled_to"], status["objects"]) == ("PENDING", None, [])
    assert status["reason"]["code"] == "NO_SUITABLE_RESOURCE"
    assert steps_of(scene)[-1] == ("remove_objects", "de")


async def test_who_is_evicted_and_was_not_to_move_is_placed_anew(scene: Stage) -> None:
    app = await running(scene, constraints={"migration": False})
    await evicted(scene, app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert scene.clusters.places[0] == ("remove_objects", "de")


async def test_a_dead_source_is_not_asked_for_anything(scene: Stage) -> None:
    app = await running(scene)
    await scene.set_state("de", "OFFLINE")
    await scene.migrate(app, leave=True, failover=True, trigger="cluster de does not answer")
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert ("remove_objects", "de") not in steps_of(scene)
    assert [one.cluster for one in await scene.store.orphans()] == ["de"]


async def test_a_fail_over_is_dropped_when_the_cluster_answers_again(scene: Stage) -> None:
    app = await running(scene)
    await scene.migrate(app, leave=True, failover=True, trigger="cluster de does not answer")
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert "MigrationDropped" in await scene.events(app)
    assert ("apply_manifest", "it") not in steps_of(scene)


@pytest.mark.parametrize("allowed", [False, True])
async def test_what_keeps_data_waits_for_its_dead_cluster_unless_it_may_do_without(
    scene: Stage, allowed: bool
) -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}
    app = await running(scene, failover_without_data=allowed)
    await scene.update(app, manifest=[claim])
    await settled(scene, app)
    await scene.set_state("de", "OFFLINE")
    await scene.migrate(app, leave=True, failover=True, trigger="cluster de does not answer")
    record = await settled(scene, app)
    assert place_of(record) == ("it" if allowed else "de")
    assert allowed or "the data in its volumes is out of reach" in record.status["reason"]["message"]
