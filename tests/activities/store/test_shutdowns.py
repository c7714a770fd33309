"""When an application has to shut down, and what its shutdown leaves in the status."""

from __future__ import annotations

from typing import Any

import pytest

from activities.store.applications import ApplicationStoreActivities
from activities.store.shutdowns import ShutdownStoreActivities
from krake.hooks.messages import Shutdown, ShutdownAttempt, ShutdownEnd
from krake.hooks.shutdown import has_to_shut_down
from krake.hooks.tokens import ensure_token, read_tokens, spend_token
from krake.messages.lifecycle import Ask, Step
from krake.models.hooks import HookName, ShutdownPurpose
from krake.settings import Settings
from krake.store import Record, Store
from tests.activities.store.test_applications import mark_deleted, moment
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.manifests import deployment
from tests.support.store import REMOVED, add, set_status


@pytest.fixture
def activities(store: Store, settings: Settings) -> ShutdownStoreActivities:
    """The activities on the test's store."""
    return ShutdownStoreActivities(store, settings)


@pytest.fixture
async def cluster(store: Store) -> Record:
    """The cluster that the application runs on."""
    return await register(store, "de", nowhere())


async def running(store: Store, cluster: Record, **fields: Any) -> Record:
    """A running application with the hook and its token."""
    status = {"state": "RUNNING", "scheduled_uid": cluster.uid, "deployed_at": moment(-5)}
    spec = application_spec(deployment("web"), **{"hooks": ["shutdown"], **fields})
    app = await add(store, "echo", NAMESPACE, spec=spec, status=status)
    async with store.transaction() as transaction:
        await ensure_token(transaction, app.uid, HookName.SHUTDOWN, cluster.uid)
    return app


def shutdown(app: Record, cluster: Record, purpose: str = "delete") -> Shutdown:
    """Its shutdown."""
    return Shutdown(target=target_of(app), cluster=target_of(cluster), purpose=ShutdownPurpose(purpose))


async def status_of(store: Store, app: Record) -> dict[str, Any]:
    """The application's status."""
    return (await store.get("Application", NAMESPACE, app.name)).status


async def test_the_terms_are_the_applications_else_the_settings(
    store: Store, settings: Settings, cluster: Record
) -> None:
    app = await running(store, cluster)
    call = ShutdownAttempt(shutdown=shutdown(app, cluster))
    terms = await run(ShutdownStoreActivities(store, settings).begin_shutdown, call)
    assert (terms.grace, terms.attempts, terms.settled) == (30, 1, False)
    other = settings.model_copy(update={"shutdown_hook_timeout": 5, "shutdown_hook_failure_retry_count": 2})
    terms = await run(ShutdownStoreActivities(store, other).begin_shutdown, call)
    assert (terms.grace, terms.attempts) == (5, 3)


async def test_the_state_that_was_interrupted_comes_back(
    activities: ShutdownStoreActivities, store: Store, cluster: Record
) -> None:
    app = await running(store, cluster, shutdown_grace_time=7, shutdown_retry_count=1)
    await set_status(store, app, state="MIGRATING", request={"kind": "retry"})
    stop = shutdown(app, cluster, "migrate")
    for attempt in (1, 2):
        terms = await run(activities.begin_shutdown, ShutdownAttempt(shutdown=stop, attempt=attempt))
        assert (terms.grace, terms.attempts) == (7, 2)
        status = await status_of(store, app)
        assert status["state"] == "WAITING_FOR_CLEANING"
        assert status["shutdown"]["attempt"] == attempt
        assert status["request"] is None
        assert status["shutdown_grace_period"] == terms.deadline
    assert not await run(activities.shutdown_confirmed, stop)
    async with store.transaction() as transaction:
        await spend_token(transaction, app.uid, HookName.SHUTDOWN, cluster.uid, "confirmed")
    assert await run(activities.shutdown_confirmed, stop)
    outcome = await run(activities.end_shutdown, ShutdownEnd(shutdown=stop, attempts=2))
    assert (outcome.confirmed, outcome.proceed) == (True, True)
    status = await status_of(store, app)
    assert (status["state"], status["shutdown"]["state"]) == ("MIGRATING", "confirmed")
    assert status["shutdown_grace_period"] is None
    again = await run(activities.begin_shutdown, ShutdownAttempt(shutdown=stop))
    assert (again.settled, again.confirmed) == (True, True)


@pytest.mark.parametrize("own", [None, "give_up"])
async def test_giving_up_is_the_default_and_shows(
    activities: ShutdownStoreActivities, store: Store, cluster: Record, own: str | None
) -> None:
    app = await running(store, cluster, shutdown_failure_strategy=own)
    await mark_deleted(store, app)
    stop = shutdown(app, cluster)
    await run(activities.begin_shutdown, ShutdownAttempt(shutdown=stop))
    end = ShutdownEnd(shutdown=stop, attempts=1, trouble="no Service")
    outcome = await run(activities.end_shutdown, end)
    assert (outcome.confirmed, outcome.proceed) == (False, False)
    status = await status_of(store, app)
    assert (status["state"], status["reason"]["code"]) == ("DEGRADED", "SHUTDOWN_FAILED")
    assert status["reason"]["message"].endswith("asked once: no Service")
    ask = Ask(target=target_of(app), causes=["sweep"])
    assert (await run(ApplicationStoreActivities(store).next_application_step, ask)).step == Step.NOTHING
    assert not (await read_tokens(store, app.uid, HookName.SHUTDOWN))[cluster.uid].spent


async def test_going_on_nevertheless_makes_the_token_useless(
    activities: ShutdownStoreActivities, store: Store, cluster: Record
) -> None:
    app = await running(store, cluster, shutdown_failure_strategy="delete")
    stop = shutdown(app, cluster)
    await run(activities.begin_shutdown, ShutdownAttempt(shutdown=stop))
    outcome = await run(activities.end_shutdown, ShutdownEnd(shutdown=stop))
    assert (outcome.confirmed, outcome.proceed) == (False, True)
    assert (await status_of(store, app))["state"] == "RUNNING"
    assert (await read_tokens(store, app.uid, HookName.SHUTDOWN))[cluster.uid].spent == "overridden"
    again = await run(activities.begin_shutdown, ShutdownAttempt(shutdown=stop))
    assert (again.settled, again.confirmed) == (True, False)


async def test_a_cluster_that_is_gone_is_not_waited_for(
    activities: ShutdownStoreActivities, store: Store, cluster: Record
) -> None:
    app = await running(store, cluster)
    async with store.transaction() as transaction:
        await transaction.remove(cluster, REMOVED)
    terms = await run(activities.begin_shutdown, ShutdownAttempt(shutdown=shutdown(app, cluster)))
    assert (terms.settled, terms.confirmed) == (True, False)
    assert "not registered" in terms.message


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, True),
        ({"state": "DEGRADED"}, True),
        ({"deployed_at": None}, False),
        ({"state": "COMPLETED"}, False),
        ({"completed": moment()}, False),
        ({"state": "DELETING", "container_health": {"desired_pods": 2, "completed_pods": 2}}, False),
        ({"state": "DELETING", "container_health": {"desired_pods": 2, "completed_pods": 1}}, True),
    ],
)
async def test_only_what_may_still_work_is_asked(
    store: Store, cluster: Record, status: dict[str, Any], expected: bool
) -> None:
    app = await set_status(store, await running(store, cluster), **status)
    assert has_to_shut_down(app) is expected
    plan = await run(ApplicationStoreActivities(store).next_application_step, Ask(target=target_of(app)))
    assert plan.shutdown_hook is expected
