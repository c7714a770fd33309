"""Malformed templates: each has one clear reason, and none a traceback."""

from __future__ import annotations

from typing import Any

import pytest

from krake.tosca import NODE_TYPE
from tests.activities.tosca.orders import problem
from tests.support.tosca import CUSTOM_TYPES, template

Document = dict[str, Any]

GOOD = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}"


def without(key: str) -> Document:
    """A good template that lacks a section."""
    document = template(GOOD)
    del document[key]
    return document


def with_node(**node: Any) -> Document:
    """A template whose one node is this."""
    document = template()
    document["topology_template"]["node_templates"] = {"web": {"type": NODE_TYPE, **node}}
    return document


def with_topology(**sections: Any) -> Document:
    """A good template with other sections in its topology."""
    document = template(GOOD)
    document["topology_template"].update(sections)
    return document


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            without("tosca_definitions_version"),
            'Template is missing required field "tosca_definitions_version".',
        ),
        (template(GOOD, tosca_definitions_version="tosca_2"), 'The template version "tosca_2" is invalid.'),
        (without("topology_template"), "TOSCA does not contain any topology template."),
        (template(), "TOSCA does not contain any node template."),
        (template(GOOD, topology_template="x"), '"topology_template" has to be a mapping'),
        (without("imports"), 'Type "tosca.nodes.indigo.KubernetesObject" is not a valid type.'),
        (
            with_node(type="tosca.nodes.Compute"),
            "The TOSCA node type tosca.nodes.Compute is not supported by the Krake TOSCA engine yet.",
        ),
        (with_node(type=None), 'Node template "web" is missing required field "type".'),
        (with_node(), 'Node template "web": properties are missing required field "spec".'),
        (with_node(properties=[]), 'Node template "web": properties are missing required field "spec".'),
        (with_node(properties=["a"]), 'Node template "web": properties has to be a mapping'),
        (
            with_node(properties={"spec": ""}),
            'Node template "web": TOSCA node property `spec` must not be empty.',
        ),
        (
            with_node(properties={"spec": GOOD, "size": 3}),
            '"properties" of template "web" contains unknown field "size"',
        ),
        (with_node(properties={"spec": GOOD}, colour="red"), 'contains unknown field "colour"'),
        (with_topology(node_templates=["a"]), '"node_templates" has to be a mapping'),
        (with_topology(node_templates={"web": "a"}), 'Node template "web" has to be a mapping'),
        (with_topology(inputs=["a"]), '"inputs" has to be a mapping'),
        (with_topology(inputs={"a": 1}), 'Input "a" has to be a mapping'),
        (with_topology(inputs={"a": {}}), 'Input "a" is missing required field "type".'),
        (with_topology(outputs={"a": {}}), 'Output "a" is missing required field "value".'),
        (with_topology(substitutions={}), 'Template contains unknown field "substitutions"'),
        (template(GOOD, colour="red"), 'Template contains unknown field "colour"'),
        (template(GOOD, node_types=["a"]), '"node_types" has to be a mapping'),
        (template(GOOD, imports="a"), '"imports" has to be a list'),
        (template(GOOD, imports=[3]), "An import has to be a file name or URL"),
        (template(GOOD, imports=[{"file": "a", "fil": "b"}]), 'An import contains unknown field "fil"'),
        (
            template(GOOD, imports=[{"file": "a", "repository": "r"}]),
            'Repository "r" of an import is not defined',
        ),
        (
            template(GOOD, imports=["types.yaml"]),
            'Import "types.yaml" is not valid: a template that is sent itself has no files beside it',
        ),
        (
            template(GOOD, imports=["/etc/passwd"]),
            'Import "/etc/passwd" is not valid: a template that is sent itself has no files beside it',
        ),
        (
            template(GOOD, imports=[CUSTOM_TYPES, "file:///etc/passwd"]),
            'Import "file:///etc/passwd" is not valid: only http:// and https:// URLs are read',
        ),
        (template({"get_input": "nope"}), 'Unknown input "nope".'),
        (template({"get_input": ["a", "b"]}), 'Expected one argument for function "get_input"'),
        (
            template({"get_property": ["node-0", "no"]}),
            'Property "no" was not found in node template "node-0".',
        ),
        (template({"get_property": ["no", "spec"]}), 'Node template "no" was not found.'),
        (template({"concat": ["a", {"get_property": ["no", "spec"]}]}), 'Node template "no" was not found.'),
        (template({"concat": ["a", {"get_property": "spec"}]}), 'Expected arguments: "node-template-name"'),
        (template({"concat": []}), 'Invalid arguments for function "concat".'),
        (
            template("a: b: c"),
            'The `spec` of node template "node-0" is not valid YAML: mapping values are not',
        ),
        (template(f"{GOOD}\n---\n{GOOD}"), "expected a single document in the stream, but found another"),
        (template("just text"), 'The `spec` of node template "node-0" has to be a Kubernetes object'),
        (template("# nothing"), 'Node template "node-0": TOSCA node property `spec` must not be empty.'),
        (template(7), 'The `spec` of node template "node-0" has to be a Kubernetes object'),
        (template("kind: A"), "Field 'apiVersion' not found in resource at index 0"),
        (template(GOOD, "apiVersion: v1"), "Field 'kind' not found in resource at index 1"),
        (template("a: .nan"), "holds a value that Kubernetes has no notion of"),
        (template('"\\ud800": b'), "is not valid YAML: found invalid Unicode character escape code"),
        (template("a: !!python/object:os.system {}"), "is not valid YAML: could not determine a constructor"),
    ],
)
def test_a_malformed_template_has_one_clear_reason(document: Document, words: str) -> None:
    message = problem(document)
    assert words in message
    assert "Traceback" not in message
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("token", {"token": ["a:b", ":", 1]}),
        ("get_attribute", {"get_attribute": ["SELF", "a"]}),
        ("get_operation_output", {"concat": ["a", {"get_operation_output": ["SELF", "a", "b", "c"]}]}),
        ("get_artifact", {"get_artifact": ["SELF", "a"]}),
    ],
)
def test_functions_beyond_the_three_are_refused_by_name(name: str, spec: Document) -> None:
    message = f'Node template "node-0": Function {name} is not supported by the Krake TOSCA engine yet.'
    assert problem(template(spec)) == message
