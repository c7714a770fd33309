"""The fields that an observer schema names: read as the API gives them, compared, put back."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.field_paths import pointer_of, text_of
from activities.kubernetes.observed_fields import (
    ObservedFields,
    changed_fields,
    counts,
    observe,
    restoration,
)

Document = dict[str, Any]

IDENTITY = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}


def control(least: int = 0, most: int = 0) -> Document:
    """The lengths that a list may have."""
    return {"observer_schema_list_min_length": least, "observer_schema_list_max_length": most}


def live(**spec: Any) -> Document:
    """A live Service."""
    metadata = {"name": "web", "uid": "u", "labels": {"App": "Web", "app.kubernetes.io/name": "web"}}
    return {**IDENTITY, "metadata": metadata, "spec": spec, "status": {"loadBalancer": {}}}


def test_values_are_those_of_the_raw_document() -> None:
    """Upstream turned every key into snake case and broke on capitals and on custom resources."""
    schema = {
        **IDENTITY,
        "metadata": {"name": "web", "labels": {"App": None, "app.kubernetes.io/name": None}},
        "spec": {"clusterIP": None, "ports": [{"targetPort": None}, control(1)], "selector": None},
    }
    observed = observe(schema, live(clusterIP="10.0.0.1", ports=[{"targetPort": 80}], selector={"A": "b"}))
    assert observed == ObservedFields(
        {
            "metadata.labels.App": "Web",
            "metadata.labels[app.kubernetes.io/name]": "web",
            "spec.clusterIP": "10.0.0.1",
            "spec.ports[0].targetPort": 80,
            "spec.selector": {"A": "b"},
        }
    )


def test_an_optional_element_that_is_nowhere_is_no_change() -> None:
    """Upstream saw one for ever."""
    schema = {**IDENTITY, "spec": {"ports": [{"port": None}, {"nodePort": None}, control(0, 2)]}}
    observed = observe(schema, live())
    assert observed == ObservedFields()
    assert changed_fields(observed.values, observed) == []


@pytest.mark.parametrize(
    ("least", "most", "length", "fits"),
    [(0, 0, 9, True), (1, 0, 0, False), (1, 2, 2, True), (1, 2, 3, False), (0, 2, 0, True)],
)
def test_lengths_of_lists(least: int, most: int, length: int, fits: bool) -> None:
    """Upstream took a largest length of 0 for a list that has to be empty."""
    schema = {**IDENTITY, "spec": {"ports": [control(least, most)]}}
    observed = observe(schema, live(ports=[{}] * length))
    assert observed.unbounded == (() if fits else ("spec.ports",))


def test_changes_are_other_values_and_lost_ones_but_not_new_ones() -> None:
    schema = {**IDENTITY, "spec": {"a": None, "b": None, "c": None, "d": None}}
    expected = observe(schema, live(a=1, b=2, c=3)).values
    assert changed_fields(expected, observe(schema, live(a=1, b=5, d=4))) == ["spec.b", "spec.c"]


def test_nothing_of_a_secret_is_remembered_but_whether_it_changed() -> None:
    identity = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}}
    schema = {**identity, "stringData": {"password": None}, "type": None}
    document = {**identity, "data": {"password": "aHVudGVyMg=="}, "type": "Opaque"}
    before = observe(schema, document)
    assert before.values.keys() == {"data.password", "type"}
    assert "aHVudGVyMg==" not in str(before)
    after = observe(schema, {**document, "data": {"password": "b3RoZXI="}})
    assert changed_fields(before.values, after) == ["data.password"]
    assert changed_fields(before.values, observe(schema, document)) == []
    assert restoration(schema, identity, before.values, {**document, "data": {}}) == []


def test_only_what_was_learned_is_put_back() -> None:
    schema = {
        **IDENTITY,
        "metadata": {"name": "web", "annotations": {"a/b~c": None}},
        "spec": {"type": None, "sessionAffinity": None, "internalTrafficPolicy": None},
        "status": {"loadBalancer": None},
    }
    expected = {
        "metadata.annotations[a/b~c]": "x",
        "spec.type": "ClusterIP",
        "spec.sessionAffinity": "None",
        "spec.internalTrafficPolicy": "Cluster",
        "status.loadBalancer": {"ingress": []},
    }
    manifest = {**IDENTITY, "spec": {"type": "ClusterIP"}}
    changed = live(type="NodePort", sessionAffinity="ClientIP", internalTrafficPolicy="Cluster")
    assert restoration(schema, manifest, expected, changed) == [
        {"op": "add", "path": "/metadata/annotations/a~1b~0c", "value": "x"},
        {"op": "replace", "path": "/spec/sessionAffinity", "value": "None"},
    ]


def test_what_counts_is_what_the_schema_names() -> None:
    schema = {**IDENTITY, "spec": {"type": None, "selector": None}}
    assert counts(schema, ("spec", "type"), False)
    assert counts(schema, ("spec", "selector", "app"), False)
    assert counts(schema, ("spec",), False)
    assert not counts(schema, ("spec", "ports", 0), False)


def test_paths_for_people_and_for_patches() -> None:
    path = ("spec", "containers", 0, "app.kubernetes.io/name")
    assert text_of(path) == "spec.containers[0][app.kubernetes.io/name]"
    assert pointer_of(path) == "/spec/containers/0/app.kubernetes.io~1name"
