"""Placement on a real store: the decision, what it foresees, and why nothing fits."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.placement import PlacementActivities
from krake.messages.deploying import Deployment, Placement
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.manifests import Document, config_map, deployment
from tests.support.store import add, set_status

ONLY_DE = {"cluster": {"labels": ["location is DE"]}}


@pytest.fixture
def activities(store: Store, settings: Settings) -> PlacementActivities:
    """The activities on the test's store."""
    return PlacementActivities(store, settings)


async def place(activities: PlacementActivities, app: Record) -> Placement:
    """Place an application."""
    return await run(
        activities.place_application, Deployment(target=target_of(app), generation=1, trigger="create")
    )


async def two_clusters(store: Store) -> tuple[Record, Record]:
    """One cluster in Germany and one in Italy."""
    de = await register(store, "de", nowhere("apps"), labels={"location": "DE"})
    return de, await register(store, "it", nowhere(), labels={"location": "IT"})


async def application(store: Store, *manifest: Document, **fields: Any) -> Record:
    """An application that nobody has worked on."""
    spec = application_spec(*(manifest or (config_map("settings"), deployment("echo"))), **fields)
    return await add(store, "echo", NAMESPACE, spec=spec)


async def test_the_decision_is_kept_with_its_reasons(activities: PlacementActivities, store: Store) -> None:
    de, _ = await two_clusters(store)
    app = await application(store, constraints=ONLY_DE)
    placement = await place(activities, app)
    assert placement.cluster == target_of(de)
    assert (placement.objects, placement.generation, placement.readiness_timeout) == (2, 1, 300)

    decision = (await store.decisions(app.uid, 10))[0]
    assert decision["chosen"]["name"] == "de"
    assert decision["trigger"] == "create"
    assert "location is DE" in str(decision)

    status = (await store.get("Application", NAMESPACE, "echo")).status
    assert (status["state"], status["scheduled_to"]["name"], status["scheduled_uid"]) == (
        "CREATING",
        "de",
        de.uid,
    )
    assert [event.type for event in await store.events(uid=app.uid)] == ["Created", "Scheduled"]


async def test_what_will_be_applied_is_known_before_it_is(
    activities: PlacementActivities, store: Store
) -> None:
    """Whatever happens between the first object and the last, deletion knows where to look."""
    await two_clusters(store)
    manifest = [config_map("settings"), config_map("elsewhere", namespace="other")]
    app = await application(store, *manifest, constraints=ONLY_DE)
    await place(activities, app)
    objects = (await store.get("Application", NAMESPACE, "echo")).status["objects"]
    assert [(item["namespace"], item["name"], item["uid"]) for item in objects] == [
        ("apps", "settings", ""),
        ("other", "elsewhere", ""),
    ]


async def test_an_update_foresees_the_new_and_keeps_the_old(
    activities: PlacementActivities, store: Store
) -> None:
    await two_clusters(store)
    app = await application(store, config_map("old"), constraints=ONLY_DE)
    await place(activities, app)
    known = (await store.get("Application", NAMESPACE, "echo")).status["objects"]
    record = await set_status(store, app, objects=[{**known[0], "uid": "made"}])
    async with store.transaction() as transaction:
        spec = application_spec(config_map("new"), constraints=ONLY_DE)
        await transaction.update_spec(record, labels={}, spec=spec, event=NewEvent("Updated"))
    placement = await place(activities, app)
    assert placement.generation == 2
    objects = (await store.get("Application", NAMESPACE, "echo")).status["objects"]
    assert [(item["name"], item["uid"]) for item in objects] == [("old", "made"), ("new", "")]
    events = [event.type for event in await store.events(uid=app.uid)]
    assert events.count("Scheduled") == 1


async def test_without_a_cluster_it_stays_pending_and_says_why(
    activities: PlacementActivities, store: Store
) -> None:
    await two_clusters(store)
    app = await application(store, constraints={"cluster": {"labels": ["location is FR"]}})
    placement = await place(activities, app)
    assert placement.cluster is None
    status = (await store.get("Application", NAMESPACE, "echo")).status
    assert (status["state"], status["reason"]["code"]) == ("PENDING", "NO_SUITABLE_RESOURCE")
    assert status["reason"]["message"] == placement.message
    assert "de (label location is DE, wanted FR)" in placement.message
    assert status["observed_generation"] == 1
    assert "objects" not in status or status["objects"] == []
    assert (await store.decisions(app.uid, 10))[0]["chosen"] is None


async def test_no_cluster_at_all(activities: PlacementActivities, store: Store) -> None:
    placement = await place(activities, await application(store))
    assert placement.cluster is None
    assert placement.message


async def test_what_runs_already_is_degraded_when_its_update_fits_nowhere(
    activities: PlacementActivities, store: Store
) -> None:
    de, _ = await two_clusters(store)
    app = await application(store, constraints=ONLY_DE)
    await place(activities, app)
    async with store.transaction() as transaction:
        await transaction.mark_deleted(de, NewEvent("Deleting"))
    assert (await place(activities, app)).cluster is None
    status = (await store.get("Application", NAMESPACE, "echo")).status
    assert (status["state"], status["scheduled_uid"]) == ("DEGRADED", de.uid)
    assert len(status["objects"]) == 2


@pytest.mark.parametrize("state", ["PENDING", "OFFLINE", "NOTREADY", "FAILED", "DELETING"])
async def test_only_clusters_online_are_chosen(
    activities: PlacementActivities, store: Store, state: str
) -> None:
    await register(store, "de", nowhere(), state=state)
    placement = await place(activities, await application(store))
    assert placement.cluster is None
    assert state in placement.message


async def test_it_stays_where_it_is(activities: PlacementActivities, store: Store) -> None:
    await two_clusters(store)
    app = await application(store)
    first = await place(activities, app)
    again = await place(activities, app)
    assert again.cluster == first.cluster


async def test_the_readiness_timeout_of_the_application_wins(
    activities: PlacementActivities, store: Store
) -> None:
    await two_clusters(store)
    assert (await place(activities, await application(store, readiness_timeout=7))).readiness_timeout == 7


async def test_what_is_being_deleted_is_not_placed(activities: PlacementActivities, store: Store) -> None:
    await two_clusters(store)
    app = await application(store)
    async with store.transaction() as transaction:
        await transaction.mark_deleted(app, NewEvent("Deleting"))
    with pytest.raises(ApplicationError, match="being deleted") as raised:
        await place(activities, app)
    assert raised.value.non_retryable
    assert await store.decisions(app.uid, 10) == []


async def test_what_waited_for_a_cluster_says_so_no_more_when_it_has_one(
    activities: PlacementActivities, store: Store
) -> None:
    app = await application(store)
    await place(activities, app)
    assert (await store.get("Application", NAMESPACE, "echo")).status["reason"]
    await two_clusters(store)
    await place(activities, app)
    status = (await store.get("Application", NAMESPACE, "echo")).status
    assert (status["state"], status["reason"]) == ("CREATING", None)
