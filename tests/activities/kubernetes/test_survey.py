"""How an application is on its cluster, from what the watches know."""

from __future__ import annotations

from typing import Any

from activities.kubernetes.objects import OWNER_LABEL, ObjectKey
from activities.kubernetes.survey import Survey, key_of, survey
from activities.kubernetes.views import SERVICE_OF_SLICE, View, view_of
from krake.models.application import ApplicationState, ObjectStatus
from tests.activities.kubernetes.documents import condition, live, service

Document = dict[str, Any]
SERVER = "https://k8s.example.org:6443"

DEPLOYMENT = live(
    "Deployment",
    {"replicas": 1},
    {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1},
)
JOB_DONE = live(
    "Job", {}, {"succeeded": 1, "conditions": [condition("Complete")]}, api_version="batch/v1", name="once"
)
JOB_FAILED = live(
    "Job", {}, {"conditions": [condition("Failed", message="limit")]}, api_version="batch/v1", name="bad"
)
CONFIG = live("ConfigMap", api_version="v1", observed=None, name="settings")


def placed(document: Document) -> Document:
    """A Service in the namespace of the other objects."""
    metadata = {"name": "echo", "namespace": "default", "uid": "uid-echo"}
    return {**document, "metadata": metadata}


SERVICE = placed(service("NodePort", ports=[{"port": 80, "nodePort": 30080}], selector={"app": "echo"}))


def endpoint_slice(*ready: bool, of: str = "echo") -> Document:
    """The endpoints behind a Service."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{of}-abc12",
            "namespace": "default",
            "labels": {SERVICE_OF_SLICE: of, OWNER_LABEL: "uid-app"},
        },
        "endpoints": [{"conditions": {"ready": one}} for one in ready],
    }


def applied(document: Document, **changes: Any) -> ObjectStatus:
    """An object of the inventory as it was applied."""
    view = view_of(document)
    fields = {
        "api_version": view.key.api_version,
        "kind": view.key.kind,
        "namespace": view.key.namespace or None,
        "name": view.key.name,
        "uid": view.uid,
        "generation": view.generation,
        "fingerprint": view.fingerprint,
    }
    return ObjectStatus.model_validate({**fields, **changes})


def views(*documents: Document) -> dict[ObjectKey, View]:
    """What the watches show."""
    return {view.key: view for view in map(view_of, documents)}


def look(inventory: list[ObjectStatus], *documents: Document) -> Survey:
    """Compare an inventory with live objects."""
    return survey(inventory, views(*documents), SERVER)


def test_everything_is_there_and_ready() -> None:
    found = look([applied(DEPLOYMENT), applied(SERVICE)], DEPLOYMENT, SERVICE, endpoint_slice(True))
    assert found.ready
    assert found.state == ApplicationState.RUNNING
    assert found.message == ""
    assert found.services == {"echo": "k8s.example.org:30080"}
    assert (found.health.desired_pods, found.health.running_pods) == (1, 1)
    assert found.missing == found.altered == found.failed == []


def test_an_object_that_was_removed_is_missing() -> None:
    found = look([applied(DEPLOYMENT), applied(CONFIG)], DEPLOYMENT)
    assert found.missing == ["ConfigMap/settings"]
    assert found.state == ApplicationState.DEGRADED
    assert found.message == "ConfigMap/settings: not there"


def test_an_object_of_the_same_name_made_by_somebody_else_is_missing() -> None:
    found = look([applied(CONFIG, uid="the-first")], CONFIG)
    assert found.missing == ["ConfigMap/settings"]


def test_an_object_that_was_only_foreseen_counts_when_it_is_there() -> None:
    found = look([applied(CONFIG, uid="", fingerprint="", generation=0)], CONFIG)
    assert found.ready
    assert found.altered == []


def test_fields_taken_over_by_somebody_else_are_told() -> None:
    found = look([applied(CONFIG, fingerprint="as-applied")], CONFIG)
    assert found.altered == ["ConfigMap/settings"]
    assert found.ready


def test_a_change_the_watch_does_not_show_yet_is_waited_for() -> None:
    found = look([applied(DEPLOYMENT, generation=2)], DEPLOYMENT)
    assert found.message == "Deployment/echo: its change is not yet visible"


def test_a_service_is_ready_when_somebody_answers_behind_it() -> None:
    inventory = [applied(SERVICE)]
    waiting = "Service/echo: no ready endpoint behind it"
    assert look(inventory, SERVICE).message == waiting
    assert look(inventory, SERVICE, endpoint_slice(False, False)).message == waiting
    assert look(inventory, SERVICE, endpoint_slice(True, of="other")).message == waiting
    assert look(inventory, SERVICE, endpoint_slice(False, True)).ready


def test_a_service_without_selector_is_ready_at_once() -> None:
    plain = placed(service("ClusterIP"))
    found = look([applied(plain)], plain)
    assert found.ready
    assert found.services == {}


def test_finished_work_is_completed() -> None:
    found = look([applied(JOB_DONE), applied(CONFIG)], JOB_DONE, CONFIG)
    assert found.state == ApplicationState.COMPLETED
    assert found.health.completed_pods == 1


def test_finished_work_beside_something_that_goes_on_is_running() -> None:
    found = look([applied(JOB_DONE), applied(DEPLOYMENT)], JOB_DONE, DEPLOYMENT)
    assert found.state == ApplicationState.RUNNING


def test_configuration_alone_runs() -> None:
    assert look([applied(CONFIG)], CONFIG).state == ApplicationState.RUNNING


def test_what_failed_for_good_is_named() -> None:
    found = look([applied(JOB_FAILED)], JOB_FAILED)
    assert found.failed == ["Job/bad: limit"]
    assert not found.ready


def test_several_troubles_are_all_told() -> None:
    found = look([applied(CONFIG), applied(DEPLOYMENT, generation=7)], DEPLOYMENT)
    assert found.message == "ConfigMap/settings: not there; Deployment/echo: its change is not yet visible"


def test_a_cluster_scoped_object_is_found() -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "reader", "uid": "uid-reader"},
    }
    item = applied(role)
    assert key_of(item).namespace == ""
    assert look([item], role).ready


SCHEMA = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "echo"},
    "spec": {
        "replicas": None,
        "ports": [{"observer_schema_list_min_length": 0, "observer_schema_list_max_length": 1}],
    },
}


def look_with_schema(item: ObjectStatus, document: Document) -> Survey:
    """Compare an object that has an observer schema."""
    view = view_of(document, SCHEMA)
    return survey([item], {view.key: view}, SERVER)


def test_with_a_schema_only_its_fields_count() -> None:
    item = applied(DEPLOYMENT, fingerprint="as-applied", observed_fields={"spec.replicas": 1})
    found = look_with_schema(item, DEPLOYMENT)
    assert (found.altered, found.drifted) == ([], [])
    scaled = {**DEPLOYMENT, "spec": {"replicas": 2}}
    found = look_with_schema(item, scaled)
    assert found.altered == ["Deployment/echo"]
    assert found.drifted[0].fields == ("spec.replicas",)
    assert found.objects[0].observed_fields == {"spec.replicas": 1}


def test_a_field_that_is_seen_for_the_first_time_is_learned() -> None:
    found = look_with_schema(applied(DEPLOYMENT), DEPLOYMENT)
    assert found.altered == []
    assert found.objects[0].observed_fields == {"spec.replicas": 1}


def test_a_length_that_applying_did_not_mend_is_shown_but_not_mended_again() -> None:
    document = {**DEPLOYMENT, "spec": {"replicas": 1, "ports": [1, 2]}}
    found = look_with_schema(applied(document), document)
    assert found.altered == ["Deployment/echo"]
    found = look_with_schema(applied(document, unbounded_lists=["spec.ports"]), document)
    assert found.altered == []
    assert [drifted.fields for drifted in found.drifted] == [("spec.ports (length)",)]
