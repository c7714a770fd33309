"""Names, labels and references."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krake.models.metadata import Metadata, ResourceRef, is_label_key, is_label_value, manifest_name
from tests.krake.models.documents import errors

GOOD_NAMES = [
    "a",
    "_",
    "7",
    "ab",
    "a-b",
    "a.b",
    "a_b",
    "a:b",
    "A--B",
    "_a_",
    "x" * 255,
    "a" + "-" * 253 + "b",
]
BAD_NAMES = ["", "-a", "a-", ".a", "a.", ":a", "a:", "-", "a b", "a/b", "ä", "a\n", "a\nb", "x" * 256]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_names_and_namespaces_that_are_fine(name: str) -> None:
    metadata = Metadata(name=name, namespace=name)
    assert (metadata.name, metadata.namespace) == (name, name)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_and_namespaces_that_are_refused(name: str) -> None:
    assert errors(Metadata, {"name": name, "namespace": name}) == {
        "name": "Invalid character in resource name.",
        "namespace": "Invalid character in resource namespace.",
    }


inner = string.ascii_letters + string.digits + "_"


@given(first=st.sampled_from(inner), middle=st.text(inner + "-.:", max_size=253), last=st.sampled_from(inner))
def test_any_name_of_the_right_letters_is_fine(first: str, middle: str, last: str) -> None:
    assert Metadata(name=first + middle + last).name == first + middle + last


def test_a_name_is_needed_and_has_to_be_text() -> None:
    assert errors(Metadata, {}) == {"name": "Field required"}
    assert "name" in errors(Metadata, {"name": 5})


@pytest.mark.parametrize(
    ("key", "fine"),
    [
        ("a", True),
        ("_", True),
        ("A.b-c_d", True),
        ("x" * 63, True),
        ("x" * 64, False),
        ("example.org/zone", True),
        ("p" * 253 + "/" + "n" * 63, True),
        ("p" * 254 + "/n", False),
        ("p/" + "n" * 64, False),
        ("", False),
        ("/a", False),
        ("a/", False),
        ("a/b/c", False),
        ("-a", False),
        ("a.", False),
        ("-p/n", False),
        ("a:b", False),
        ("a b", False),
        ("a\n", False),
        ("ä", False),
    ],
)
def test_label_keys(key: str, fine: bool) -> None:
    assert is_label_key(key) is fine
    document = {"name": "a", "labels": {key: "v"}}
    if fine:
        assert Metadata.model_validate(document).labels == {key: "v"}
    else:
        assert f"key {key!r}" in errors(Metadata, document)["labels"]


@pytest.mark.parametrize(
    ("value", "fine"),
    [
        ("a", True),
        ("1.2-3_4", True),
        ("x" * 63, True),
        ("x" * 64, False),
        ("", False),
        ("-a", False),
        ("a-", False),
        ("a/b", False),
        ("a:b", False),
        ("a b", False),
        ("a\n", False),
    ],
)
def test_label_values(value: str, fine: bool) -> None:
    assert is_label_value(value) is fine
    document = {"name": "a", "labels": {"k": value}}
    if fine:
        assert Metadata.model_validate(document).labels == {"k": value}
    else:
        assert f"value {value!r} of 'k'" in errors(Metadata, document)["labels"]


def test_all_wrong_labels_are_named_at_once() -> None:
    message = errors(Metadata, {"name": "a", "labels": {"-a": "x", "b": "", "c": "fine"}})["labels"]
    assert "key '-a'" in message
    assert "value '' of 'b'" in message
    assert "'c'" not in message


def test_label_values_have_to_be_text() -> None:
    assert list(errors(Metadata, {"name": "a", "labels": {"k": 1, "l": None}})) == ["labels.k", "labels.l"]


def test_fields_of_later_releases_are_refused_by_name() -> None:
    document = {"name": "a", "inherit_labels": True}
    assert "does not act on this field yet" in errors(Metadata, document)["inherit_labels"]


def test_owners_and_finalizers_are_the_users() -> None:
    owner = {"api": "core", "kind": "Role", "name": "x"}
    metadata = Metadata.model_validate({"name": "a", "owners": [owner], "finalizers": ["x"]})
    assert (metadata.owners[0].name, metadata.owners[0].namespace, metadata.finalizers) == ("x", None, ["x"])
    wrong = errors(Metadata, {"name": "a", "owners": [{"kind": "Role"}], "finalizers": [""]})
    assert {"owners.0.api", "owners.0.name", "finalizers.0"} <= wrong.keys()


def test_empty_fields_of_later_releases_and_server_fields_are_accepted() -> None:
    document = {
        "name": "a",
        "inherit_labels": False,
        "finalizers": [],
        "owners": [],
        "uid": "1",
        "created": "2026-01-01T00:00:00Z",
        "modified": "2026-01-01T00:00:00Z",
        "deleted": None,
        "generation": 3,
        "revision": 7,
    }
    assert (
        Metadata.model_validate(document).model_dump(mode="json", exclude={"namespace", "labels"}) == document
    )


def test_unknown_fields_are_refused_by_name() -> None:
    assert errors(Metadata, {"name": "a", "lables": {}}) == {"lables": "Extra inputs are not permitted"}


def test_references_are_equal_by_all_four_parts() -> None:
    ref = ResourceRef(api="kubernetes", kind="Cluster", namespace="ns", name="a")
    assert ref == ResourceRef.model_validate(ref.model_dump())
    assert len({ref, ref.model_copy(), ref.model_copy(update={"namespace": None})}) == 2


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"metadata": {"name": "x"}}, "x"),
        ({"metadata": {}}, "?"),
        ({"metadata": 1}, "?"),
        ({}, "?"),
        (None, "?"),
    ],
)
def test_the_name_of_a_manifest_object(item: Any, name: str) -> None:
    assert manifest_name(item) == name
