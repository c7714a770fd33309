"""What an application needs next, read from a real store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.store.applications import ApplicationStoreActivities
from activities.store.unchanged import digest
from krake.messages.base import Target
from krake.messages.lifecycle import Ask, Failure, Retry, Step
from krake.models.reasons import ReasonCode
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, run, target_of
from tests.support.manifests import config_map
from tests.support.store import add, set_status

SPEC = application_spec(config_map("settings"), backoff=3, backoff_delay=7, backoff_limit=5)


@pytest.fixture
def activities(store: Store) -> ApplicationStoreActivities:
    """The activities on the test's store."""
    return ApplicationStoreActivities(store)


@pytest.fixture
async def app(store: Store) -> Record:
    """An application that nobody has worked on."""
    return await add(store, "echo", NAMESPACE, spec=SPEC)


def moment(minutes: float = 0) -> str:
    """A time as statuses carry it."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


async def next_step(activities: ApplicationStoreActivities, app: Record, *causes: str) -> tuple[Step, str]:
    """What to do next, and why."""
    ask = Ask(target=target_of(app), causes=list(causes))
    plan = await run(activities.next_application_step, ask)
    return plan.step, plan.trigger


async def settle(store: Store, app: Record, **changes: Any) -> Record:
    """A status that speaks of the present spec."""
    return await set_status(store, app, observed_generation=app.generation, **changes)


async def mark_deleted(store: Store, app: Record) -> Record:
    """Have it deleted, as the API does."""
    async with store.transaction() as transaction:
        return await transaction.mark_deleted(
            await transaction.get("Application", app.namespace, app.name), NewEvent("Deleting")
        )


async def test_a_new_application_is_deployed(activities: ApplicationStoreActivities, app: Record) -> None:
    plan = await run(activities.next_application_step, Ask(target=target_of(app)))
    assert (plan.step, plan.trigger, plan.generation) == (Step.DEPLOY, "create", 1)
    assert plan.target == target_of(app)
    assert plan.retry == Retry(delay=7, factor=3, limit=5)


async def test_the_uid_is_the_stores_and_not_the_callers(
    activities: ApplicationStoreActivities, app: Record
) -> None:
    stale = target_of(app).model_copy(update={"uid": "of-an-earlier-one"})
    plan = await run(activities.next_application_step, Ask(target=stale))
    assert plan.target.uid == app.uid


async def test_what_is_not_in_the_store_needs_nothing(activities: ApplicationStoreActivities) -> None:
    target = Target(kind="Application", namespace=NAMESPACE, name="never")
    assert (await run(activities.next_application_step, Ask(target=target))).step == Step.NOTHING


async def test_a_running_application_needs_nothing_whoever_wakes_it(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    await settle(store, app, state="RUNNING", deployed_at=moment())
    assert await next_step(activities, app, "sweep", "cluster de is ONLINE") == (Step.NOTHING, "")


async def test_a_changed_spec_is_deployed_as_an_update(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    settled = await settle(store, app, state="RUNNING", deployed_at=moment())
    async with store.transaction() as transaction:
        spec = application_spec(config_map("settings", more="data"))
        await transaction.update_spec(settled, labels={}, spec=spec, event=NewEvent("Updated"))
    assert await next_step(activities, app) == (Step.DEPLOY, "update")


@pytest.mark.parametrize("state", ["PENDING", "CREATING", "RUNNING", "DEGRADED", "FAILED", "DELETING"])
async def test_deletion_comes_before_everything(
    activities: ApplicationStoreActivities, store: Store, app: Record, state: str
) -> None:
    await mark_deleted(store, await set_status(store, app, state=state))
    assert await next_step(activities, app) == (Step.DELETE, "deleted")


@pytest.mark.parametrize("state", ["PENDING", "DEGRADED", "FAILED"])
@pytest.mark.parametrize("code", list(ReasonCode))
async def test_a_wake_tries_again_what_a_cluster_can_mend(
    activities: ApplicationStoreActivities, store: Store, app: Record, state: str, code: ReasonCode
) -> None:
    await settle(store, app, state=state, reason={"code": code, "message": "because"})
    mended = code in (
        "CLUSTER_NOT_REACHABLE",
        "KUBERNETES_ERROR",
        "NO_SUITABLE_RESOURCE",
        "INVALID_CREDENTIALS",
        "UNSUPPORTED_RESOURCE",
        "INVALID_CUSTOM_RESOURCE",
    )
    expected = (Step.DEPLOY, "cluster de is ONLINE") if mended else (Step.NOTHING, "")
    assert await next_step(activities, app, "cluster de is ONLINE") == expected
    assert await next_step(activities, app) == (Step.NOTHING, "")


async def observe(store: Store, app: Record, attention: str, *, generation: int, at: str) -> None:
    """What the observer writes when it saw a difference."""
    async with store.transaction() as transaction:
        record = await transaction.get("Application", app.namespace, app.name)
        seen = {"attention": attention, "generation": generation, "observed_at": at, "state": "DEGRADED"}
        await transaction.write_observation(record, seen)


async def test_what_the_observer_found_altered_is_repaired(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    await settle(store, app, state="RUNNING", deployed_at=moment(-1))
    await observe(store, app, "removed on the cluster: ConfigMap/settings", generation=1, at=moment())
    expected = (Step.DEPLOY, "removed on the cluster: ConfigMap/settings")
    assert await next_step(activities, app) == expected


@pytest.mark.parametrize(
    ("generation", "minutes"), [(1, -2), (0, 0)], ids=["before the repair", "of old spec"]
)
async def test_an_old_observation_repairs_nothing(
    activities: ApplicationStoreActivities, store: Store, app: Record, generation: int, minutes: float
) -> None:
    await settle(store, app, state="RUNNING", deployed_at=moment(-1))
    await observe(store, app, "altered", generation=generation, at=moment(minutes))
    assert await next_step(activities, app, "altered") == (Step.NOTHING, "")


def failure(app: Record, **more: Any) -> Failure:
    """A failed attempt."""
    fields = {"code": "KUBERNETES_ERROR", "message": "quota exceeded", **more}
    return Failure(target=target_of(app), generation=app.generation, **fields)


async def test_a_failure_that_is_tried_again_is_degraded(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    await run(activities.record_failure, failure(app, retry_in=60.0, retries_left=4))
    status = (await store.get("Application", NAMESPACE, "echo")).status
    assert status["state"] == "DEGRADED"
    assert status["reason"] == {"code": "KUBERNETES_ERROR", "message": "quota exceeded"}
    assert status["retries"] == 4
    due = datetime.fromisoformat(status["scheduled_retry"]) - datetime.now(UTC)
    assert 50 < due.total_seconds() <= 60
    assert status.get("observed_generation", 0) == 0
    events = await store.events(uid=app.uid)
    assert (events[-1].type, events[-1].message) == ("Retrying", "KUBERNETES_ERROR: quota exceeded")


async def test_the_last_failure_is_final_for_this_generation(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    await run(activities.record_failure, failure(app, retries_left=0))
    status = (await store.get("Application", NAMESPACE, "echo")).status
    assert (status["state"], status["observed_generation"]) == ("FAILED", 1)
    assert status["scheduled_retry"] is None
    assert await next_step(activities, app) == (Step.NOTHING, "")


async def test_a_failed_deletion_stays_a_deletion(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    await mark_deleted(store, app)
    await run(activities.record_failure, failure(app, retry_in=1.0))
    assert (await store.get("Application", NAMESPACE, "echo")).status["state"] == "DELETING"


async def test_a_failure_of_what_is_gone_is_nobodys_business(activities: ApplicationStoreActivities) -> None:
    gone = Failure(
        target=Target(kind="Application", namespace=NAMESPACE, name="x", uid="gone"),
        generation=1,
        code="NOT_READY",
        message="",
    )
    await run(activities.record_failure, gone)


async def test_deletion_of_what_never_was_placed(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    assert await run(activities.begin_deletion, target_of(app)) is None
    assert (await store.get("Application", NAMESPACE, "echo")).status["state"] == "DELETING"


async def test_deletion_names_the_cluster_and_is_told_once(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    reference = {"api": "kubernetes", "kind": "Cluster", "namespace": NAMESPACE, "name": "de"}
    await set_status(store, app, scheduled_to=reference, scheduled_uid="uid-de")
    for _ in range(2):
        cluster = await run(activities.begin_deletion, target_of(app))
        assert cluster == Target(kind="Cluster", namespace=NAMESPACE, name="de", uid="uid-de")
    events = [event.type for event in await store.events(uid=app.uid)]
    assert events.count("Deleting") == 1


async def test_a_removed_application_is_gone_and_its_events_stay(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    for _ in range(2):
        await run(activities.remove_application, target_of(app))
    assert await store.find("Application", NAMESPACE, "echo") is None
    assert [event.type for event in await store.events(uid=app.uid)][-1] == "Deleted"
    assert await run(activities.begin_deletion, target_of(app)) is None


async def deployed(store: Store, app: Record) -> Record:
    """The application runs as its spec says."""
    return await settle(store, app, state="RUNNING", deployed_at=moment(), applied_digest=digest(app))


async def respecify(store: Store, app: Record, **fields: Any) -> Record:
    """Change the spec as the API does."""
    async with store.transaction() as transaction:
        record = await transaction.get("Application", app.namespace, app.name)
        spec = {**record.spec, **fields}
        return await transaction.update_spec(record, labels={}, spec=spec, event=NewEvent("Updated"))


async def test_another_drift_mode_acts_without_applying_anything(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    """Applying would undo the very change that the user has just asked to leave alone."""
    await deployed(store, app)
    changed = await respecify(store, app, drift="report")
    assert await next_step(activities, app) == (Step.NOTHING, "")
    record = await store.get("Application", app.namespace, app.name)
    assert record.status["observed_generation"] == changed.generation
    assert (await store.events(uid=app.uid))[-1].type == "Accepted"


async def test_a_drift_mode_together_with_something_else_is_an_update(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    await deployed(store, app)
    await respecify(store, app, drift="report", backoff=9)
    assert await next_step(activities, app) == (Step.DEPLOY, "update")


async def test_a_drift_mode_of_what_does_not_run_is_deployed(
    activities: ApplicationStoreActivities, store: Store, app: Record
) -> None:
    """What failed half-way is not what its digest says."""
    await deployed(store, app)
    await set_status(store, app, state="FAILED")
    await respecify(store, app, drift="report")
    assert await next_step(activities, app) == (Step.DEPLOY, "update")
