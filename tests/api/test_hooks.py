"""Hooks over HTTP: which token is good for what, and for how long; and `retry`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from krake.hooks.shutdown import gave_up
from krake.hooks.tokens import ensure_token, read_tokens
from krake.models.hooks import HookName, ShutdownPurpose, ShutdownState, ShutdownStatus
from krake.models.metadata import ResourceRef
from krake.store import Record, Store
from tests.api.documents import APPLICATIONS, application
from tests.support.store import add, set_status

DE, IT = "uid-of-de", "uid-of-it"
NOW = datetime.now(UTC).isoformat()


@pytest.fixture
def url(sqlite_url: str) -> str:
    """SQLite alone: nothing here depends on the database."""
    return sqlite_url


async def running(store: Store, name: str = "echo", **status: Any) -> Record:
    """An application with both hooks that runs on `de`."""
    spec = application(hooks=["complete", "shutdown"])["spec"]
    shown = {"state": "RUNNING", "scheduled_uid": DE, "observed_generation": 1, "deployed_at": NOW, **status}
    return await add(store, name, spec=spec, status=shown)


def asked(
    cluster: str = DE, state: ShutdownState = ShutdownState.WAITING, purpose: str = "delete"
) -> dict[str, Any]:
    """The status of an application that was asked to shut down."""
    shutdown = ShutdownStatus(
        state=state,
        purpose=ShutdownPurpose(purpose),
        cluster=ResourceRef(api="kubernetes", kind="Cluster", namespace="testing", name="de"),
        cluster_uid=cluster,
        resume="DELETING" if purpose == "delete" else "MIGRATING",
    )
    waiting = state == ShutdownState.WAITING
    return {
        "state": "WAITING_FOR_CLEANING" if waiting else "DEGRADED",
        "reason": None if waiting else {"code": "SHUTDOWN_FAILED", "message": "x"},
        "shutdown": shutdown.model_dump(mode="json"),
    }


async def token_for(store: Store, app: Record, hook: HookName, cluster: str = DE) -> str:
    """The token that a copy of the application is given."""
    async with store.transaction() as transaction:
        return await ensure_token(transaction, app.uid, hook, cluster)


async def call(client: httpx.AsyncClient, app: Record, hook: HookName, token: Any) -> httpx.Response:
    """Call a hook."""
    return await client.put(f"{APPLICATIONS}/{app.name}/{hook}", json={"token": token})


async def refused(client: httpx.AsyncClient, app: Record, hook: HookName, token: Any) -> None:
    """Call a hook in vain: nothing changes, and the answer does not say what was wrong."""
    before = (await client.get(f"{APPLICATIONS}/{app.name}")).json()
    answer = await call(client, app, hook, token)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == (
        "The token is missing, or is not valid for this hook of this application"
    )
    assert (await client.get(f"{APPLICATIONS}/{app.name}")).json() == before


async def test_complete_deletes_the_application(client: httpx.AsyncClient, store: Store) -> None:
    app = await running(store)
    token = await token_for(store, app, HookName.COMPLETE)
    answer = await call(client, app, HookName.COMPLETE, token)
    assert answer.status_code == 200
    shown = answer.json()
    assert shown["metadata"]["deleted"]
    assert shown["status"]["state"] == "READY_FOR_ACTION"
    events = (await store.events(uid=app.uid))[-2:]
    assert [event.type for event in events] == ["Completed", "DeletionRequested"]
    assert {event.actor for event in events} == {"system:complete-hook"}
    assert events[0].cause.startswith("request ")
    # A helper that did not hear the answer asks again.
    assert (await call(client, app, HookName.COMPLETE, token)).json() == shown
    assert len(await store.events(uid=app.uid)) == 3


@pytest.mark.parametrize("hook", HookName)
@pytest.mark.parametrize("token", [None, "", "wrong", 17, ["x"], "ü"])
async def test_a_wrong_token_does_nothing(
    client: httpx.AsyncClient, store: Store, hook: HookName, token: Any
) -> None:
    app = await running(store, **asked())
    await refused(client, app, hook, token)
    await token_for(store, app, hook)
    await refused(client, app, hook, token)


async def test_a_token_is_good_for_one_hook_of_one_application(
    client: httpx.AsyncClient, store: Store
) -> None:
    app, other = await running(store, **asked()), await running(store, "other", **asked())
    tokens = {hook: await token_for(store, app, hook) for hook in HookName}
    for hook in HookName:
        await token_for(store, other, hook)
        await refused(client, other, hook, tokens[hook])
    await refused(client, app, HookName.COMPLETE, tokens[HookName.SHUTDOWN])
    await refused(client, app, HookName.SHUTDOWN, tokens[HookName.COMPLETE])


async def test_only_the_copy_that_was_asked_can_confirm(client: httpx.AsyncClient, store: Store) -> None:
    """During a migration there are two: here the one on `de` leaves, the one on `it` stays."""
    status = asked(DE, purpose="migrate") | {"scheduled_uid": IT}
    app = await running(store, **status)
    source, target = [await token_for(store, app, HookName.SHUTDOWN, uid) for uid in (DE, IT)]
    await refused(client, app, HookName.SHUTDOWN, target)
    answer = await call(client, app, HookName.SHUTDOWN, source)
    assert answer.json()["status"]["state"] == "READY_FOR_ACTION"
    assert answer.json()["status"]["shutdown"]["state"] == "confirmed"
    await set_status(store, app, state="MIGRATING")
    assert (await call(client, app, HookName.SHUTDOWN, source)).status_code == 200
    await set_status(store, app, state="RUNNING")
    await refused(client, app, HookName.SHUTDOWN, source)


async def test_a_copy_that_is_no_longer_the_application_cannot_end_it(
    client: httpx.AsyncClient, store: Store
) -> None:
    """A cluster that was given up comes back with a copy of what runs elsewhere by now."""
    app = await running(store)
    for hook in HookName:
        await refused(client, app, hook, await token_for(store, app, hook, IT))


@pytest.mark.parametrize("state", [ShutdownState.WAITING, ShutdownState.FAILED])
async def test_a_confirmation_counts_while_it_is_waited_for_and_after_that_failed(
    client: httpx.AsyncClient, store: Store, state: ShutdownState
) -> None:
    app = await running(store, **asked(state=state))
    token = await token_for(store, app, HookName.SHUTDOWN)
    first = await call(client, app, HookName.SHUTDOWN, token)
    assert (first.json()["status"]["state"], first.json()["status"]["reason"]) == ("READY_FOR_ACTION", None)
    assert (await call(client, app, HookName.SHUTDOWN, token)).json() == first.json()
    events = [event for event in await store.events(uid=app.uid) if event.type == "ShutdownConfirmed"]
    assert [event.actor for event in events] == ["system:shutdown-hook"]
    spent = await read_tokens(store, app.uid, HookName.SHUTDOWN)
    assert spent[DE].spent == "confirmed"


async def test_unasked_a_confirmation_changes_nothing_and_spends_nothing(
    client: httpx.AsyncClient, store: Store
) -> None:
    app = await running(store)
    token = await token_for(store, app, HookName.SHUTDOWN)
    before = (await client.get(f"{APPLICATIONS}/echo")).json()
    assert (await call(client, app, HookName.SHUTDOWN, token)).json() == before
    await set_status(store, app, **asked())
    assert (await call(client, app, HookName.SHUTDOWN, token)).json() != before


async def test_a_token_survives_updates_and_a_spent_one_is_replaced(
    client: httpx.AsyncClient, store: Store
) -> None:
    app = await running(store)
    token = await token_for(store, app, HookName.SHUTDOWN)
    body = (await client.get(f"{APPLICATIONS}/echo")).json()
    body["metadata"]["labels"] = {"a": "1"}
    assert (await client.put(f"{APPLICATIONS}/echo", json=body)).status_code == 200
    assert await token_for(store, app, HookName.SHUTDOWN) == token
    await set_status(store, app, **asked())
    await call(client, app, HookName.SHUTDOWN, token)
    assert await token_for(store, app, HookName.SHUTDOWN) != token
    await set_status(store, app, **asked())
    await refused(client, app, HookName.SHUTDOWN, token)


async def test_no_answer_carries_a_token(client: httpx.AsyncClient, store: Store) -> None:
    app = await running(store, **asked())
    tokens = [await token_for(store, app, hook) for hook in HookName]
    texts = [
        (await client.get(path)).text
        for path in (f"{APPLICATIONS}/echo", APPLICATIONS, f"{APPLICATIONS}/echo/events")
    ]
    for hook, token in zip(HookName, tokens, strict=True):
        texts.append((await call(client, app, hook, token)).text)
    assert not [token for token in tokens for text in texts if token in text]


async def test_a_hook_of_what_is_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.put(f"{APPLICATIONS}/ghost/complete", json={"token": "x"})).status_code == 401
    assert (await client.put(f"{APPLICATIONS}/ghost/retry")).status_code == 404


async def test_retry_of_a_shutdown_that_failed(client: httpx.AsyncClient, store: Store) -> None:
    app = await running(store, **asked(state=ShutdownState.FAILED))
    assert gave_up(app)
    answer = await client.put(f"{APPLICATIONS}/echo/retry")
    assert answer.json()["status"]["state"] == "WAITING_FOR_CLEANING"
    assert not gave_up(await store.get("Application", "testing", "echo"))
    event = (await store.events(uid=app.uid))[-1]
    assert (event.type, event.actor) == ("RetryRequested", "tester")


async def test_retry_of_what_failed_is_found_even_if_the_wake_up_is_lost(
    client: httpx.AsyncClient, store: Store
) -> None:
    """No Temporal answers here: what the sweep looks for has to say it."""
    app = await running(store, state="FAILED", reason={"code": "NOT_READY", "message": "x"})
    assert await store.unobserved(10) == []
    answer = (await client.put(f"{APPLICATIONS}/echo/retry")).json()
    assert (answer["status"]["state"], answer["status"]["reason"]) == ("RECONCILING", None)
    assert [record.uid for record in await store.unobserved(10)] == [app.uid]


async def test_retry_of_a_migration_is_found_even_if_the_wake_up_is_lost(
    client: httpx.AsyncClient, store: Store
) -> None:
    app = await running(store, **asked(state=ShutdownState.FAILED, purpose="migrate"))
    assert await store.unobserved(10) == []
    assert (await client.put(f"{APPLICATIONS}/echo/retry")).status_code == 200
    assert [record.uid for record in await store.unobserved(10)] == [app.uid]


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"state": "PENDING"},
        {"state": "DEGRADED"},
        asked(),
        {"shutdown": asked()["shutdown"]},
        asked(state=ShutdownState.FAILED) | {"reason": {"code": "NOT_READY", "message": "another trouble"}},
    ],
)
async def test_retry_of_what_did_not_give_up(
    client: httpx.AsyncClient, store: Store, status: dict[str, Any]
) -> None:
    await running(store, **status)
    answer = await client.put(f"{APPLICATIONS}/echo/retry")
    assert (answer.status_code, answer.json()["title"]) == (400, "UPDATE_ERROR")
    assert answer.json()["detail"] == "No migration or deletion retry needed"
