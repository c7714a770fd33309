"""Clusters that are made for applications, on a real store: who gets one, who shares it, who gives up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.placement import PlacementActivities
from activities.provisioning.tidying import Tidying
from krake.messages.base import Target
from krake.messages.deploying import Deployment, Placement
from krake.settings import Settings
from krake.store import Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.manifests import Document, config_map, deployment
from tests.support.store import UPDATED, add, set_status

IN_DE = {"cluster": {"labels": ["location is DE"]}}
SMALL = {"name": "small", "cpus": 2, "memory_mib": 4096, "disk_gib": 0}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with a size of nodes that the clouds tell of."""
    return settings.model_copy(update={"auto_cluster_flavor": "small", "auto_cluster_max_nodes": 3})


@pytest.fixture
def activities(store: Store, settings: Settings) -> PlacementActivities:
    """The activities on the test's store."""
    return PlacementActivities(store, settings)


class Waker:
    """Takes note of whose lifecycles are woken."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def wake(self, target: Target, cause: str) -> None:
        """Somebody is woken."""
        self.names.append(target.name)


@pytest.fixture
def waker() -> Waker:
    """Where no Temporal is needed."""
    return Waker()


async def cloud(store: Store, name: str = "sky", location: str = "DE", **status: Any) -> Record:
    """A global cloud."""
    spec = {"type": "custom", "custom": {"infrastructure_provider": {"name": "maker"}, "metrics": []}}
    shown = {"state": "ONLINE", "flavors": [SMALL], **status}
    return await add(store, name, "", "GlobalCloud", labels={"location": location}, spec=spec, status=shown)


async def application(store: Store, name: str = "echo", *manifest: Document, **fields: Any) -> Record:
    """An application that may get a cluster."""
    asked = {"auto_cluster_create": True, "constraints": IN_DE, **fields}
    spec = application_spec(*(manifest or (config_map("settings"),)), **asked)
    return await add(store, name, NAMESPACE, spec=spec)


def asking(cpu: str, replicas: int = 1) -> Document:
    """A Deployment whose Pods ask for CPU."""
    item = deployment("work")
    item["spec"]["replicas"] = replicas
    item["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    return item


async def place(activities: PlacementActivities, app: Record) -> Placement:
    """Place an application."""
    order = Deployment(target=target_of(app), generation=1, trigger="create")
    return await run(activities.place_application, order)


async def status_of(store: Store, app: Record) -> Document:
    """The application's status."""
    found = await store.get_by_uid(app.uid)
    assert found is not None
    return found.status


async def clusters(store: Store) -> list[Record]:
    """All clusters."""
    return await store.all_of("Cluster")


async def test_an_application_that_fits_nowhere_gets_a_cluster(
    activities: PlacementActivities, store: Store
) -> None:
    await register(store, "it", nowhere(), labels={"location": "IT"})
    await cloud(store)
    app = await application(store)
    assert (await place(activities, app)).cluster is None
    made = next(one for one in await clusters(store) if one.name != "it")
    assert made.name.startswith("auto-echo-")
    assert (made.inherit_labels, made.spec["inherit_metrics"], made.spec["auto_generated"]) == (True,) * 3
    assert made.spec["constraints"] == {"cloud": {"labels": ["location is DE"], "metrics": []}}
    machines = made.spec["infrastructure"]
    assert (machines["nodes"], machines["flavor"]) == (1, "small")
    assert made.status["scheduled_to"]["name"] == "sky"
    assert (await store.decisions(made.uid, 1))[0]["chosen"]["name"] == "sky"
    status = await status_of(store, app)
    assert (status["state"], status["reason"]["code"], status["auto_cluster_create_started"]) == (
        "WAITING_FOR_CLUSTER_CREATION",
        "NO_SUITABLE_RESOURCE",
        made.name,
    )
    assert [event.type for event in await store.events(uid=app.uid)] == ["Created", "WaitsForCluster"]
    assert "for application echo" in (await store.events(uid=made.uid))[0].message


async def test_placing_again_orders_nothing_more(activities: PlacementActivities, store: Store) -> None:
    await cloud(store)
    app = await application(store)
    for _ in range(3):
        await place(activities, app)
    assert len(await clusters(store)) == 1
    assert [event.type for event in await store.events(uid=app.uid)] == ["Created", "WaitsForCluster"]


async def test_a_cluster_that_is_there_and_fits_is_used(
    activities: PlacementActivities, store: Store
) -> None:
    there = await register(store, "de", nowhere(), labels={"location": "DE"})
    await cloud(store)
    assert (await place(activities, await application(store))).cluster == target_of(there)
    assert len(await clusters(store)) == 1


async def test_without_the_wish_there_is_no_cluster(activities: PlacementActivities, store: Store) -> None:
    await cloud(store)
    app = await application(store, auto_cluster_create=False)
    await place(activities, app)
    assert (await clusters(store), (await status_of(store, app))["state"]) == ([], "PENDING")


async def test_applications_share_a_cluster_as_long_as_they_fit(
    activities: PlacementActivities, store: Store
) -> None:
    await cloud(store)
    first = await application(store, "first", asking("700m"))
    second = await application(store, "second", asking("700m"))
    third = await application(store, "third", asking("700m"))
    for app in (first, second, third):
        await place(activities, app)
    names = [(await status_of(store, app))["auto_cluster_create_started"] for app in (first, second, third)]
    assert names[0] == names[1] != names[2]
    assert len(await clusters(store)) == 2


async def test_it_gets_as_many_nodes_as_it_needs(activities: PlacementActivities, store: Store) -> None:
    await cloud(store)
    await place(activities, await application(store, "wide", asking("1500m", replicas=3)))
    assert (await clusters(store))[0].spec["infrastructure"]["nodes"] == 3


@pytest.mark.parametrize(
    ("manifest", "location", "state", "words"),
    [
        (asking("4"), "DE", "ONLINE", "on cloud sky"),
        (asking("100m"), "IT", "ONLINE", "label location is IT (inherited), wanted DE"),
        (asking("100m"), "DE", "UNREACHABLE", "sky"),
    ],
)
async def test_where_no_cloud_can_do_it_it_is_told_and_looked_at_again(
    activities: PlacementActivities, store: Store, manifest: Document, location: str, state: str, words: str
) -> None:
    await cloud(store, location=location, state=state)
    app = await application(store, "echo", manifest)
    placement = await place(activities, app)
    assert "no cluster can be made: " in placement.message
    assert words in placement.message
    assert await clusters(store) == []
    status = await status_of(store, app)
    assert status["state"] == "PENDING"
    assert datetime.fromisoformat(status["auto_cluster_retry_at"]) > datetime.now(UTC)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert [one.uid for one in await store.due_for_clusters(later)] == [app.uid]
    assert await store.due_for_clusters(datetime.now(UTC)) == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            {"quotas": [{"resource": "cores", "limit": 8, "used": 5}]},
            "sky (quota of cores: needs 4, 3 of 8 left)",
        ),
        (
            {"quotas": [{"resource": "clusters", "limit": 2, "used": 2}]},
            "sky (quota of clusters: needs 1, 0 of 2 left)",
        ),
        ({"flavors": [{**SMALL, "name": "large"}]}, "on cloud sky: it offers no flavor 'small'"),
    ],
)
async def test_a_cloud_without_room_or_such_machines_is_passed_over_and_told(
    activities: PlacementActivities, store: Store, status: Document, words: str
) -> None:
    await cloud(store, **status)
    app = await application(store)
    assert words in (await place(activities, app)).message
    assert await clusters(store) == []
    await cloud(store, "wide")
    await set_status(store, app, auto_cluster_retry_at=None)
    await place(activities, app)
    assert [one.status["scheduled_to"]["name"] for one in await clusters(store)] == ["wide"]


async def test_a_failed_cluster_is_given_up_and_removed_and_there_is_a_pause(
    activities: PlacementActivities, store: Store, settings: Settings, waker: Waker
) -> None:
    await cloud(store)
    app = await application(store)
    await place(activities, app)
    made = (await clusters(store))[0]
    reason = {"code": "CREATE_FAILED", "message": "no host was found"}
    await set_status(store, made, state="FAILED", reason=reason)
    await Tidying(store, settings, waker.wake).tidy(await clusters(store))
    assert sorted(waker.names) == sorted([made.name, app.name])
    failed = await store.get_by_uid(made.uid)
    assert failed is not None
    assert failed.deleted is not None
    assert failed.status["clearing"]["purpose"] == "delete"
    words = f"cluster {made.name} was given up: CREATE_FAILED: no host was found"
    status = await status_of(store, app)
    assert (status["state"], status["reason"]["message"]) == ("PENDING", words)

    placement = await place(activities, app)
    assert words in placement.message
    assert "another one may be made from" in placement.message
    assert len(await clusters(store)) == 1
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    await set_status(store, app, auto_cluster_retry_at=past)
    await place(activities, app)
    assert len({one.name for one in await clusters(store)}) == 2


async def test_a_cluster_that_takes_too_long_is_given_up(
    store: Store, settings: Settings, activities: PlacementActivities, waker: Waker
) -> None:
    await cloud(store)
    app = await application(store)
    await place(activities, app)
    impatient = settings.model_copy(update={"auto_cluster_timeout": 0.001})
    await Tidying(store, impatient, waker.wake).tidy(await clusters(store))
    assert "was not ready within 0.001 s" in (await status_of(store, app))["auto_cluster_failure"]
    assert (await clusters(store))[0].deleted is not None


async def test_one_that_was_made_is_used_and_nothing_is_left_of_the_waiting(
    activities: PlacementActivities, store: Store
) -> None:
    await cloud(store)
    app = await application(store)
    await place(activities, app)
    made = (await clusters(store))[0]
    now = datetime.now(UTC).isoformat()
    await set_status(store, made, state="ONLINE", observed_generation=1, verified_at=now)
    assert (await place(activities, app)).cluster == target_of(made)
    status = await status_of(store, app)
    assert (status["state"], status["auto_cluster_create_started"]) == ("CREATING", None)


async def test_one_that_was_made_and_gets_ready_is_waited_for_but_not_for_ever(
    activities: PlacementActivities, store: Store, settings: Settings
) -> None:
    await cloud(store)
    app = await application(store)
    await place(activities, app)
    made = (await clusters(store))[0]
    now = datetime.now(UTC).isoformat()
    await set_status(store, made, state="NOTREADY", observed_generation=1, verified_at=now)
    await place(activities, app)
    assert (await status_of(store, app))["state"] == "WAITING_FOR_CLUSTER_CREATION"
    impatient = settings.model_copy(update={"auto_cluster_timeout": 0.001})
    placement = await place(PlacementActivities(store, impatient), app)
    assert "it was made and does not fit" in placement.message
    assert len(await clusters(store)) == 1


async def test_an_empty_one_is_removed_after_a_while_and_only_then(
    store: Store, settings: Settings, waker: Waker
) -> None:
    await register(store, "own", nowhere())
    made = await register(store, "auto-echo-1", nowhere())
    async with store.transaction() as transaction:
        spec = {**made.spec, "auto_generated": True}
        await transaction.update_spec(made, labels={}, spec=spec, event=UPDATED)
    app = await add(store, "echo", NAMESPACE, spec=application_spec(config_map("settings")))
    await set_status(store, app, scheduled_uid=made.uid, objects=[{"name": "settings"}])
    at_once = settings.model_copy(update={"auto_cluster_retention": 0.0})
    tidying = Tidying(store, at_once, waker.wake)

    async def tidy() -> Record:
        await tidying.tidy(await clusters(store))
        found = await store.get_by_uid(made.uid)
        assert found is not None
        return found

    assert (await tidy()).status.get("idle_since") is None
    await set_status(store, app, scheduled_uid=None)
    assert (await tidy()).status["idle_since"]
    await set_status(store, app, scheduled_uid=made.uid)
    assert (await tidy()).status["idle_since"] is None
    await set_status(store, app, scheduled_uid=None)
    assert (await tidy()).deleted is None
    gone = await tidy()
    assert gone.deleted is not None
    assert waker.names == [made.name]
    assert "no application was on it for 0 s" in (await store.events(uid=made.uid))[-1].message
    own = await store.find("Cluster", NAMESPACE, "own")
    assert own is not None
    assert (own.deleted, own.status.get("idle_since")) == (None, None)
