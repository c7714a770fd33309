"""Differences between documents, named as people name fields."""

from __future__ import annotations

from typing import Any

import pytest

from krake.differences import ABSENT, Difference, differences, summary
from tests.support.manifests import config_map, deployment


def found(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """The differences as plain tuples."""
    return [(item.path, item.before, item.after) for item in differences(before, after)]


@pytest.mark.parametrize("value", [None, 1, "text", [1, {"a": None}], {"a": [1, 2], "b": {}}])
def test_what_is_equal_has_no_difference(value: Any) -> None:
    assert found(value, value) == []


def test_each_field_is_named_once_with_both_values() -> None:
    before = {"same": 1, "changed": "a", "gone": None, "deep": {"x": {"y": 1}}}
    after = {"same": 1, "changed": "b", "deep": {"x": {"y": 2}}, "new": []}
    assert found(before, after) == [
        ("changed", "a", "b"),
        ("gone", None, ABSENT),
        ("deep.x.y", 1, 2),
        ("new", ABSENT, []),
    ]


def test_true_is_not_one_and_null_is_not_missing() -> None:
    assert found({"a": True, "b": None}, {"a": 1}) == [("a", True, 1), ("b", None, ABSENT)]


def test_objects_of_a_manifest_are_told_apart_by_kind_and_name() -> None:
    before = {"manifest": [config_map("one"), deployment("web")]}
    after = {"manifest": [deployment("web", replicas=2), config_map("two")]}
    assert [(item.path, item.added, item.removed) for item in differences(before, after)] == [
        ("manifest[ConfigMap/one]", False, True),
        ("manifest[Deployment/web].spec.replicas", False, False),
        ("manifest[ConfigMap/two]", True, False),
    ]


def test_entries_of_lists_are_told_apart_by_name_and_else_by_place() -> None:
    before = {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "args": ["x", "y"]}
    after = {"env": [{"name": "B", "value": "3"}], "args": ["x", "z", "w"]}
    assert found(before, after) == [
        ("env[A]", {"name": "A", "value": "1"}, ABSENT),
        ("env[B].value", "2", "3"),
        ("args[1]", "y", "z"),
        ("args[2]", ABSENT, "w"),
    ]


def test_keys_with_dots_and_slashes_are_quoted() -> None:
    assert next(differences({}, {"example.org/a": 1})) == Difference('"example.org/a"', ABSENT, 1)


def test_a_summary_names_objects_and_other_fields() -> None:
    before = {"labels": {}, "backoff": 1, "manifest": [config_map("one"), deployment("web")]}
    image = deployment("web", replicas=2, image="registry.test/app:2")
    after = {"labels": {"team": "shop"}, "backoff": 2, "manifest": [image, config_map("two")]}
    assert summary(before, after) == [
        "labels.team",
        "backoff",
        "ConfigMap/one removed",
        "Deployment/web changed",
        "ConfigMap/two added",
    ]
    many = {"manifest": [config_map(f"c{number}") for number in range(9)]}
    assert summary({"manifest": [config_map("c0")]}, many, 3) == [
        "ConfigMap/c1 added",
        "ConfigMap/c2 added",
        "and 6 more",
    ]
