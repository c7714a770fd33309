"""An update that fails is undone where the application asks for it, and never in a circle."""

from __future__ import annotations

from typing import Any

import pytest

from activities.store.applications import ApplicationStoreActivities
from krake.messages.lifecycle import Ask, Failure, Plan, Step
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, run, target_of
from tests.support.manifests import config_map
from tests.support.store import add, set_status


@pytest.fixture
def activities(store: Store) -> ApplicationStoreActivities:
    """The activities on the test's store."""
    return ApplicationStoreActivities(store)


def spec(key: str, *, rollback: bool = True) -> dict[str, Any]:
    """A spec with one object."""
    return application_spec(config_map("settings", key=key), rollback=rollback)


async def update(store: Store, app: Record, **fields: Any) -> Record:
    """Change the application as the API does."""
    async with store.transaction() as transaction:
        event = NewEvent("Updated", actor="user", cause="request 2")
        return await transaction.update_spec(app, labels={}, spec=spec(**fields), event=event)


async def deployed(store: Store, app: Record) -> Record:
    """Have the present generation found ready."""
    at = "2026-01-01T00:00:00+00:00"
    return await set_status(store, app, state="RUNNING", observed_generation=app.generation, deployed_at=at)


async def fail(
    activities: ApplicationStoreActivities, app: Record, code: str = "NOT_READY", **fields: Any
) -> None:
    """Record that the rollout of a generation failed for good."""
    failure = Failure(
        target=target_of(app), generation=app.generation, code=code, message="too late", **fields
    )
    await run(activities.record_failure, failure)


async def now(store: Store) -> Record:
    """The application as it is stored."""
    return await store.get("Application", NAMESPACE, "echo")


async def plan_of(activities: ApplicationStoreActivities, app: Record) -> Plan:
    """What the lifecycle would do."""
    return await run(activities.next_application_step, Ask(target=target_of(app), causes=["updated"]))


async def updated(store: Store, **fields: Any) -> Record:
    """An application whose first generation was good and whose second is being rolled out."""
    app = await deployed(store, await add(store, "echo", NAMESPACE, spec=spec("good")))
    return await update(store, app, **{"key": "bad", **fields})


async def test_a_failed_update_returns_to_the_last_good_generation(
    activities: ApplicationStoreActivities, store: Store
) -> None:
    app = await updated(store)
    await fail(activities, app)
    back = await now(store)
    assert (back.generation, back.spec) == (3, spec("good"))
    told = back.status["rolled_back"]
    assert (told["from"], told["to"], told["generation"]) == (2, 1, 3)
    assert told["reason"] == "NOT_READY: too late"
    assert back.status["reason"] == {"code": "NOT_READY", "message": "too late"}
    newest = (await store.events(uid=app.uid))[-2:]
    assert [(event.type, event.actor) for event in newest] == [("Failed", "krake"), ("RolledBack", "krake")]
    assert newest[-1].message == "from generation 2 to 1: NOT_READY: too late"
    assert newest[-1].cause == "generation 2 failed"
    assert [item.outcome for item in await store.generations(app.uid)] == ["", "failed", "good"]

    plan = await plan_of(activities, app)
    assert (plan.step, plan.generation, plan.trigger) == (Step.DEPLOY, 3, "rollback to generation 1")
    assert plan.cause == "generation 2 failed"
    settled = await deployed(store, back)
    assert settled.status["rolled_back"] == told
    assert settled.status["last_good_generation"] == 3
    mended = await deployed(store, await update(store, settled, key="mended"))
    assert mended.status["rolled_back"] is None


async def test_a_rollback_that_fails_is_not_rolled_back(
    activities: ApplicationStoreActivities, store: Store
) -> None:
    await fail(activities, await updated(store))
    await fail(activities, await now(store), code="INVALID_RESOURCE")
    app = await now(store)
    assert (app.generation, app.status["state"], app.status["observed_generation"]) == (3, "FAILED", 3)
    assert (await plan_of(activities, app)).step == Step.NOTHING


async def test_an_update_made_meanwhile_wins(activities: ApplicationStoreActivities, store: Store) -> None:
    failing = await updated(store)
    await update(store, failing, key="newer")
    await fail(activities, failing)
    app = await now(store)
    assert (app.generation, app.spec) == (3, spec("newer"))
    assert app.status.get("rolled_back") is None


async def test_without_the_wish_it_stays_failed(activities: ApplicationStoreActivities, store: Store) -> None:
    await fail(activities, await updated(store, rollback=False))
    app = await now(store)
    assert (app.generation, app.status["state"]) == (2, "FAILED")


async def test_a_first_rollout_has_nothing_to_return_to(
    activities: ApplicationStoreActivities, store: Store
) -> None:
    app = await add(store, "echo", NAMESPACE, spec=spec("bad"))
    await fail(activities, app)
    assert (await now(store)).generation == 1


async def test_a_good_generation_that_breaks_later_is_no_failed_update(
    activities: ApplicationStoreActivities, store: Store
) -> None:
    app = await deployed(store, await add(store, "echo", NAMESPACE, spec=spec("good")))
    await fail(activities, app)
    assert (await now(store)).generation == 1


async def test_attempts_that_are_repeated_and_dead_clusters_undo_nothing(
    activities: ApplicationStoreActivities, store: Store
) -> None:
    app = await updated(store)
    await fail(activities, app, retry_in=1.0)
    await fail(activities, app, code="CLUSTER_NOT_REACHABLE")
    assert (await now(store)).generation == 2


async def test_endless_retries_of_one_failure_are_one_event(
    activities: ApplicationStoreActivities, store: Store
) -> None:
    app = await updated(store)
    for _ in range(3):
        await fail(activities, app, code="KUBERNETES_ERROR", retry_in=1.0)
    await fail(activities, app, code="INTERNAL_ERROR", retry_in=1.0)
    types = [event.type for event in await store.events(uid=app.uid)]
    assert types.count("Retrying") == 2
