"""Differences between two states of an object, and who manages a field."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.document_diff import differences
from activities.kubernetes.field_paths import ABSENT, text_of
from activities.kubernetes.managed_fields import Manager, manager_of, manages


def found(first: Any, second: Any) -> dict[str, tuple[Any, Any]]:
    """Differences by path."""
    return {text_of(path): (one, other) for path, one, other in differences(first, second)}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a.b": (1, 2), "a.c": (ABSENT, 3)}),
        ({"a": 1}, {}, {"a": (1, ABSENT)}),
        ({"a": [1, 2]}, {"a": [1, 3]}, {"a[1]": (2, 3)}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": ([1, 2], [1])}),
        (
            {"c": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]},
            {"c": [{"name": "y", "v": 3}]},
            {"c[0]": ({"name": "x", "v": 1}, ABSENT), "c[1].v": (2, 3)},
        ),
        ({"c": [{"name": "x"}]}, {"c": [{"name": "x"}, {"name": "z"}]}, {"c[1]": (ABSENT, {"name": "z"})}),
        (
            {"status": {"a": 1}, "metadata": {"generation": 1, "resourceVersion": "1"}},
            {"status": {"a": 2}, "metadata": {"generation": 2, "resourceVersion": "2", "uid": "u"}},
            {},
        ),
    ],
)
def test_field_by_field(first: Any, second: Any, expected: dict[str, Any]) -> None:
    assert found(first, second) == expected


def entry(manager: str, time: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What one manager manages."""
    return {"manager": manager, "time": time, "fieldsV1": fields}


LIVE = {
    "metadata": {
        "managedFields": [
            entry("krake", "2026-01-03T00:00:00Z", {"f:spec": {"f:replicas": {}}}),
            entry("scaler", "2026-01-01T00:00:00Z", {"f:spec": {"f:replicas": {}}}),
            entry(
                "kubectl-edit",
                "2026-01-02T00:00:00Z",
                {
                    "f:spec": {
                        "f:selector": {},
                        "f:containers": {'k:{"name":"main"}': {".": {}, "f:image": {}}},
                    },
                    "f:metadata": {"f:finalizers": {'v:"x"': {}}},
                },
            ),
        ],
        "finalizers": ["x"],
    },
    "spec": {"replicas": 3, "selector": {"a": "b"}, "containers": [{"name": "main", "image": "i"}]},
}


@pytest.mark.parametrize(
    ("path", "manager"),
    [
        (("spec", "replicas"), "scaler"),
        (("spec", "containers", 0, "image"), "kubectl-edit"),
        (("spec", "containers", 0, "command"), ""),
        (("spec", "containers", 1, "image"), ""),
        (("spec", "selector", "a"), "kubectl-edit"),
        (("metadata", "finalizers", 0), "kubectl-edit"),
        (("spec", "gone"), ""),
    ],
)
def test_who_manages_a_field(path: tuple[str | int, ...], manager: str) -> None:
    assert manager_of(LIVE, path, "krake").name == manager
    assert manager_of({"metadata": {}}, path, "krake") == Manager()


def test_an_element_is_found_by_its_key_and_not_by_its_place() -> None:
    shape = {"spec": {"containers": [{"name": "gone"}, {"name": "main", "image": "x"}]}}
    path = ("spec", "containers", 1, "image")
    assert manager_of(LIVE, path, "krake").name == ""
    assert manager_of(LIVE, path, "krake", shape).name == "kubectl-edit"


def test_whether_somebody_manages_a_field() -> None:
    assert manages(LIVE, ("spec", "replicas"), "krake")
    assert manages(LIVE, ("spec",), "krake")
    assert not manages(LIVE, ("spec", "containers", 0, "image"), "krake")
