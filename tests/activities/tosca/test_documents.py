"""YAML of strangers is bounded in every direction."""

from __future__ import annotations

import time

import pytest

from activities.tosca.documents import load_yaml
from activities.tosca.problems import ToscaError

LAUGHS = "\n".join(
    ["l0: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
)


def trouble(content: bytes | str, limit: int = 10_000) -> str:
    """Why the content is refused."""
    with pytest.raises(ToscaError) as caught:
        load_yaml(content, "It", limit)
    return str(caught.value)


def test_aliases_are_written_out_as_long_as_that_is_not_much() -> None:
    text = "base: &base {a: 1}\none: *base\ntwo: {<<: *base, b: 2}"
    assert load_yaml(text, "It", 10_000)["two"] == {"a": 1, "b": 2}


def test_a_billion_laughs_are_refused_at_once() -> None:
    assert trouble(LAUGHS) == "It, aliases written out, is larger than 10000 bytes"
    long_text = f"a: &a {'x' * 900}\nb: [{', '.join(['*a'] * 20)}]"
    assert "aliases written out" in trouble(long_text)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x" * 10_001, "It is larger than 10000 bytes"),
        ("a: &a [*a]", "It holds an alias to something that the alias is a part of"),
        ("[" * 500 + "]" * 500, "It is nested too deeply"),
        ("[" * 5_000 + "]" * 5_000, "It is nested too deeply"),
        (b"\xff\xfe\x00", "It is not a text in UTF-8"),
        ("a: [1", "It is not valid YAML: did not find expected ',' or ']'"),
        ("a: *nothing", "It is not valid YAML: found undefined alias"),
        ("\0", "It is not valid YAML"),
        ("a: 1\n---\nb: 2", "It is not valid YAML: expected a single document in the stream"),
        ("? [a]\n: b", "It is not valid YAML: found unhashable key"),
        ("a: !!binary aGk=", "It holds a value that Kubernetes has no notion of"),
        ("a: !!set {x}", "It holds a value that Kubernetes has no notion of"),
        ("a: !!int x", "It is not valid YAML"),
    ],
)
def test_what_cannot_be_read_has_a_reason(content: bytes | str, words: str) -> None:
    assert trouble(content).startswith(words)


def test_a_megabyte_of_brackets_takes_no_time() -> None:
    begun = time.process_time()
    assert trouble("[" * 1_000_000, limit=1_000_000) == "It is nested too deeply"
    assert trouble("- " * 500_000, limit=1_000_000) == "It is nested too deeply"
    assert time.process_time() - begun < 2
