"""Applying, waiting and removing on a real cluster."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from temporalio.exceptions import ApplicationError

from activities.kubernetes.connections import Connections
from activities.kubernetes.deploying import DeployingActivities
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.objects import OWNER_ANNOTATION, OWNER_LABEL
from krake.messages.deploying import Applied
from krake.models.reasons import ReasonCode
from krake.settings import Settings
from krake.store import Store
from tests.activities.workbench import NAMESPACE, Workbench, run
from tests.support.manifests import (
    CRASH_LOOP,
    IMAGE_PULL,
    Document,
    config_map,
    deployment,
    job,
    pod,
    service,
    workload,
)
from tests.support.waiting import until

CLUSTER_ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"


def cluster_role(name: str, namespace: str = "") -> Document:
    """A cluster-scoped object; with a namespace it says something that has no meaning."""
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": metadata,
        "rules": rules,
    }


def definition(group: str) -> Document:
    """A CustomResourceDefinition of widgets."""
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
            ],
        },
    }


async def test_from_nothing_to_ready_and_back(bench: Workbench) -> None:
    app = await bench.app(
        "echo",
        deployment("echo", replicas=2),
        service("echo"),
        config_map("settings"),
        workload("StatefulSet", "db", spec={"serviceName": "db"}),
        workload("DaemonSet", "agent"),
        job("once"),
        pod("alone"),
    )
    assert await bench.apply(app) == Applied(applied=7)
    found = await bench.ready(app)
    port = (await bench.api.get(bench.path("services", "echo")))["spec"]["ports"][0]["nodePort"]
    assert found.services == {"echo": f"127.0.0.1:{port}"}

    status = (await bench.record(app)).status
    assert (status["state"], status["observed_generation"], status["message"]) == ("RUNNING", 1, "")
    assert all(item["ready"] and item["uid"] for item in status["objects"])
    live = await bench.api.get(bench.path("deployments", "echo", "apps/v1"))
    assert live["metadata"]["labels"][OWNER_LABEL] == app.uid
    assert live["metadata"]["annotations"][OWNER_ANNOTATION] == "testing/echo"

    assert (await bench.remove(app)).pruned == 7
    assert await bench.api.find(bench.path("deployments", "echo", "apps/v1")) is None
    assert await bench.api.find(bench.path("configmaps", "settings")) is None


async def test_applying_again_changes_nothing(bench: Workbench) -> None:
    app = await bench.app("echo", deployment("echo"), config_map("settings"))
    await bench.deploy(app)
    before = await bench.api.get(bench.path("deployments", "echo", "apps/v1"))
    objects = await bench.objects(app)
    assert await bench.apply(app) == Applied(applied=2)
    after = await bench.api.get(bench.path("deployments", "echo", "apps/v1"))
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    again = await bench.objects(app)
    assert {name: (item.uid, item.fingerprint) for name, item in again.items()} == {
        name: (item.uid, item.fingerprint) for name, item in objects.items()
    }


async def test_applying_side_by_side_leads_to_the_same_objects(bench: Workbench) -> None:
    app = await bench.app("echo", *(config_map(f"settings-{number}") for number in range(5)))
    found = await asyncio.gather(*(bench.apply(app) for _ in range(4)))
    assert found == [Applied(applied=5)] * 4


async def test_somebody_elses_object_is_told_and_not_touched(bench: Workbench) -> None:
    theirs = config_map("settings", key="theirs")
    path = bench.path("configmaps", "settings")
    before = await bench.api.create(path.rpartition("/")[0], theirs)
    app = await bench.app("echo", config_map("settings", key="ours"))
    with pytest.raises(ClusterError, match="ConfigMap/settings is there already and managed by") as raised:
        await bench.apply(app)
    assert (raised.value.code, raised.value.temporary) == (ReasonCode.INVALID_RESOURCE, False)
    assert await bench.api.get(path) == before

    await bench.remove(app)
    assert await bench.api.get(path) == before


async def test_two_applications_cannot_have_the_same_object(bench: Workbench) -> None:
    first = await bench.app("first", config_map("settings", key="same"))
    await bench.deploy(first)
    before = await bench.api.get(bench.path("configmaps", "settings"))
    second = await bench.app("second", config_map("settings", key="same"))
    with pytest.raises(
        ClusterError, match="ConfigMap/settings: another application of Krake has this"
    ) as raised:
        await bench.apply(second)
    assert not raised.value.temporary
    assert await bench.api.get(bench.path("configmaps", "settings")) == before

    await bench.remove(second)
    assert await bench.api.get(bench.path("configmaps", "settings")) == before


async def test_two_applications_at_the_same_moment(bench: Workbench) -> None:
    apps = [await bench.app(name, config_map("settings", key="same")) for name in ("first", "second")]
    found = await asyncio.gather(*(bench.apply(app) for app in apps), return_exceptions=True)
    live = await bench.api.get(bench.path("configmaps", "settings"))
    winners = [app.uid for app, result in zip(apps, found, strict=True) if isinstance(result, Applied)]
    assert winners == [live["metadata"]["labels"][OWNER_LABEL]]


async def test_what_the_manifest_no_longer_names_is_pruned(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("kept"), config_map("dropped"))
    await bench.deploy(app)
    kept = (await bench.objects(app))["ConfigMap/kept"].uid
    await bench.update(app, config_map("kept", more="data"), config_map("added"))
    assert await bench.apply(app) == Applied(applied=2)
    assert await bench.api.find(bench.path("configmaps", "dropped")) is not None
    assert (await bench.objects(app))["ConfigMap/dropped"].obsolete

    assert (await bench.ready(app)).pruned == 1
    assert sorted(await bench.objects(app)) == ["ConfigMap/added", "ConfigMap/kept"]
    assert await bench.api.find(bench.path("configmaps", "dropped")) is None
    assert (await bench.objects(app))["ConfigMap/kept"].uid == kept
    assert (await bench.store.events(uid=app.uid))[-1].message.endswith(", 1 removed")


async def test_fields_the_manifest_no_longer_names_go(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings", one="1", two="2"))
    await bench.deploy(app)
    await bench.update(app, config_map("settings", one="1"))
    await bench.apply(app)
    assert (await bench.api.get(bench.path("configmaps", "settings")))["data"] == {"one": "1"}


async def test_an_altered_field_is_brought_back(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings", key="ours"))
    await bench.deploy(app)
    await bench.api.merge(bench.path("configmaps", "settings"), {"data": {"key": "theirs", "more": "kept"}})
    await bench.apply(app)
    live = await bench.api.get(bench.path("configmaps", "settings"))
    assert live["data"] == {"key": "ours", "more": "kept"}


@pytest.mark.parametrize("namespace", ["", "mistaken"])
async def test_a_cluster_scoped_object_is_neither_pruned_nor_forgotten(
    bench: Workbench, namespace: str
) -> None:
    name = f"reader-{uuid4().hex[:8]}"
    app = await bench.app("echo", cluster_role(name, namespace))
    await bench.deploy(app)
    uid = (await bench.api.get(f"{CLUSTER_ROLES}/{name}"))["metadata"]["uid"]
    assert await bench.apply(app) == Applied(applied=1)
    assert (await bench.api.get(f"{CLUSTER_ROLES}/{name}"))["metadata"]["uid"] == uid
    assert len(await bench.objects(app)) == 1

    await bench.remove(app)
    assert await bench.api.find(f"{CLUSTER_ROLES}/{name}") is None


async def test_a_definition_and_what_it_defines_in_one_manifest(bench: Workbench) -> None:
    """Takes half a minute: Kubernetes' garbage collector learns of new kinds only so often."""
    group = f"g{uuid4().hex[:8]}.example.org"
    widget = {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "one"}, "spec": {"size": 3}}
    app = await bench.app("echo", widget, definition(group))
    await bench.deploy(app)
    path = bench.path("widgets", "one", f"{group}/v1")
    assert (await bench.api.get(path))["spec"] == {"size": 3}
    assert (await bench.record(app)).status["state"] == "RUNNING"

    await bench.remove(app)
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert await bench.api.find(f"{definitions}/widgets.{group}") is None


async def test_an_unknown_kind_is_refused_before_anything_is_applied(bench: Workbench) -> None:
    unknown = {"apiVersion": "example.org/v1", "kind": "Gizmo", "metadata": {"name": "one"}}
    app = await bench.app("echo", config_map("settings"), unknown)
    with pytest.raises(ClusterError, match=r"does not serve the kind Gizmo of example.org/v1") as raised:
        await bench.apply(app)
    assert (raised.value.code, raised.value.temporary) == (ReasonCode.UNSUPPORTED_RESOURCE, False)
    assert await bench.api.find(bench.path("configmaps", "settings")) is None


@pytest.mark.parametrize(
    "document",
    [
        {**config_map("settings"), "spce": {}},
        {**config_map("settings"), "data": {"key": 7}},
        {**deployment("echo"), "spec": {**deployment("echo")["spec"], "paused": "maybe"}},
        {**deployment("echo"), "spec": {"replicas": 1}},
        config_map("No_Valid_Name"),
    ],
    ids=["unknown field", "number for text", "text for number", "incomplete", "name"],
)
async def test_an_invalid_object_is_the_users_error_and_named(bench: Workbench, document: Document) -> None:
    app = await bench.app("echo", document)
    with pytest.raises(ClusterError) as raised:
        await bench.apply(app)
    assert (raised.value.code, raised.value.temporary) == (ReasonCode.INVALID_RESOURCE, False)
    assert f"{document['kind']}/{document['metadata']['name']}" in raised.value.message


async def test_a_namespace_that_does_not_exist_is_told(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings", namespace="nowhere"))
    with pytest.raises(ClusterError, match='namespaces "nowhere" not found; create it, or add it') as raised:
        await bench.apply(app)
    assert not raised.value.temporary
    await bench.remove(app)


async def test_a_namespace_in_the_manifest_comes_first(bench: Workbench) -> None:
    name = f"made-{uuid4().hex[:8]}"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    app = await bench.app("echo", config_map("settings", namespace=name), namespace)
    await bench.deploy(app)
    await bench.remove(app)
    assert await bench.api.find(f"/api/v1/namespaces/{name}") is None


async def test_removing_what_is_gone_already(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings"), config_map("other"))
    await bench.deploy(app)
    await bench.api.delete(bench.path("configmaps", "settings"))
    assert (await bench.remove(app)).pruned == 2
    assert (await bench.remove(app)).pruned == 2


async def test_removing_what_was_foreseen_and_never_applied(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings"), deployment("echo"))
    await bench.place(app)
    assert (await bench.remove(app)).pruned == 2


async def test_an_object_that_somebody_else_made_anew_is_not_removed(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings"))
    await bench.deploy(app)
    path = bench.path("configmaps", "settings")
    await bench.api.delete(path)
    theirs = await bench.api.create(path.rpartition("/")[0], config_map("settings", key="theirs"))
    await bench.remove(app)
    assert await bench.api.get(path) == theirs


async def test_removal_waits_for_finalizers(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("settings", finalizer="example.org/hold"))
    await bench.deploy(app)
    path = bench.path("configmaps", "settings")
    removal = asyncio.ensure_future(bench.remove(app))

    async def told() -> bool:
        message = (await bench.record(app)).status["message"]
        return bool(message == "waiting for deletion of ConfigMap/settings")

    await until("it says what it waits for", told)
    assert not removal.done()
    await bench.api.merge(path, {"metadata": {"finalizers": None}})
    await asyncio.wait_for(removal, 10)
    assert await bench.api.find(path) is None


@pytest.mark.parametrize(
    ("state", "told"), [(IMAGE_PULL, "ImagePullBackOff"), (CRASH_LOOP, "CrashLoopBackOff")]
)
async def test_what_never_becomes_ready_ends_with_its_reason(bench: Workbench, state: str, told: str) -> None:
    app = await bench.app("echo", deployment("echo", state=state), service("echo"))
    await bench.apply(app)
    with pytest.raises(ApplicationError, match="not ready after 3 s") as raised:
        await bench.ready(app, readiness_timeout=3)
    assert (raised.value.type, raised.value.non_retryable) == ("NOT_READY", True)
    assert told in raised.value.message
    assert "Service/echo: no ready endpoint" in raised.value.message
    assert told in (await bench.record(app)).status["message"]


async def test_finished_work_is_completed(bench: Workbench) -> None:
    app = await bench.app("once", job("once"))
    await bench.apply(app)

    async def completed() -> bool:
        await bench.ready(app)
        return bool((await bench.record(app)).status["state"] == "COMPLETED")

    await until("the Job is done", completed)


async def test_an_application_that_is_gone_is_not_applied(bench: Workbench, store: Store) -> None:
    app = await bench.app("echo", config_map("settings"))
    call = await bench.place(app)
    gone = call.model_copy(update={"target": app.model_copy(update={"uid": "gone"})})
    with pytest.raises(ApplicationError, match="not there any more") as raised:
        await run(DeployingActivities(store, bench.connections, Settings()).apply_manifest, gone)
    assert raised.value.non_retryable


async def test_a_cluster_that_is_not_registered(bench: Workbench, connections: Connections) -> None:
    stranger = bench.cluster.model_copy(update={"name": "stranger"})
    with pytest.raises(ClusterError, match="cluster stranger is not registered"):
        await connections.to(stranger)
    assert bench.cluster.namespace == NAMESPACE
