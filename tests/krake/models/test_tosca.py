"""What an application may say about templates and archives."""

from __future__ import annotations

from typing import Any

import pytest

from krake.models.application import Application
from krake.tosca import UrlKind, shown_url, url_kind
from tests.krake.models.documents import application, errors
from tests.support.tosca import template

TEMPLATE = template("{apiVersion: v1, kind: Secret, metadata: {name: x}}")


@pytest.mark.parametrize(
    "fields",
    [
        {"tosca": TEMPLATE},
        {"tosca": "https://example.org/a.yaml"},
        {"tosca": "HTTP://example.org:8080/a.YML?token=x"},
        {"tosca": "https://example.org/get?file=a.yaml"},
        {"csar": "https://example.org/a.csar"},
        {"csar": "http://me:secret@example.org/a.zip"},
        {"tosca": TEMPLATE, "csar": "https://example.org/a.csar", "tosca_inputs": {"a": 1}},
        {"tosca": {"tosca_definitions_version": "tosca_simple_yaml_1_2", "anything": 1}},
    ],
)
def test_one_source_is_enough(fields: dict[str, Any]) -> None:
    document = {"metadata": {"name": "app"}, "spec": fields}
    spec = Application.model_validate(document).model_dump(mode="json")["spec"]
    assert spec["manifest"] == []
    assert {key: spec[key] for key in fields} == fields
    assert Application.model_validate({"metadata": {"name": "app"}, "spec": spec})


@pytest.mark.parametrize("fields", [{}, {"tosca": {}}, {"tosca": ""}, {"tosca": None, "csar": ""}])
def test_no_source_is_refused(fields: dict[str, Any]) -> None:
    found = errors(Application, {"metadata": {"name": "app"}, "spec": {"manifest": [], **fields}})
    assert found == {
        "spec.manifest": (
            "The application should be defined by a Kubernetes manifest, a TOSCA template or a CSAR archive"
        )
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("tosca", ["a"], "Invalid TOSCA template type."),
        ("tosca", 3, "Invalid TOSCA template type."),
        (
            "tosca",
            "https://example.org/a.json",
            "Invalid TOSCA template URL. It has to end with .yaml or .yml",
        ),
        ("tosca", "https://example.org/a.csar", "Invalid TOSCA template URL."),
        (
            "tosca",
            "file:///etc/a.yaml",
            "Invalid TOSCA template URL. It has to start with http:// or https://",
        ),
        ("tosca", "/etc/a.yaml", "Invalid TOSCA template URL."),
        ("tosca", "https:///a.yaml", "Invalid TOSCA template URL."),
        ("tosca", "https://[::1/a.yaml", "Invalid TOSCA template URL. It cannot be read as a URL"),
        ("tosca", "https://host:99999/a.yaml", "Invalid TOSCA template URL. It cannot be read as a URL"),
        ("tosca", f"https://example.org/{'a' * 4100}.yaml", "Invalid TOSCA template URL. It is longer than"),
        ("csar", "https://example.org/a.gzip", "Invalid CSAR archive URL. It has to end with .csar or .zip"),
        ("csar", "ftp://example.org/a.csar", "Invalid CSAR archive URL."),
        (
            "tosca",
            {"topology_template": {}},
            'Invalid TOSCA template content. Template is missing required field "tosca_definitions_version"',
        ),
        ("tosca", {"tosca_definitions_version": "2"}, "Invalid TOSCA template content."),
        ("tosca", {"tosca_definitions_version": ["a"]}, "Invalid TOSCA template content."),
        ("tosca", {**TEMPLATE, "topology_template": []}, 'content. "topology_template" has to be a mapping'),
        (
            "tosca",
            {**TEMPLATE, "topology_template": {"node_templates": ["a"]}},
            '"topology_template.node_templates" has to be a mapping',
        ),
    ],
)
def test_a_source_that_does_not_fit_is_refused_in_the_words_of_the_original(
    field: str, value: Any, message: str
) -> None:
    for document in (application(**{field: value}), {"metadata": {"name": "a"}, "spec": {field: value}}):
        found = errors(Application, document)
        assert list(found) == [f"spec.{field}"]
        assert message in found[f"spec.{field}"]


def test_inputs_need_something_that_has_inputs() -> None:
    found = errors(Application, application(tosca_inputs={"a": 1}))
    assert found == {"spec.tosca_inputs": "Inputs need a TOSCA template or a CSAR archive"}


def test_urls_are_shown_without_what_may_be_secret() -> None:
    assert (
        shown_url("https://me:secret@example.org:8080/a/b.yaml?token=x#y")
        == "https://example.org:8080/a/b.yaml"
    )
    assert shown_url("http://u@[::1]:80/a.zip?x") == "http://[::1]:80/a.zip"
    assert "secret" not in shown_url("http://secret@host:port/a.zip")


def test_the_suffix_tells_templates_from_archives() -> None:
    assert url_kind("https://x/a.yml?b.zip") is UrlKind.TOSCA
    assert url_kind("https://x/a?b.zip") is UrlKind.CSAR
    assert url_kind("https://x/a") is None
