"""What an application may say, and how a wrong one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from krake.models.application import Application, ApplicationState
from tests.krake.models.documents import application, errors, manifest_object


def test_a_minimal_application_gets_the_defaults() -> None:
    app = Application.model_validate(application())
    assert (app.api, app.kind) == ("kubernetes", "Application")
    assert app.spec.constraints.migration is True
    assert app.spec.constraints.cluster.labels is None
    assert (app.spec.backoff, app.spec.backoff_delay, app.spec.backoff_limit) == (1, 1, -1)
    assert app.status.state is ApplicationState.PENDING


def test_a_document_as_the_original_clients_send_it_is_accepted() -> None:
    app = Application.model_validate(
        application(
            tosca={},
            csar=None,
            observer_schema=[],
            constraints={
                "cluster": {"labels": ["location is DE"], "custom_resources": [], "metrics": None},
                "migration": False,
            },
            hooks=[],
            shutdown_grace_time=None,
            shutdown_failure_strategy=None,
            shutdown_retry_count=None,
            storage_migration="none",
            auto_cluster_create=False,
        )
    )
    assert app.spec.constraints.cluster.labels is not None
    assert app.spec.constraints.cluster.labels[0].matches({"location": "DE"})


def test_an_application_survives_a_round_trip() -> None:
    app = Application.model_validate(
        application(constraints={"cluster": {"labels": ["location  in (DE,)", "gpu not exists"]}})
    )
    document = app.model_dump(mode="json")
    assert document["spec"]["constraints"]["cluster"]["labels"] == ["location  in (DE,)", "gpu not exists"]
    assert Application.model_validate(document) == app


def test_a_manifest_object_that_lacks_its_identity_is_named() -> None:
    document = application(manifest=[manifest_object(), {"kind": "Service", "metadata": {"name": "web"}}])
    assert errors(Application, document) == {
        "spec.manifest": "Field 'apiVersion' not found in resource at index 1 (metadata.name: web)"
    }


def test_everything_missing_in_a_manifest_is_named_at_once() -> None:
    message = errors(Application, application(manifest=[{}, {**manifest_object("x"), "kind": ""}]))[
        "spec.manifest"
    ]
    assert message.split("; ") == [
        "Field 'apiVersion' not found in resource at index 0 (metadata.name: ?)",
        "Field 'kind' not found in resource at index 0 (metadata.name: ?)",
        "Field 'metadata' not found in resource at index 0 (metadata.name: ?)",
        "Field 'metadata.name' not found in resource at index 0 (metadata.name: ?)",
        "Field 'kind' not found in resource at index 1 (metadata.name: x)",
    ]


@pytest.mark.parametrize("metadata", [{}, {"name": ""}, {"name": None}, "web", ["web"]])
def test_a_manifest_object_needs_a_name(metadata: Any) -> None:
    document = application(manifest=[{"apiVersion": "v1", "kind": "Service", "metadata": metadata}])
    assert (
        "Field 'metadata.name' not found in resource at index 0"
        in errors(Application, document)["spec.manifest"]
    )


@pytest.mark.parametrize(
    ("field", "item"),
    [
        ("apiVersion", {**manifest_object(), "apiVersion": 1}),
        ("kind", {**manifest_object(), "kind": ["Service"]}),
        ("metadata.name", {**manifest_object(), "metadata": {"name": 123}}),
    ],
)
def test_the_identity_of_a_manifest_object_has_to_be_text(field: str, item: dict[str, Any]) -> None:
    message = errors(Application, application(manifest=[item]))["spec.manifest"]
    assert message.startswith(f"Field '{field}' is not text in resource at index 0")


def test_braces_in_a_manifest_do_not_break_the_message() -> None:
    item = {"apiVersion": "v1", "metadata": {"name": "{x} {missing}"}}
    message = errors(Application, application(manifest=[item]))["spec.manifest"]
    assert message == "Field 'kind' not found in resource at index 0 (metadata.name: {x} {missing})"


def test_an_empty_manifest_is_refused() -> None:
    message = errors(Application, application(manifest=[]))["spec.manifest"]
    assert message == (
        "The application should be defined by a Kubernetes manifest, a TOSCA template or a CSAR archive"
    )
    assert "spec.manifest" in errors(Application, {"metadata": {"name": "a"}, "spec": {}})
    assert "spec.manifest.0" in errors(Application, application(manifest=["text"]))


def test_a_wrong_metric_constraint_is_refused_by_name() -> None:
    document = application(constraints={"cluster": {"metrics": ["load > 1", "load above 1"]}})
    assert list(errors(Application, document)) == ["spec.constraints.cluster.metrics.1"]


def test_only_the_storage_migration_that_exists_is_accepted() -> None:
    assert "spec.storage_migration" in errors(Application, application(storage_migration="copy"))


def test_a_wrong_label_constraint_is_refused_with_its_place() -> None:
    document = application(constraints={"cluster": {"labels": ["a is b", "a in b"]}})
    found = errors(Application, document)
    assert list(found) == ["spec.constraints.cluster.labels.1"]
    assert found["spec.constraints.cluster.labels.1"].startswith("Invalid label constraint: 'a in b'")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({**application(), "sepc": {}}, "sepc"),
        (application(manifests=[]), "spec.manifests"),
        (application(constraints={"migrate": True}), "spec.constraints.migrate"),
        (application(constraints={"cluster": {"label": []}}), "spec.constraints.cluster.label"),
    ],
)
def test_unknown_fields_are_refused_by_name(document: Any, field: str) -> None:
    assert errors(Application, document) == {field: "Extra inputs are not permitted"}


@pytest.mark.parametrize(("field", "value"), [("api", "core"), ("kind", "Cluster")])
def test_api_and_kind_have_to_be_right_where_they_are_given(field: str, value: str) -> None:
    assert list(errors(Application, {**application(), field: value})) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("backoff", 0),
        ("backoff", 101),
        ("backoff_delay", 0),
        ("backoff_delay", 10**18),
        ("backoff_limit", -2),
        ("backoff_limit", 10**18),
        ("readiness_timeout", 0),
        ("readiness_timeout", 10**18),
    ],
)
def test_delays_and_retries_beyond_reason_are_refused(field: str, value: int) -> None:
    assert list(errors(Application, application(**{field: value}))) == [f"spec.{field}"]


def test_custom_resource_constraints_are_names_of_definitions() -> None:
    document = application(constraints={"cluster": {"custom_resources": ["crontabs.example.com", "x"]}})
    assert list(errors(Application, document)) == ["spec.constraints.cluster.custom_resources.1"]


@pytest.mark.parametrize("mode", ["correct", "report", "ignore"])
def test_modes_of_drift(mode: str) -> None:
    assert Application.model_validate(application(drift=mode)).spec.drift == mode
    assert Application.model_validate(application()).spec.drift == "correct"
    assert list(errors(Application, application(drift="no"))) == ["spec.drift"]
