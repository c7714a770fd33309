"""The shutdown hook in an application's deletion, on a real Temporal: what clusters do is scripted.

The application's own part, calling its hook, is played through the API itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from api.app import create_app
from krake.hooks.messages import CONFIRMED_SIGNAL, shutdown_id
from krake.hooks.tokens import ensure_token
from krake.messages.base import Target
from krake.messages.lifecycle import Progress
from krake.messages.names import PROGRESS_QUERY
from krake.models.hooks import HookName
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from tests.support.waiting import until
from tests.workflows.stage import Stage
from tests.workflows.test_application import ended, outcome, reached

GIVE_UP = {"hooks": ["shutdown"], "shutdown_grace_time": 1}
NO_SERVICE = ApplicationError("it has no Service named shutdown", type="SHUTDOWN_FAILED", non_retryable=True)


@pytest.fixture
async def api(scene: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The API on the test's store and Temporal; it wakes the workflows of the test's own worker."""
    monkeypatch.setattr("krake.temporal.TASK_QUEUE", scene.queue)
    settings = Settings(authentication=[AuthenticationWay.STATIC], authorization="always-allow")
    made = create_app(settings, scene.store, scene.client)
    async with made.router.lifespan_context(made):
        yield httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://api")


async def running(scene: Stage, **fields: Any) -> Target:
    """An application with the hook that runs on `de`."""
    await scene.cluster()
    app = await scene.app(**{**GIVE_UP, **fields})
    assert await outcome(await scene.wake(app)) == "runs on de"
    return app


async def token_of(scene: Stage, app: Target, hook: HookName = HookName.SHUTDOWN) -> str:
    """The token that the application's containers were given."""
    async with scene.store.transaction() as transaction:
        uid = (await scene.record(app)).status["scheduled_uid"]
        return await ensure_token(transaction, app.uid, hook, uid)


async def call(api: httpx.AsyncClient, app: Target, part: str, token: str = "") -> None:
    """Call a hook, or `retry`."""
    path = f"/kubernetes/namespaces/{app.namespace}/applications/{app.name}/{part}"
    answer = await api.put(path, json={"token": token})
    assert answer.status_code == 200, answer.text


async def gone(scene: Stage, app: Target) -> None:
    """Wait until the application is deleted."""

    async def removed() -> bool:
        return await scene.store.find("Application", app.namespace, app.name) is None

    await until(f"{app.name} is gone", removed)


async def test_a_confirmation_in_time_lets_the_deletion_go_on(scene: Stage, api: httpx.AsyncClient) -> None:
    app = await running(scene, shutdown_grace_time=60)
    token = await token_of(scene, app)
    await scene.delete(app)
    await reached(scene, app, "WAITING_FOR_CLEANING")
    handle = scene.client.get_workflow_handle(shutdown_id(app))

    async def waits() -> bool:
        progress = await handle.query(PROGRESS_QUERY, result_type=Progress)
        return "wait for it to shut down on de, grace until" in progress.step and bool(progress.deadline)

    await until("the deadline shows", waits)
    await handle.signal(CONFIRMED_SIGNAL)  # not by the API: the store knows nothing of it
    await call(api, app, "shutdown", token)
    await gone(scene, app)
    assert [name for name, _ in scene.clusters.calls[-2:]] == ["request_shutdown", "remove_objects"]
    events = await scene.events(app)
    assert events[-5:] == ["Deleting", "ShutdownRequested", "ShutdownConfirmed", "Deleting", "Deleted"]


async def test_a_lost_signal_costs_time_and_no_more(scene: Stage) -> None:
    app = await running(scene, shutdown_grace_time=2)
    token = await token_of(scene, app)
    await scene.delete(app)
    await reached(scene, app, "WAITING_FOR_CLEANING")
    elsewhere = await Client.connect("127.0.0.1:1", lazy=True)
    deaf = create_app(Settings(authorization="always-allow"), scene.store, elsewhere)
    # Its lifespan is not entered: what it would send to Temporal is never sent.
    async with httpx.AsyncClient(transport=httpx.ASGITransport(deaf), base_url="http://api") as api:
        await call(api, app, "shutdown", token)
    await gone(scene, app)
    assert scene.clusters.count("request_shutdown") == 1


async def test_without_a_confirmation_it_waits_for_the_user(scene: Stage, api: httpx.AsyncClient) -> None:
    app = await running(scene, shutdown_retry_count=1)
    await scene.delete(app)
    await reached(scene, app, "DEGRADED")
    await until("nothing works on it", lambda: ended(scene, app))
    record = await scene.record(app)
    assert record.status["reason"] == {
        "code": "SHUTDOWN_FAILED",
        "message": "it did not confirm that it shut down on de, asked 2 times",
    }
    assert "rok kube app retry echo" in record.status["message"]
    assert [call for call in scene.clusters.calls if call[0] == "request_shutdown"] == [
        ("request_shutdown", 1),
        ("request_shutdown", 2),
    ]
    for cause in ("sweep", "cluster de is ONLINE"):
        assert await outcome(await scene.wake(app, cause)) == "nothing to do"
    assert scene.clusters.count("remove_objects") == 0

    await call(api, app, "retry")
    await reached(scene, app, "WAITING_FOR_CLEANING")
    await call(api, app, "shutdown", await token_of(scene, app))
    await gone(scene, app)


async def test_a_late_confirmation_is_as_good(scene: Stage, api: httpx.AsyncClient) -> None:
    app = await running(scene)
    token = await token_of(scene, app)
    await scene.delete(app)
    await reached(scene, app, "DEGRADED")
    await call(api, app, "shutdown", token)
    await gone(scene, app)
    assert scene.clusters.count("request_shutdown") == 1


async def test_the_strategy_delete_goes_on_nevertheless_and_only_once_asks(scene: Stage) -> None:
    app = await running(scene, shutdown_failure_strategy="delete", backoff_limit=-1)
    scene.clusters.plan("remove_objects", ApplicationError("no", type="KUBERNETES_ERROR", non_retryable=True))
    await scene.delete(app)
    await gone(scene, app)
    assert (scene.clusters.count("request_shutdown"), scene.clusters.count("remove_objects")) == (1, 2)
    assert "ShutdownOverridden" in await scene.events(app)


async def test_what_can_never_be_asked_is_not_waited_for(scene: Stage) -> None:
    app = await running(scene, shutdown_grace_time=3600, shutdown_retry_count=5)
    scene.clusters.plan("request_shutdown", NO_SERVICE)
    await scene.delete(app)
    await reached(scene, app, "DEGRADED")
    reason = (await scene.record(app)).status["reason"]
    assert reason["message"].endswith("asked once: it has no Service named shutdown")


async def test_a_request_that_is_not_taken_is_sent_again(scene: Stage, api: httpx.AsyncClient) -> None:
    app = await running(scene, shutdown_grace_time=60)
    scene.clusters.plan("request_shutdown", ApplicationError("refused", type="SHUTDOWN_FAILED"))
    token = await token_of(scene, app)
    await scene.delete(app)

    async def twice() -> bool:
        return scene.clusters.count("request_shutdown") == 2

    await until("it is asked twice", twice)
    await call(api, app, "shutdown", token)
    await gone(scene, app)


async def test_complete_deletes_it_without_asking(scene: Stage, api: httpx.AsyncClient) -> None:
    app = await running(scene, hooks=["complete", "shutdown"], shutdown_grace_time=60)
    await call(api, app, "complete", await token_of(scene, app, HookName.COMPLETE))
    await gone(scene, app)
    assert scene.clusters.count("request_shutdown") == 0
    assert (await scene.events(app))[-3:] == ["DeletionRequested", "Deleting", "Deleted"]


async def test_complete_ends_the_waiting_for_a_shutdown(scene: Stage, api: httpx.AsyncClient) -> None:
    app = await running(scene, hooks=["complete", "shutdown"], shutdown_grace_time=60)
    token = await token_of(scene, app, HookName.COMPLETE)
    await scene.delete(app)
    await reached(scene, app, "WAITING_FOR_CLEANING")
    await call(api, app, "complete", token)
    await gone(scene, app)


@pytest.mark.parametrize("fields", [{"hooks": []}, {}])
async def test_without_the_hook_or_a_token_nobody_is_asked(scene: Stage, fields: dict[str, Any]) -> None:
    """With the hook but without a token its containers were never given it, and could not confirm."""
    app = await running(scene, shutdown_grace_time=60, **fields)
    if fields == {}:
        await forget_tokens(scene, app)
    await scene.delete(app)
    await gone(scene, app)
    assert scene.clusters.count("request_shutdown") == 0


async def forget_tokens(scene: Stage, app: Target) -> None:
    """As if the hook had come with a change that was never applied."""
    async with scene.store.transaction() as transaction:
        await transaction.put_secret(app.uid, "hook/shutdown-token", b"{}")


async def test_a_failed_application_is_tried_again_on_request(scene: Stage, api: httpx.AsyncClient) -> None:
    await scene.cluster()
    app = await scene.app()
    scene.clusters.plan("apply_manifest", ApplicationError("no", type="INVALID_RESOURCE", non_retryable=True))
    await outcome(await scene.wake(app))
    await reached(scene, app, "FAILED")
    await call(api, app, "retry")
    await reached(scene, app, "RUNNING")
