"""The shutdown hook in a move: the source is asked, and only its own confirmation counts."""

from __future__ import annotations

from typing import Any

import httpx

from krake.hooks.tokens import ensure_token
from krake.messages.base import Target
from krake.models.hooks import HookName
from krake.models.requests import MigrationStrategy
from tests.support.waiting import until
from tests.workflows.moving import place_of, settled
from tests.workflows.stage import Stage
from tests.workflows.test_application import outcome, reached
from tests.workflows.test_shutdown import GIVE_UP, api, call, gone

__all__ = ["api"]


async def on_de(scene: Stage, **fields: Any) -> tuple[Target, dict[str, str]]:
    """An application with the hook on `de` while `it` is there, and the uids of both clusters."""
    de = await scene.cluster("de")
    app = await scene.app(**{**GIVE_UP, **fields})
    await outcome(await scene.wake(app))
    it = await scene.cluster("it")
    scene.clusters.places.clear()
    return app, {"de": de.uid, "it": it.uid}


async def token_on(scene: Stage, app: Target, uid: str) -> str:
    """The token of the copy on a cluster."""
    async with scene.store.transaction() as transaction:
        return await ensure_token(transaction, app.uid, HookName.SHUTDOWN, uid)


async def test_the_source_is_asked_after_the_hand_over_and_confirms(
    scene: Stage, api: httpx.AsyncClient
) -> None:
    app, uids = await on_de(scene, shutdown_grace_time=60)
    await scene.migrate(app)
    await reached(scene, app, "WAITING_FOR_CLEANING")
    record = await scene.record(app)
    assert record.status["scheduled_uid"] == uids["it"]
    assert record.status["shutdown"]["cluster"]["name"] == "de"
    path = f"/kubernetes/namespaces/{app.namespace}/applications/{app.name}/shutdown"
    wrong = await api.put(path, json={"token": await token_on(scene, app, uids["it"])})
    assert wrong.status_code == 401
    await call(api, app, "shutdown", await token_on(scene, app, uids["de"]))
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")
    assert record.status["last_migration"]["outcome"] == "succeeded"
    assert scene.clusters.places[-1] == ("remove_objects", "de")
    assert scene.clusters.count("request_shutdown") == 1


async def test_a_source_that_does_not_confirm_stays_until_the_user_decides(
    scene: Stage, api: httpx.AsyncClient
) -> None:
    app, uids = await on_de(scene)
    await scene.migrate(app)
    await reached(scene, app, "DEGRADED")
    record = await settled(scene, app)
    assert record.status["reason"]["code"] == "SHUTDOWN_FAILED"
    assert record.status["scheduled_uid"] == uids["it"]
    assert ("remove_objects", "de") not in scene.clusters.places
    for cause in ("sweep", "cluster it is ONLINE"):
        assert await outcome(await scene.wake(app, cause)) == "nothing to do"

    await call(api, app, "retry")
    await call(api, app, "shutdown", await token_on(scene, app, uids["de"]))
    await reached(scene, app, "RUNNING")
    record = await settled(scene, app)
    assert (place_of(record), record.status["request"]) == ("it", None)
    assert scene.clusters.places[-1] == ("remove_objects", "de")


async def test_a_deletion_is_another_try_for_a_source_that_did_not_confirm(
    scene: Stage, api: httpx.AsyncClient
) -> None:
    app, uids = await on_de(scene)
    await scene.migrate(app)
    await reached(scene, app, "DEGRADED")
    await settled(scene, app)
    await scene.delete(app)
    for name in ("de", "it"):
        await until_asked(scene, app, name)
        await call(api, app, "shutdown", await token_on(scene, app, uids[name]))
    await gone(scene, app)
    removed = [name for step, name in scene.clusters.places if step == "remove_objects"]
    assert removed == ["de", "it"]


async def test_with_the_strategy_delete_it_moves_nevertheless(scene: Stage) -> None:
    app, _ = await on_de(scene, shutdown_failure_strategy="delete")
    await scene.migrate(app)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("it", "RUNNING")


async def test_delete_first_stays_where_it_was_without_a_confirmation(scene: Stage) -> None:
    app, _ = await on_de(scene)
    await scene.migrate(app, strategy=MigrationStrategy.DELETE_FIRST)
    record = await settled(scene, app)
    assert (place_of(record), record.status["state"]) == ("de", "RUNNING")
    assert record.status["last_migration"]["code"] == "SHUTDOWN_FAILED"
    assert not [place for place in scene.clusters.places if place[0] == "remove_objects" and place[1] == "de"]


async def until_asked(scene: Stage, app: Target, cluster: str) -> None:
    """Wait until the copy on a cluster has been asked, whether or not that has failed by now."""

    async def asked() -> bool:
        status = (await scene.record(app)).status
        shutdown = status.get("shutdown") or {}
        waits = status["state"] == "WAITING_FOR_CLEANING"
        return waits and (shutdown.get("cluster") or {}).get("name") == cluster

    await until(f"the copy on {cluster} is asked", asked)
