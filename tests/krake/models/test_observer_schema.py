"""Observer schemas: upstream's grammar, with every mistake named where it is."""

from __future__ import annotations

from typing import Any

import pytest

from krake.models.application import Application
from tests.krake.models.documents import errors

Document = dict[str, Any]

SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}}


def control(least: Any = 0, most: Any = 0, **more: Any) -> Document:
    """The lengths that a list may have."""
    return {"observer_schema_list_min_length": least, "observer_schema_list_max_length": most, **more}


def with_schema(*schemas: Document) -> Document:
    """An application with observer schemas."""
    return {
        "metadata": {"name": "app"},
        "spec": {"manifest": [SERVICE, SECRET], "observer_schema": list(schemas)},
    }


def with_ports(*ports: Any) -> Document:
    """A schema of a Service with this list."""
    return {**SERVICE, "spec": {"ports": list(ports)}}


@pytest.mark.parametrize(
    "schema",
    [
        SERVICE,
        {**SERVICE, "metadata": {"name": "web", "namespace": None, "labels": {"App": None}}},
        {**SERVICE, "spec": None, "namespace": None},
        with_ports(control()),
        with_ports(None, {"port": None}, [None, control()], control(1, 3)),
        with_ports({"port": None}, control(5, 0)),
    ],
)
def test_a_valid_schema_is_kept_as_it_is(schema: Document) -> None:
    app = Application.model_validate(with_schema(schema, SECRET))
    assert app.spec.observer_schema == [schema, SECRET]


@pytest.mark.parametrize(
    ("schema", "field", "message"),
    [
        ({"kind": "Service", "metadata": {"name": "web"}}, "", "apiVersion is not defined"),
        ({"apiVersion": "v1", "metadata": {"name": "web"}}, "", "kind is not defined"),
        ({**SERVICE, "kind": ["Service"]}, ".kind", "kind is not text"),
        ({"apiVersion": "v1", "kind": "Service"}, "", "metadata dictionary is not defined"),
        ({**SERVICE, "metadata": ["web"]}, ".metadata", "metadata must be a dictionary"),
        ({**SERVICE, "metadata": {}}, ".metadata", "name is not defined in the metadata dictionary"),
        ({**SERVICE, "metadata": {"name": 5}}, ".metadata.name", "name is not text"),
        ({**SERVICE, "spec": {"type": "NodePort"}}, ".spec.type", "Value of 'type' is not 'None'"),
        (
            {**SERVICE, "metadata": {"name": "web", "namespace": "x"}},
            ".metadata.namespace",
            "Value of 'namespace' is not 'None'",
        ),
        (with_ports(), ".spec.ports", "Special list control dictionary not found"),
        (with_ports(None), ".spec.ports", "Special list control dictionary not found"),
        (
            with_ports({"port": None}),
            ".spec.ports.0",
            "Special list control dictionary malformed",
        ),
        (
            with_ports({"observer_schema_list_min_length": 1}),
            ".spec.ports.0",
            "Special list control dictionary malformed",
        ),
        (
            with_ports(control(more=None)),
            ".spec.ports.0",
            "Special list control dictionary malformed",
        ),
        (
            with_ports(control("1")),
            ".spec.ports.0.observer_schema_list_min_length",
            "observer_schema_list_min_length should be an integer",
        ),
        (
            with_ports(control(True)),
            ".spec.ports.0.observer_schema_list_min_length",
            "observer_schema_list_min_length should be an integer",
        ),
        (
            with_ports(control(0, -1)),
            ".spec.ports.0.observer_schema_list_max_length",
            "Invalid value for observer_schema_list_max_length",
        ),
        (
            with_ports(control(3, 2)),
            ".spec.ports.0.observer_schema_list_max_length",
            "observer_schema_list_max_length is inferior to observer_schema_list_min_length",
        ),
        (
            with_ports(None, None, control(0, 1)),
            ".spec.ports.2.observer_schema_list_max_length",
            "observer_schema_list_max_length is inferior to the number of observed elements",
        ),
        (with_ports("web", control()), ".spec.ports.0", "Element of a list is not 'None'"),
        (
            {**SERVICE, "metadata": {"name": "other"}},
            "",
            "Observed resource must be in manifest",
        ),
    ],
)
def test_what_is_wrong_is_named_where_it_is(schema: Document, field: str, message: str) -> None:
    assert errors(Application, with_schema(SECRET, schema)) == {f"spec.observer_schema.1{field}": message}


def test_everything_that_is_wrong_is_named_at_once() -> None:
    first = {**SERVICE, "spec": {"type": "x", "ports": [None]}}
    found = errors(Application, with_schema(first, SECRET, SECRET))
    assert found == {
        "spec.observer_schema.0.spec.type": "Value of 'type' is not 'None'",
        "spec.observer_schema.0.spec.ports": "Special list control dictionary not found",
        "spec.observer_schema.2": "There is a schema for this resource already",
    }
