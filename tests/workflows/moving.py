"""What the tests of moves begin with and look at."""

from __future__ import annotations

from typing import Any

from krake.messages.base import Target
from krake.store import Record
from tests.support.waiting import until
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


def labelled(*constraints: str) -> dict[str, Any]:
    """Constraints on the labels of the cluster; each cluster of a stage has its name as its place."""
    return {"cluster": {"labels": list(constraints)}}


def steps_of(scene: Stage) -> list[tuple[str, str]]:
    """What was done on which cluster, in this order."""
    return list(scene.clusters.places)


def place_of(record: Record) -> str:
    """The one cluster that the status names; fails where it contradicts itself."""
    status = record.status
    assert status.get("migration") is None
    assert status["scheduled_to"]["name"] == status["running_on"]["name"]
    return str(status["running_on"]["name"])
