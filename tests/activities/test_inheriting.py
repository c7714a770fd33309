"""What clusters have from their clouds, on a real store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from activities.placement import PlacementActivities
from activities.rebalancing.places import places_of
from activities.rebalancing.reading import read_world
from krake.inheriting import clouds_above, cluster_documents
from krake.messages.deploying import Deployment
from krake.models.samples import Measured
from krake.settings import Settings
from krake.store import Record, Store
from scheduler.offers import metrics_on
from scheduler.render import render
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.manifests import config_map
from tests.support.store import UPDATED, add, set_status

SKY = {"api": "infrastructure", "kind": "GlobalCloud", "namespace": None, "name": "sky"}


def ref(name: str) -> dict[str, Any]:
    """A reference to a global metric."""
    return {"name": name, "weight": 1.0, "namespaced": False}


async def metric(store: Store, name: str, value: float) -> None:
    """A global metric with a fresh value."""
    spec = {"min": 0, "max": 10, "provider": {"name": "p", "metric": name}}
    record = await add(store, name, "", "GlobalMetric", spec=spec)
    async with store.transaction() as transaction:
        await transaction.put_sample(record.uid, Measured(record.uid, spec, value, datetime.now(UTC), "", ""))


@pytest.fixture
async def cloud(store: Store) -> Record:
    """A global cloud in Germany, with a metric that is its own and one that its cluster has, too."""
    for name, value in (("cost", 5.0), ("load", 1.0)):
        await metric(store, name, value)
    custom = {"infrastructure_provider": {"name": "maker"}, "metrics": [ref("cost"), ref("load")]}
    spec = {"type": "custom", "custom": custom}
    return await add(store, "sky", "", "GlobalCloud", labels={"location": "DE", "tier": "1"}, spec=spec)


async def cluster(store: Store, *, labels: bool, metrics: bool) -> Record:
    """A cluster on that cloud, which by itself is in Italy."""
    record = await register(store, "c", nowhere(), labels={"location": "IT"})
    record = await set_status(store, record, scheduled_to=SKY, observed_generation=2)
    spec = {**record.spec, "inherit_metrics": metrics, "metrics": [ref("load")]}
    async with store.transaction() as transaction:
        return await transaction.update_spec(
            record, labels=record.labels, spec=spec, inherit_labels=labels, event=UPDATED
        )


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("metrics", [True, False])
async def test_each_is_inherited_where_the_cluster_says_so(
    store: Store, cloud: Record, *, labels: bool, metrics: bool
) -> None:
    made = await cluster(store, labels=labels, metrics=metrics)
    now, clusters = datetime.now(UTC), await store.all_of("Cluster")
    clouds = await clouds_above(store, clusters)
    shown = cluster_documents(clusters, clouds, now)[0]["metadata"]
    assert shown["labels"] == ({"location": "DE", "tier": "1"} if labels else {"location": "IT"})
    assert shown.get("inherited_labels", []) == (["location", "tier"] if labels else [])
    found = (await metrics_on(store, clusters, now, 60, clouds))[made.uid]
    assert {name: one.inherited for name, one in found.items()} == {
        "load": False,
        **({"cost": True} if metrics else {}),
    }


async def test_clouds_are_not_read_where_nothing_is_inherited(store: Store) -> None:
    class Refusing:
        async def all_of(self, kind: str) -> list[Record]:
            raise AssertionError(kind)

    record = await register(store, "c", nowhere())
    await set_status(store, record, scheduled_to=SKY)
    assert await clouds_above(Refusing(), await store.all_of("Cluster")) == {}


async def test_whether_labels_are_inherited_is_a_generation_and_stays_until_changed(store: Store) -> None:
    made = await cluster(store, labels=True, metrics=False)
    assert (made.generation, made.inherit_labels) == (2, True)
    async with store.transaction() as transaction:
        same = await transaction.update_spec(made, labels=made.labels, spec=made.spec, event=UPDATED)
        assert same.revision == made.revision
        other = await transaction.update_spec(
            made, labels=made.labels, spec=made.spec, inherit_labels=False, event=UPDATED
        )
    assert (other.generation, other.inherit_labels) == (3, False)
    assert await store.get_by_uid(made.uid) == other


async def test_placements_and_passes_see_what_is_inherited(
    store: Store, settings: Settings, cloud: Record
) -> None:
    made = await cluster(store, labels=True, metrics=True)
    wanted = {"cluster": {"labels": ["location is DE"], "metrics": ["cost is 5"]}}
    app = await add(
        store, "echo", NAMESPACE, spec=application_spec(config_map("settings"), constraints=wanted)
    )
    placement = await run(
        PlacementActivities(store, settings).place_application,
        Deployment(target=target_of(app), generation=1, trigger="create"),
    )
    assert placement.cluster == target_of(made)
    assert "label location is DE (inherited)" in str(render((await store.decisions(app.uid, 1))[0]))
    world = await read_world(store, datetime.now(UTC), 60)
    assert places_of(world)[made.uid].document["metadata"]["labels"]["tier"] == "1"
    assert world.metrics[made.uid]["cost"].inherited
