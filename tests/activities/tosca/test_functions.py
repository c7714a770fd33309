"""What the functions of a template stand for."""

from __future__ import annotations

from typing import Any

import pytest

from krake.tosca import NODE_TYPE
from tests.activities.tosca.orders import manifest, problem
from tests.support.tosca import declared, node, template

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  "
STRING = {"type": "string", "default": "one"}


def data(spec: Any, inputs: dict[str, Any] | None = None, given: dict[str, Any] | None = None) -> Any:
    """The data of the one ConfigMap that a spec stands for."""
    (found,) = manifest(template(spec, inputs=inputs), inputs=given)
    return found["data"]


def test_a_plain_spec_is_its_own_manifest() -> None:
    assert data(f"{HEAD}key: value") == {"key": "value"}
    written_out = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}
    assert manifest(template(written_out)) == [written_out]


def test_every_node_is_one_object_in_the_order_of_the_template() -> None:
    specs = [f"{{apiVersion: v1, kind: Service, metadata: {{name: s{index}}}}}" for index in range(3)]
    assert [item["metadata"]["name"] for item in manifest(template(*specs))] == ["s0", "s1", "s2"]


def test_dates_and_unicode_stay_as_they_are_written() -> None:
    assert data(f"{HEAD}day: 2026-01-01\n  word: ü☃") == {"day": "2026-01-01", "word": "ü☃"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"concat": [HEAD, "key: a"]}, "a"),
        ({"concat": [HEAD, "key: ", {"get_input": "word"}]}, "one"),
        ({"concat": [HEAD, "key: ", {"concat": ["x", {"concat": ["y", {"get_input": "word"}]}]}]}, "xyone"),
        ({"concat": [HEAD, "key: nginx:", {"get_input": "word"}]}, "nginx:one"),
        ({"concat": [HEAD, "key: a", {"get_input": "word"}, "b"]}, "aoneb"),
        ({"concat": [HEAD, "key: 'v", {"get_input": "number"}, "'"]}, "v8"),
        ({"concat": [HEAD, "key: ", {"get_input": "number"}]}, 8),
        ({"concat": [HEAD, "key: ", {"get_input": "flag"}]}, False),
        ({"concat": [HEAD, "key: ", {"get_input": "many"}]}, ["a", "b"]),
        ({"concat": [HEAD, "key: ", {"get_property": ["node-1", "word"]}]}, "two"),
        ({"concat": [HEAD, "key: ", {"get_property": ["SELF", "own"]}]}, "selfish"),
        ({"concat": [HEAD, "key: ", {"get_property": ["node-1", "called"]}]}, "two!one"),
    ],
)
def test_functions_within_each_other(spec: Any, expected: Any) -> None:
    inputs = {
        "word": STRING,
        "number": {"type": "integer", "default": 8},
        "flag": {"type": "boolean", "default": False},
        "many": {"type": "list", "entry_schema": {"type": "string"}, "default": ["a", "b"]},
    }
    called = {"concat": [{"get_property": ["SELF", "word"]}, "!", {"get_input": "word"}]}
    other = node(f"{HEAD}other: x", word="two", own="other", called=called)
    document = template(inputs=inputs, **declared("word", "own", "called"))
    document["topology_template"]["node_templates"] = {"node-0": node(spec, own="selfish"), "node-1": other}
    assert manifest(document)[0]["data"]["key"] == expected


def test_a_whole_spec_may_be_an_input_or_the_property_of_another_node() -> None:
    text = f"{HEAD}key: value"
    assert data({"get_input": "all"}, {"all": {"type": "string", "default": text}}) == {"key": "value"}
    first, second = manifest(template(text, {"get_property": ["node-0", "spec"]}))
    assert first == second


def test_an_input_is_written_without_a_blank_before_it_but_where_yaml_wants_one() -> None:
    """The original puts a blank before every input, so that its templates end the line with the bare key."""
    inputs = {"port": {"type": "integer", "default": 80}, "tag": STRING}
    spec = {"concat": [f"{HEAD}port:", {"get_input": "port"}, "\n  image: a:", {"get_input": "tag"}]}
    assert data(spec, inputs) == {"port": 80, "image": "a:one"}
    in_a_list = {"concat": [f"{HEAD}ports:\n  - port:", {"get_input": "port"}]}
    assert data(in_a_list, inputs) == {"ports": [{"port": 80}]}


@pytest.mark.parametrize(
    ("type_", "given", "expected"),
    [
        ("string", "two", "two"),
        ("string", "", None),
        ("integer", 5, 5),
        ("integer", "5", 5),
        ("float", "1.5", 1.5),
        ("float", 2, 2),
        ("boolean", "true", True),
        ("boolean", False, False),
        ("list", "[1, 2]", [1, 2]),
        ("map", {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_given_inputs_win_over_defaults(type_: str, given: Any, expected: Any) -> None:
    spec = {"concat": [f"{HEAD}key: ", {"get_input": "it"}]}
    defaults = {"string": "d", "integer": 1, "float": 1.0, "boolean": True, "list": [0], "map": {"z": 0}}
    entries = {"entry_schema": {"type": "string"}} if type_ in ("list", "map") else {}
    inputs = {"it": {"type": type_, "default": defaults[type_], **entries}}
    assert data(spec, inputs, {"it": given}) == {"key": expected}
    assert data(spec, inputs) == {"key": defaults[type_]}


@pytest.mark.parametrize(
    ("definition", "given", "words"),
    [
        ({"type": "integer", "default": 1}, {"it": "sesame"}, 'Input "it" has to be of type integer'),
        ({"type": "integer", "default": 1}, {"it": True}, 'Input "it" has to be of type integer'),
        ({"type": "boolean", "default": True}, {"it": "sesame"}, 'Input "it" has to be of type boolean'),
        ({"type": "string"}, {"it": 17}, 'Input "it" has to be of type string'),
        ({"type": "list"}, {"it": "[sesame"}, 'Input "it" has to be of type list'),
        ({"type": "string"}, {}, 'Input "it" has no default and needs a value'),
        ({"type": "string", "required": False}, {}, 'Input "it" is used and has no value'),
        ({"type": "string", "default": "a"}, {"at": "sesame"}, 'Unknown input "at". The inputs of the'),
        (
            {"type": "integer", "default": 1, "constraints": [{"in_range": [1, 4]}]},
            {"it": 17},
            'Input "it" does not meet its constraint in_range',
        ),
        (
            {"type": "string", "default": "long enough", "constraints": [{"min_length": 8}]},
            {"it": "sesame"},
            'Input "it" does not meet its constraint min_length',
        ),
    ],
)
def test_an_input_that_does_not_fit_is_named_without_its_value(
    definition: dict[str, Any], given: dict[str, Any], words: str
) -> None:
    spec = {"concat": [f"{HEAD}key: ", {"get_input": "it"}]}
    message = problem(template(spec, inputs={"it": definition}), inputs=given)
    assert message.startswith(words)
    assert "sesame" not in message
    assert "17" not in message


def test_functions_that_multiply_are_stopped() -> None:
    """Forty properties that each name the one before twice take for ever, even without a letter in them."""
    names = [f"p{index}" for index in range(40)]
    doubled = {
        name: {"concat": [{"get_property": ["SELF", names[index]]}] * 2}
        for index, name in enumerate(names[1:])
    }
    document = template(**declared(*names))
    spec = {"concat": [HEAD, {"get_property": ["SELF", names[-1]]}]}
    document["topology_template"]["node_templates"] = {"bomb": node(spec, **{names[0]: ""}, **doubled)}
    message = problem(document, document_bytes=20_000)
    assert message == "The template stands for a manifest of more than 20000 bytes"


def test_functions_in_a_circle_are_an_error() -> None:
    circle = {"get_property": ["SELF", "spec"]}
    assert problem(template(circle)) == "The functions of the template refer to each other in a circle"
    hidden = template({"concat": [HEAD, circle]})
    assert "functions refer to each other in a circle" in problem(hidden)


def test_the_template_may_declare_the_type_itself() -> None:
    text = f"{HEAD}key: value"
    document = template(text, **declared())
    del document["imports"]
    assert manifest(document)[0]["data"] == {"key": "value"}
    as_node_types = {**document, "node_types": document["data_types"]}
    del as_node_types["data_types"]
    assert NODE_TYPE in as_node_types["node_types"]
    assert manifest(as_node_types)[0]["data"] == {"key": "value"}
