"""Comparing an application with its cluster, on a real API server."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.kubernetes.comparing import REDACTED
from activities.kubernetes.comparing_application import ComparingActivities
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.objects import fingerprint
from krake.messages.base import Target
from krake.models.drift import ApplicationDiff, FieldDifference
from krake.settings import Settings
from tests.activities.workbench import Workbench, run
from tests.support.manifests import config_map, deployment

Document = dict[str, Any]

SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "key"},
    "stringData": {"password": "hunter2-by-krake"},
}


async def compare(bench: Workbench, app: Target) -> ApplicationDiff:
    """Compare as a worker does."""
    activities = ComparingActivities(bench.store, bench.connections, Settings())
    return await run(activities.compare_application, app)


def fields(found: ApplicationDiff, kind: str) -> dict[str, FieldDifference]:
    """The fields of the object of a kind that differ, by path."""
    [item] = [item for item in found.objects if item.kind == kind]
    return {field.path: field for field in item.fields}


async def test_defaults_and_other_spellings_are_no_differences(bench: Workbench) -> None:
    limits = {"limits": {"cpu": "1000m", "memory": "1024Mi"}, "requests": {"cpu": "0.5"}}
    app = await bench.app("echo", deployment("echo", resources=limits), config_map("settings"), SECRET)
    await bench.deploy(app)
    path = bench.path("deployments", "echo", "apps/v1")
    # Fields that Krake was never asked for may be anybody's.
    await bench.api.merge(path, {"spec": {"minReadySeconds": 1}, "metadata": {"labels": {"theirs": "x"}}})
    found = await compare(bench, app)
    assert (found.compared, found.objects, found.differs, found.cluster) == (3, [], False, "bench")


async def test_each_field_is_told_with_who_changed_it(bench: Workbench) -> None:
    app = await bench.app("echo", deployment("echo"), config_map("settings", a="1", b="2"), SECRET)
    await bench.deploy(app)
    image = [{"name": "main", "image": "theirs"}]
    template = {"spec": {"containers": image}}
    await bench.api.merge(
        bench.path("deployments", "echo", "apps/v1"), {"spec": {"replicas": 3, "template": template}}
    )
    await bench.api.merge(bench.path("configmaps", "settings"), {"data": {"a": None}})
    await bench.api.merge(bench.path("secrets", "key"), {"data": {"password": "dGhlaXJzLWJ5LXVz"}})
    before = await bench.api.get(bench.path("configmaps", "settings"))

    found = await compare(bench, app)
    assert found.differs
    changed = fields(found, "Deployment")
    assert changed.keys() == {"spec.replicas", "spec.template.spec.containers[0].image"}
    assert (changed["spec.replicas"].applied, changed["spec.replicas"].live) == (1, 3)
    assert changed["spec.replicas"].manager
    assert changed["spec.replicas"].since is not None
    assert (fields(found, "ConfigMap")["data.a"].applied, fields(found, "ConfigMap")["data.a"].live) == (
        "1",
        None,
    )
    assert fields(found, "Secret")["data.password"].live == REDACTED
    live = await bench.api.get(bench.path("secrets", "key"))
    assert fingerprint(live) != (await bench.objects(app))["Secret/key"].fingerprint
    told = found.model_dump_json()
    assert not any(word in told for word in ("dGhlaXJzLWJ5LXVz", "hunter2", "aHVudGVy"))
    # Nothing was changed by looking.
    assert await bench.api.get(bench.path("configmaps", "settings")) == before


async def test_missing_surplus_and_foreign_objects(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("stays"), config_map("goes"), config_map("old"))
    await bench.deploy(app)
    await bench.api.delete(bench.path("configmaps", "goes"))
    other = {"metadata": {"labels": {"krake/application-uid": "another"}}}
    await bench.api.merge(bench.path("configmaps", "stays"), other)
    await bench.update(app, config_map("stays"), config_map("goes"))
    found = await compare(bench, app)
    assert {item.name: item.change for item in found.objects} == {
        "stays": "foreign",
        "goes": "missing",
        "old": "surplus",
    }
    assert found.generation == 2


async def test_what_a_schema_leaves_out_is_shown_and_does_not_count(bench: Workbench) -> None:
    identity = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}
    schema = {**identity, "data": {"a": None, "learned": None}}
    app = await bench.app("echo", config_map("settings", a="1", b="2"), observer_schema=[schema])
    await bench.deploy(app)
    path = bench.path("configmaps", "settings")
    await bench.api.merge(path, {"data": {"b": "theirs"}})
    found = await compare(bench, app)
    assert [(field.path, field.counts) for field in found.objects[0].fields] == [("data.b", False)]
    assert not found.differs
    await bench.api.merge(path, {"data": {"a": "theirs"}})
    found = await compare(bench, app)
    assert found.differs


async def test_a_kind_that_is_not_served_is_missing(bench: Workbench) -> None:
    thing = {"apiVersion": "example.net/v1", "kind": "Thing", "metadata": {"name": "x"}}
    app = await bench.app("echo", config_map("settings"), thing)
    with pytest.raises(ClusterError):
        await bench.apply(app)
    found = await compare(bench, app)
    assert {item.kind: (item.change, "does not serve" in item.message) for item in found.objects} == {
        "ConfigMap": ("missing", False),
        "Thing": ("missing", True),
    }


async def test_an_application_without_a_cluster_is_nothing_to_compare(bench: Workbench) -> None:
    with pytest.raises(ApplicationError, match="on no cluster"):
        await compare(bench, await bench.app("echo", config_map("settings")))
