"""What a cluster needs next, read from a real store."""

from __future__ import annotations

import pytest

from activities.store.clusters import ClusterStoreActivities
from krake.messages.base import Target
from krake.messages.lifecycle import Ask, Failure, Plan, Step
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.manifests import config_map
from tests.support.store import add, remove, set_status

KUBECONFIG = nowhere()


@pytest.fixture
def activities(store: Store) -> ClusterStoreActivities:
    """The activities on the test's store."""
    return ClusterStoreActivities(store)


@pytest.fixture
async def cluster(store: Store) -> Record:
    """A cluster that was reached."""
    return await register(store, "de", KUBECONFIG)


async def plan_for(activities: ClusterStoreActivities, cluster: Record) -> Plan:
    """What to do next."""
    return await run(activities.next_cluster_step, Ask(target=target_of(cluster)))


async def placed(store: Store, cluster: Record, name: str) -> Record:
    """An application on the cluster."""
    spec = application_spec(config_map(name))
    return await add(store, name, NAMESPACE, spec=spec, status={"scheduled_uid": cluster.uid})


async def mark_deleted(store: Store, cluster: Record) -> None:
    """Have it deleted, as the API does."""
    async with store.transaction() as transaction:
        await transaction.mark_deleted(cluster, NewEvent("Deleting"))


async def test_a_new_cluster_is_verified(activities: ClusterStoreActivities, store: Store) -> None:
    new = await add(store, "new", NAMESPACE, "Cluster", spec={"kubeconfig": KUBECONFIG, "backoff_limit": 2})
    plan = await plan_for(activities, new)
    assert (plan.step, plan.generation, plan.retry.limit) == (Step.VERIFY, 1, 2)


async def test_a_verified_cluster_is_observed(activities: ClusterStoreActivities, cluster: Record) -> None:
    assert (await plan_for(activities, cluster)).step == Step.OBSERVE


async def test_a_changed_cluster_is_verified_again(
    activities: ClusterStoreActivities, store: Store, cluster: Record
) -> None:
    async with store.transaction() as transaction:
        spec = {"kubeconfig": nowhere("other")}
        await transaction.update_spec(cluster, labels={}, spec=spec, event=NewEvent("Updated"))
    plan = await plan_for(activities, cluster)
    assert (plan.step, plan.generation) == (Step.VERIFY, 2)


async def test_what_is_not_in_the_store_needs_nothing(activities: ClusterStoreActivities) -> None:
    target = Target(kind="Cluster", namespace=NAMESPACE, name="never")
    assert (await run(activities.next_cluster_step, Ask(target=target))).step == Step.NOTHING


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("CLUSTER_NOT_REACHABLE", "OFFLINE"),
        ("KUBERNETES_ERROR", "OFFLINE"),
        ("INVALID_CREDENTIALS", "FAILED"),
        ("INTERNAL_ERROR", "FAILED"),
    ],
)
async def test_a_cluster_that_cannot_be_reached_is_left_until_it_changes(
    activities: ClusterStoreActivities, store: Store, cluster: Record, code: str, state: str
) -> None:
    failure = Failure(target=target_of(cluster), generation=1, code=code, message="because")
    await run(activities.record_failure, failure)
    status = (await store.get("Cluster", NAMESPACE, "de")).status
    assert (status["state"], status["reason"]["code"]) == (state, code)
    assert (await plan_for(activities, cluster)).step == Step.NOTHING
    last = (await store.events(uid=cluster.uid))[-1]
    assert (last.type, last.message) == ("Failed", f"{code}: because")


async def test_an_empty_cluster_is_deleted_at_once(
    activities: ClusterStoreActivities, store: Store, cluster: Record
) -> None:
    await mark_deleted(store, cluster)
    assert (await plan_for(activities, cluster)).step == Step.DELETE


async def test_a_cluster_waits_for_its_applications_and_names_them(
    activities: ClusterStoreActivities, store: Store, cluster: Record
) -> None:
    other = await register(store, "it", KUBECONFIG)
    await placed(store, other, "elsewhere")
    apps = [await placed(store, cluster, f"app-{number}") for number in range(7)]
    await mark_deleted(store, cluster)

    plan = await plan_for(activities, cluster)
    assert (plan.step, plan.clear) == (Step.WAIT, True)
    assert plan.message == (
        "0 of 7 applications moved; waiting for: app-0, app-1, app-2, app-3, app-4 and 2 more"
    )
    status = (await store.get("Cluster", NAMESPACE, "de")).status
    assert (status["state"], status["message"]) == ("DELETING", plan.message)

    for app in apps:
        await remove(store, app)
    assert (await plan_for(activities, cluster)).step == Step.DELETE


async def test_a_removed_cluster_takes_its_secrets_along(
    activities: ClusterStoreActivities, store: Store, cluster: Record
) -> None:
    for _ in range(2):
        await run(activities.remove_cluster, target_of(cluster))
    assert await store.find("Cluster", NAMESPACE, "de") is None
    assert await store.secret(cluster.uid, "kubeconfig") is None


async def test_a_failure_does_not_bring_a_deleted_cluster_back(
    activities: ClusterStoreActivities, store: Store, cluster: Record
) -> None:
    await set_status(store, cluster, state="DELETING")
    await mark_deleted(store, cluster)
    failure = Failure(target=target_of(cluster), generation=1, code="KUBERNETES_ERROR", message="late")
    await run(activities.record_failure, failure)
    assert (await store.get("Cluster", NAMESPACE, "de")).status["state"] == "DELETING"
