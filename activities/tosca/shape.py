"""What a template has to look like before the TOSCA parser reads it, which trips over anything else."""

from __future__ import annotations

from typing import Any

from activities.tosca.problems import ToscaError
from krake.tosca import NODE_TYPE, VERSION_FIELD, VERSIONS

Document = dict[str, Any]

SUPPORTED_FUNCTIONS = frozenset({"concat", "get_input", "get_property"})
_FUNCTIONS = SUPPORTED_FUNCTIONS | {
    "get_artifact",
    "get_attribute",
    "get_nodes_of_type",
    "get_operation_output",
    "join",
    "token",
}


def check_shape(template: Any) -> None:
    """Raise a `ToscaError` that names the first thing that keeps this from being a template for Krake."""
    if not isinstance(template, dict):
        raise ToscaError("The TOSCA template has to be a mapping")
    version = template.get(VERSION_FIELD)
    if not version:
        raise ToscaError(f'Template is missing required field "{VERSION_FIELD}".')
    if version not in VERSIONS:
        raise ToscaError(
            f'The template version "{version}" is invalid. Valid versions are "{", ".join(VERSIONS)}".'
        )
    topology = template.get("topology_template")
    if not topology:
        raise ToscaError("TOSCA does not contain any topology template.")
    _require_mapping(topology, '"topology_template"')
    for name, definition in _section(topology, "inputs").items():
        _require_mapping(definition, f'Input "{name}"')
        if not isinstance(definition.get("type"), str):
            raise ToscaError(f'Input "{name}" is missing required field "type".')
    nodes = _section(topology, "node_templates")
    if not nodes:
        raise ToscaError("TOSCA does not contain any node template.")
    for name, node in nodes.items():
        _check_node(node, f'Node template "{name}"')


def _section(topology: Document, name: str) -> Document:
    section = topology.get(name) or {}
    _require_mapping(section, f'"{name}"')
    return section


def _require_mapping(value: Any, what: str) -> None:
    if not isinstance(value, dict):
        raise ToscaError(f"{what} has to be a mapping")


def _check_node(node: Any, title: str) -> None:
    _require_mapping(node, title)
    if not node.get("type"):
        raise ToscaError(f'{title} is missing required field "type".')
    if node["type"] != NODE_TYPE:
        raise ToscaError(
            f"{title}: The TOSCA node type {node['type']} is not supported by the Krake TOSCA engine yet."
        )
    properties = node.get("properties") or {}
    _require_mapping(properties, f"{title}: properties")
    if "spec" not in properties:
        raise ToscaError(f'{title}: properties are missing required field "spec".')
    if not properties["spec"]:
        raise ToscaError(f"{title}: TOSCA node property `spec` must not be empty.")
    for value in properties.values():
        _check_functions(value, title)


def _check_functions(value: Any, title: str) -> None:
    name = function_of(value)
    if name is None:
        return
    if name not in SUPPORTED_FUNCTIONS:
        raise unsupported(name, title)
    arguments = value[name]
    for argument in arguments if isinstance(arguments, list) else [arguments]:
        _check_functions(argument, title)


def function_of(value: Any) -> str | None:
    """The function of TOSCA that the value calls, supported or not; None where it is plain data."""
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value
        return name if name in _FUNCTIONS else None
    return None


def unsupported(name: str, title: str) -> ToscaError:
    """The refusal of a function that Krake does not carry out."""
    return ToscaError(f"{title}: Function {name} is not supported by the Krake TOSCA engine yet.")
