"""Deletions that end: giving up, letting go, waiting for dependents, on a real store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from activities.sending_away import give_up, send_away
from activities.store.applications import ApplicationStoreActivities
from activities.store.clusters import ClusterStoreActivities
from activities.store.giving_up import GivingUpActivities
from krake.clearing import clearing_of
from krake.messages.lifecycle import Ask, Failure, Step
from krake.messages.removing import Leftover
from krake.models.clearing import Clearing
from krake.models.cluster import ClusterState
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.manifests import config_map
from tests.support.store import add, remove, set_status

OBJECTS = [
    {"api_version": "v1", "kind": "ConfigMap", "namespace": "default", "name": "settings", "uid": "o-1"},
    {"api_version": "v1", "kind": "Service", "namespace": "default", "name": "web"},
]


@pytest.fixture
def applications(store: Store) -> ApplicationStoreActivities:
    """The activities on the test's store."""
    return ApplicationStoreActivities(store)


@pytest.fixture
async def de(store: Store) -> Record:
    """A cluster."""
    return await register(store, "de", nowhere())


def on(cluster: Record, **status: Any) -> dict[str, Any]:
    """The status of an application on a cluster."""
    reference = {"api": "kubernetes", "kind": "Cluster", "namespace": NAMESPACE, "name": cluster.name}
    return {
        "state": "RUNNING",
        "observed_generation": 1,
        "deployed_at": "2026-01-02T12:00:00+00:00",
        "scheduled_to": reference,
        "running_on": reference,
        "scheduled_uid": cluster.uid,
        "objects": OBJECTS,
        **status,
    }


async def app(store: Store, cluster: Record, name: str = "echo", **status: Any) -> Record:
    """An application that runs on a cluster."""
    return await add(
        store, name, NAMESPACE, spec=application_spec(config_map(name)), status=on(cluster, **status)
    )


async def delete(store: Store, record: Record, **clearing: str) -> Record:
    """Mark it deleted, as the API does."""
    async with store.transaction() as transaction:
        marked = await transaction.mark_deleted(record, NewEvent("DeletionRequested"))
        if clearing:
            changes = {"clearing": {"purpose": "delete", "at": datetime.now(UTC), **clearing}}
            marked = await transaction.write_status(marked, changes)
    return marked


async def own(store: Store, record: Record, *owners: Record, finalizers: tuple[str, ...] = ()) -> Record:
    """Give a resource owners and finalizers."""
    fixed = {"api": "kubernetes", "namespace": NAMESPACE}
    references = [{**fixed, "kind": owner.kind, "name": owner.name} for owner in owners]
    async with store.transaction() as transaction:
        return await transaction.set_ownership(record, references, list(finalizers), NewEvent("Updated"))


def left(record: Record, cluster: Record, attempt: int = 1) -> Leftover:
    return Leftover(
        target=target_of(record), cluster=target_of(cluster), attempt=attempt, message="it does not answer"
    )


async def reloaded(store: Store, record: Record) -> Record:
    """The resource as the store has it now."""
    return await store.get(record.kind, record.namespace, record.name)


async def test_a_deletion_is_patient_with_a_cluster_that_stays(store: Store, de: Record) -> None:
    echo = await delete(store, await app(store, de))
    patient = GivingUpActivities(store, Settings(deletion_patience=300))
    assert await run(patient.release_orphans, left(echo, de, attempt=99)) is False
    assert await store.orphans() == []

    over = GivingUpActivities(store, Settings(deletion_patience=0))
    for _ in range(2):
        assert await run(over.release_orphans, left(echo, de)) is True
    orphans = await store.orphans(cluster_uid=de.uid)
    assert [(item.kind, item.object_name, item.object_uid, item.reason) for item in orphans] == [
        ("ConfigMap", "settings", "o-1", "it does not answer"),
        ("Service", "web", "", "it does not answer"),
    ]
    events = [(event.type, event.message) for event in await store.events(uid=echo.uid)]
    assert events[-1] == ("Orphaned", "left on de: ConfigMap/settings, Service/web; it does not answer")


async def test_a_cluster_that_leaves_is_tried_three_times_and_one_that_is_gone_never(
    store: Store, de: Record
) -> None:
    echo = await delete(store, await app(store, de))
    activities = GivingUpActivities(store, Settings())
    de = await delete(store, de)
    assert await run(activities.release_orphans, left(echo, de, attempt=2)) is False
    assert await run(activities.release_orphans, left(echo, de, attempt=3)) is True
    other = await delete(store, await app(store, de, "other"))
    await remove(store, de)
    assert await run(activities.release_orphans, left(other, de)) is True
    assert len(await store.orphans(application_uid=other.uid)) == 2


async def sent(store: Store, cluster: Record, record: Record) -> bool:
    cluster = await reloaded(store, cluster)
    clearing = clearing_of(cluster, datetime.now(UTC))
    assert clearing is not None
    return await send_away(store, cluster, clearing, record.uid)


async def test_draining_a_deleted_cluster_asks_applications_to_leave_for_good(
    store: Store, de: Record
) -> None:
    echo = await app(store, de)
    de = await delete(store, de, policy="drain", actor="someone")
    assert await sent(store, de, echo) is True
    assert await sent(store, de, echo) is False
    request = (await reloaded(store, echo)).status["request"]
    assert (request["leave"], request["evict"], request["failover"]) == (True, True, False)
    assert (request["trigger"], request["actor"]) == ("cluster de is being deleted", "someone")


async def test_an_application_that_may_not_move_is_told_why_it_does(store: Store, de: Record) -> None:
    fixed = await add(
        store,
        "fixed",
        NAMESPACE,
        spec=application_spec(config_map("a"), constraints={"migration": False}),
        status=on(de),
    )
    await delete(store, de)
    await sent(store, de, fixed)
    last = (await store.events(uid=fixed.uid))[-1]
    assert last.type == "MigrationRequested"
    assert "although the application is not to move" in last.message


async def test_cascading_deletes_the_applications(store: Store, de: Record) -> None:
    echo = await app(store, de)
    await delete(store, de, policy="cascade")
    assert await sent(store, de, echo) is True
    assert (await reloaded(store, echo)).deleted is not None
    assert await sent(store, de, echo) is False


async def test_letting_go_forgets_the_cluster_but_not_what_is_there(
    store: Store, de: Record, applications: ApplicationStoreActivities
) -> None:
    echo = await app(store, de)
    await delete(store, de, policy="orphan")
    assert await sent(store, de, echo) is True
    status = (await reloaded(store, echo)).status
    assert (status["state"], status["scheduled_to"], status["objects"]) == ("PENDING", None, [])
    assert await store.orphans() == []
    last = (await store.events(uid=echo.uid))[-1]
    assert last.type == "LetGo"
    assert last.message.endswith("left there for good: ConfigMap/settings, Service/web")
    plan = await run(applications.next_application_step, Ask(target=target_of(echo)))
    assert (plan.step, plan.trigger) == (Step.DEPLOY, "create")


async def test_what_still_fails_on_the_old_cluster_is_no_failure_of_the_application(
    store: Store, de: Record, applications: ApplicationStoreActivities
) -> None:
    echo = await app(store, de)
    await delete(store, de, policy="orphan")
    await sent(store, de, echo)
    late = Failure(target=target_of(echo), generation=1, code="CLUSTER_NOT_REACHABLE", message="late")
    await run(applications.record_failure, late)
    assert (await reloaded(store, echo)).status["state"] == "PENDING"


async def test_who_cannot_be_moved_off_a_deleted_cluster_is_let_go_and_what_it_has_is_owed(
    store: Store, de: Record
) -> None:
    echo = await app(store, de, reason={"code": "NOT_READY", "message": "1 of 2 Pods"})
    de = await delete(store, de)
    clearing = clearing_of(de, datetime.now(UTC))
    assert isinstance(clearing, Clearing)
    assert await give_up(store, de, clearing, echo.uid) is True
    assert await give_up(store, de, clearing, echo.uid) is False
    orphans = await store.orphans(application_uid=echo.uid)
    assert len(orphans) == 2
    assert "could not be moved: 1 of 2 Pods" in orphans[0].reason


async def test_a_move_is_not_torn_apart(store: Store, de: Record) -> None:
    move = {"source_uid": de.uid, "target_uid": "it"}
    echo = await app(store, de, migration=move)
    de = await delete(store, de, policy="orphan")
    clearing = clearing_of(de, datetime.now(UTC))
    assert clearing is not None
    assert await send_away(store, de, clearing, echo.uid) is False
    assert (await reloaded(store, echo)).status["migration"] == move


async def plan_of(applications: ApplicationStoreActivities, record: Record) -> Step:
    return (await run(applications.next_application_step, Ask(target=target_of(record)))).step


async def test_what_an_application_owns_goes_first(
    store: Store, de: Record, applications: ApplicationStoreActivities
) -> None:
    base = await delete(store, await app(store, de, "base"))
    part = await own(store, await app(store, de, "part"), base)
    assert await plan_of(applications, base) == Step.NOTHING
    status = (await reloaded(store, base)).status
    assert (status["state"], status["message"]) == ("DELETING", "waiting for what it owns: Application/part")
    assert (await reloaded(store, part)).deleted is not None

    assert await plan_of(applications, part) == Step.DELETE
    owners = await run(applications.remove_application, target_of(part))
    assert owners == [target_of(base)]
    assert await plan_of(applications, base) == Step.DELETE


async def test_a_circle_of_owners_does_not_wait_for_itself(
    store: Store, de: Record, applications: ApplicationStoreActivities
) -> None:
    one, other = await app(store, de, "one"), await app(store, de, "other")
    await own(store, one, other)
    await own(store, other, one)
    for record in (one, other):
        await delete(store, record)
        assert await plan_of(applications, record) == Step.DELETE


async def test_finalizers_keep_the_record_but_not_the_objects(
    store: Store, de: Record, applications: ApplicationStoreActivities
) -> None:
    echo = await own(store, await app(store, de), finalizers=("theirs",))
    await delete(store, echo)
    assert await plan_of(applications, echo) == Step.DELETE
    assert await run(applications.remove_application, target_of(echo)) == []
    assert await plan_of(applications, echo) == Step.NOTHING
    status = (await reloaded(store, echo)).status
    assert (status["message"], status["objects"]) == ("waiting for finalizers: theirs", [])
    await own(store, echo)
    assert await plan_of(applications, echo) == Step.DELETE
    await run(applications.remove_application, target_of(echo))
    assert await store.find("Application", NAMESPACE, "echo") is None


async def test_a_cluster_waits_for_its_finalizers_and_collects_before_it_goes(
    store: Store, de: Record
) -> None:
    clusters = ClusterStoreActivities(store)
    echo = await app(store, de)
    await own(store, de, finalizers=("theirs",))
    await delete(store, de)
    clearing = clearing_of(await reloaded(store, de), datetime.now(UTC))
    assert clearing is not None
    await give_up(store, de, clearing, echo.uid)
    plan = await run(clusters.next_cluster_step, Ask(target=target_of(de)))
    assert (plan.step, plan.message, plan.clear) == (Step.WAIT, "waiting for finalizers: theirs", False)
    await own(store, de)
    plan = await run(clusters.next_cluster_step, Ask(target=target_of(de)))
    assert (plan.step, plan.orphans) == (Step.DELETE, 2)


async def test_what_names_a_cluster_goes_with_it_only_when_it_cascades(store: Store, de: Record) -> None:
    clusters = ClusterStoreActivities(store)
    it = await register(store, "it", nowhere())
    part = await own(store, await app(store, it, "part"), de)
    await delete(store, de)
    assert (await run(clusters.next_cluster_step, Ask(target=target_of(de)))).step == Step.DELETE
    await set_status(store, de, clearing={"purpose": "delete", "policy": "cascade", "at": datetime.now(UTC)})
    plan = await run(clusters.next_cluster_step, Ask(target=target_of(de)))
    assert (plan.step, plan.clear) == (Step.WAIT, True)
    assert "waiting for: part" in plan.message
    assert await sent(store, de, part) is True
    assert (await reloaded(store, part)).deleted is not None


async def test_a_silent_cluster_is_cleared_only_while_something_may_leave(store: Store, de: Record) -> None:
    clusters = ClusterStoreActivities(store)
    now = datetime.now(UTC).isoformat()
    async with store.transaction() as transaction:
        observation = {"state": ClusterState.OFFLINE, "generation": 1, "observed_at": now}
        await transaction.write_observation(de, {**observation, "offline_since": now, "evacuates_at": now})
    assert (await run(clusters.next_cluster_step, Ask(target=target_of(de)))).clear is False
    echo = await app(store, de)
    plan = await run(clusters.next_cluster_step, Ask(target=target_of(de)))
    assert (plan.step, plan.clear) == (Step.OBSERVE, True)
    assert await sent(store, de, echo) is True
    request = (await reloaded(store, echo)).status["request"]
    assert (request["leave"], request["evict"], request["failover"]) == (True, False, True)
