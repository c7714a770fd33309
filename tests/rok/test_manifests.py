"""Manifest files: what is read, and what a user is told of what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rok.errors import ExitCode, RokError
from rok.manifests import inject, read_manifest


def read(text: str, name: str = "m.yaml") -> list[dict[str, object]]:
    Path(name).write_text(text)
    return read_manifest(name)


def test_several_documents_lists_and_empty_ones() -> None:
    text = "---\nkind: A\n---\n---\nkind: List\nitems:\n- kind: B\n- kind: C\n---\n# nothing\n"
    assert [item["kind"] for item in read(text)] == ["A", "B", "C"]


def test_json_is_read_with_tabs_and_arrays() -> None:
    assert read('[\n\t{"kind": "A"},\n\t{"kind": "B"}\n]', "m.json") == [{"kind": "A"}, {"kind": "B"}]


def test_dates_stay_the_texts_they_are() -> None:
    assert read("kind: A\nwhen: 2026-01-01\nport: 80") == [{"kind": "A", "when": "2026-01-01", "port": 80}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: A\nspec:\n  a: b: c\n", "m.yaml, line 3, column 7: not valid YAML or JSON"),
        ('{"kind": "A",\n "b": }]', "m.yaml, line 2"),
        ("kind: A\n\tb: c\n", "m.yaml, line 2"),
        ("just text", "m.yaml, document 1 is not a Kubernetes object"),
        ("kind: A\n---\n42", "m.yaml, document 2 is not a Kubernetes object"),
        ("", "m.yaml holds no Kubernetes object"),
        ("tosca_definitions_version: tosca_simple_yaml_1_0", "m.yaml, document 1 is a TOSCA template"),
        ("kind: A\nx: .nan", "m.yaml holds a value that Kubernetes has no notion of"),
        ("kind: A\nx: !!binary aGk=", "m.yaml holds a value that Kubernetes has no notion of"),
        ("kind: !!python/object:os.system {}", "m.yaml, line 1"),
        ("a: &a [x]\nb: *c", "m.yaml, line 2"),
    ],
)
def test_what_is_no_manifest_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(RokError) as caught:
        read(text)
    assert words in caught.value.what
    assert caught.value.code is ExitCode.REFUSED


def test_a_missing_file_and_a_binary_file() -> None:
    with pytest.raises(RokError, match=r"Cannot read nowhere\.yaml") as missing:
        read_manifest("nowhere.yaml")
    assert missing.value.code is ExitCode.USAGE
    Path("binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RokError, match="is not a text file"):
        read_manifest("binary")


def test_inject_finds_containers_wherever_they_are() -> None:
    env = [{"name": "A", "value": "KEY"}, {"name": "B", "valueFrom": {}}, {"name": "C", "value": "other"}]
    pod = {"containers": [{"env": env}, {"image": "x"}], "initContainers": [{"env": [{"value": "KEY"}]}]}
    job = {"spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}}}
    assert inject([job], {"KEY": "v", "NOWHERE": "w"}) == {"KEY"}
    assert env == [
        {"name": "A", "value": "v"},
        {"name": "B", "valueFrom": {}},
        {"name": "C", "value": "other"},
    ]
    assert pod["initContainers"] == [{"env": [{"value": "v"}]}]
