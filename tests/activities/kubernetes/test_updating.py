"""Updates on a real cluster: what fails can return; what cannot be changed in place is told or replaced."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError

from activities.kubernetes.errors import ClusterError
from activities.kubernetes.replacing import REPLACE_ANNOTATION, immutable_fields
from krake.models.reasons import ReasonCode
from tests.activities.workbench import Workbench
from tests.support.manifests import IMAGE_PULL, Document, config_map, deployment, job, service, workload


def with_replacement(document: Document) -> Document:
    """The object, allowed to be made anew."""
    metadata = {**document["metadata"], "annotations": {REPLACE_ANNOTATION: "true"}}
    return {**document, "metadata": metadata}


def job_of(image: str) -> Document:
    """A Job that runs this image."""
    document = job("once")
    document["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return document


def service_at(address: str) -> Document:
    """A Service with this address inside of the cluster."""
    document = service("web")
    return {**document, "spec": {**document["spec"], "clusterIP": address}}


async def test_a_rollout_that_fails_leaves_both_and_can_return(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("old"), config_map("same"))
    await bench.deploy(app)
    old = (await bench.objects(app))["ConfigMap/old"].uid
    await bench.update(app, config_map("same"), deployment("new", state=IMAGE_PULL))
    await bench.apply(app)
    with pytest.raises(ApplicationError, match="Deployment/new"):
        await bench.ready(app, readiness_timeout=1)
    assert sorted(await bench.objects(app)) == ["ConfigMap/old", "ConfigMap/same", "Deployment/new"]

    await bench.update(app, config_map("old"), config_map("same"))
    await bench.deploy(app)
    assert sorted(await bench.objects(app)) == ["ConfigMap/old", "ConfigMap/same"]
    assert (await bench.objects(app))["ConfigMap/old"].uid == old
    assert await bench.api.find(bench.path("deployments", "new", "apps/v1")) is None


async def test_an_update_that_is_refused_half_way_forgets_nothing(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("old"))
    await bench.deploy(app)
    await bench.update(app, config_map("new"), {**service("broken"), "spec": {"ports": []}})
    with pytest.raises(ClusterError, match="Service/broken"):
        await bench.apply(app)
    assert {"ConfigMap/old", "ConfigMap/new", "Service/broken"} == set(await bench.objects(app))
    assert await bench.api.find(bench.path("configmaps", "new")) is not None

    await bench.update(app, config_map("old"))
    await bench.deploy(app)
    assert list(await bench.objects(app)) == ["ConfigMap/old"]
    assert await bench.api.find(bench.path("configmaps", "new")) is None


async def test_what_never_could_be_applied_is_no_obstacle_to_the_next_update(bench: Workbench) -> None:
    gadget = {"apiVersion": "v1", "kind": "Gadget", "metadata": {"name": "one"}}
    app = await bench.app("echo", config_map("settings"), gadget)
    with pytest.raises(ClusterError, match="does not serve the kind Gadget"):
        await bench.apply(app)
    await bench.update(app, config_map("settings"))
    await bench.deploy(app)
    assert list(await bench.objects(app)) == ["ConfigMap/settings"]


async def test_a_newer_update_keeps_what_it_may_name_again(bench: Workbench) -> None:
    app = await bench.app("echo", config_map("kept"), config_map("dropped"))
    await bench.deploy(app)
    await bench.update(app, config_map("kept"))
    await bench.apply(app)
    generation = (await bench.record(app)).generation
    await bench.update(app, config_map("kept"), config_map("dropped"), config_map("more"))
    assert (await bench.ready_of(app, generation)).pruned == 0
    assert (await bench.objects(app))["ConfigMap/dropped"].obsolete
    assert await bench.api.find(bench.path("configmaps", "dropped")) is not None


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (job_of("registry.test/app:1"), job_of("registry.test/app:2"), "spec.template"),
        (
            workload("StatefulSet", "db", spec={"serviceName": "db"}),
            workload("StatefulSet", "db", spec={"serviceName": "other"}),
            "spec",
        ),
        (service_at("10.96.77.1"), service_at("10.96.77.2"), "spec.clusterIPs[0]"),
    ],
    ids=["Job template", "StatefulSet", "Service clusterIP"],
)
async def test_what_cannot_be_changed_in_place_is_told_and_replaced_on_request(
    bench: Workbench, before: Document, after: Document, field: str
) -> None:
    name = f"{before['kind']}/{before['metadata']['name']}"
    app = await bench.app("echo", before)
    await bench.apply(app)
    uid = (await bench.objects(app))[name].uid
    await bench.update(app, after)
    with pytest.raises(ClusterError) as raised:
        await bench.apply(app)
    assert (raised.value.code, raised.value.temporary) == (ReasonCode.INVALID_RESOURCE, False)
    assert raised.value.message == (
        f"{name}: {field} cannot be changed in place; give the object another name, or annotate it with "
        'krake/replace: "true" to have it deleted and made anew'
    )
    assert (await bench.objects(app))[name].uid == uid

    await bench.update(app, with_replacement(after))
    await bench.apply(app)
    assert (await bench.objects(app))[name].uid != uid
    events = [event for event in await bench.store.events(uid=app.uid) if event.type == "Replaced"]
    assert [event.message for event in events] == [f"{name}: {field} cannot be changed in place"]


async def test_an_object_that_may_be_replaced_is_changed_in_place_where_that_works(bench: Workbench) -> None:
    app = await bench.app("echo", with_replacement(config_map("settings")))
    await bench.deploy(app)
    uid = (await bench.objects(app))["ConfigMap/settings"].uid
    await bench.update(app, with_replacement(config_map("settings", more="data")))
    await bench.deploy(app)
    assert (await bench.objects(app))["ConfigMap/settings"].uid == uid


@pytest.mark.parametrize(
    ("status", "message", "fields"),
    [
        (422, 'Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than', "spec"),
        (422, 'ConfigMap "c" is invalid: data: Forbidden: field is immutable when it is set', "data"),
        (422, 'Deployment.apps "d" is invalid: spec.replicas: Invalid value: -1: must be positive', ""),
        (400, "data: Forbidden: field is immutable", ""),
    ],
)
def test_which_refusals_are_for_immutable_fields(status: int, message: str, fields: str) -> None:
    error = ClusterError(ReasonCode.INVALID_RESOURCE, message, temporary=False, status=status)
    assert immutable_fields(error) == fields
