"""Moves that never let two copies run: see clusters.py for what is scripted, and why."""

from __future__ import annotations

from krake.models.requests import MigrationStrategy
from tests.support.manifests import Document
from tests.workflows.failures import refused, unreachable
from tests.workflows.moving import labelled, place_of, running, settled, steps_of
from tests.workflows.stage import Stage


async def test_delete_first(scene: Stage) -> None:
    app = await running(scene, migration_strategy="delete-first")
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert steps_of(scene) == [
        ("remove_objects", "de"),
        ("apply_manifest", "it"),
        ("await_ready", "it"),
    ]


async def test_delete_first_goes_back_when_the_target_fails(scene: Stage) -> None:
    app = await running(scene)
    scene.clusters.plan("await_ready", refused("NOT_READY"))
    await scene.migrate(app, strategy=MigrationStrategy.DELETE_FIRST)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert steps_of(scene)[-3:] == [
        ("remove_objects", "it"),
        ("apply_manifest", "de"),
        ("await_ready", "de"),
    ]
    assert record.status["last_migration"]["code"] == "NOT_READY"


async def test_delete_first_stays_when_the_source_cannot_be_removed(scene: Stage) -> None:
    app = await running(scene)
    scene.clusters.plan("remove_objects", *unreachable(1))
    await scene.migrate(app, strategy=MigrationStrategy.DELETE_FIRST)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert ("apply_manifest", "it") not in steps_of(scene)
    assert await scene.store.orphans() == []


def with_data() -> list[Document]:
    """A manifest that keeps data: a Pod and its claim."""
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    container = {"name": "main", "image": "app", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    return [
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}},
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "db"},
            "spec": {"volumes": [volume], "containers": [container]},
        },
    ]


async def test_data_is_not_removed_before_it_is_copied(scene: Stage) -> None:
    """A constraint asks for the move, the strategy forbids it: that is said, not tried again and again."""
    app = await running(scene, migration_strategy="delete-first")
    await scene.update(app, manifest=with_data(), constraints=labelled("place is it"))
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "DEGRADED")
    assert "nothing to copy the data of its volumes from" in record.status["reason"]["message"]
