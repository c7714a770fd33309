"""One translation from the order to the manifest. Meant to run in a process of its own."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import PydanticCustomError

from activities.tosca.documents import load_yaml
from activities.tosca.functions import Evaluator
from activities.tosca.imports import with_imports
from activities.tosca.inputs import values_of
from activities.tosca.order import Limits, Order, Outcome
from activities.tosca.problems import ToscaError
from activities.tosca.shape import check_shape, function_of
from activities.tosca.sources import Sources
from activities.tosca.template import parse
from krake.models.manifests import check_manifest

Document = dict[str, Any]


def translate(order: Order) -> Outcome:
    """Carry out the order. Whatever is wrong with template, archive or download is the outcome's problem."""
    try:
        return _translate(order)
    except ToscaError as error:
        return Outcome(problem=str(error), passing=error.passing)
    except MemoryError:
        return Outcome(problem="The template needs too much memory to be translated")
    except RecursionError:
        return Outcome(problem="The template is nested too deeply")


def _translate(order: Order) -> Outcome:
    sources = Sources(order.limits)
    sources.note(order.inputs)
    template, base = _read(order, sources)
    check_shape(template)
    complete = with_imports(template, base, sources)
    values = values_of(complete["topology_template"].get("inputs") or {}, order.inputs)
    manifest = _manifest(parse(complete, values), values, order.limits)
    return Outcome(manifest=manifest, digest=sources.digest)


def _read(order: Order, sources: Sources) -> tuple[Any, str]:
    """The template and where it is, which its imports start from."""
    if isinstance(order.tosca, dict) and order.tosca:
        sources.note(order.tosca)
        return order.tosca, ""
    if isinstance(order.tosca, str) and order.tosca:
        return sources.template(order.tosca), order.tosca
    if order.csar:
        entry = sources.open_archive(order.csar)
        return sources.member(entry), entry
    raise ToscaError("There is neither a TOSCA template nor a CSAR archive")


def _manifest(parsed: Any, values: Document, limits: Limits) -> list[Document]:
    evaluator = Evaluator(parsed.topology_template, values, limits.document_bytes)
    manifest: list[Document] = []
    size = 0
    for node in parsed.nodetemplates:
        manifest.append(_object(node, evaluator, limits))
        size += len(json.dumps(manifest[-1]))
        if size > limits.document_bytes:
            raise ToscaError(f"The template stands for a manifest of more than {limits.document_bytes} bytes")
    try:
        return check_manifest(manifest)
    except PydanticCustomError as error:
        raise ToscaError(error.message()) from None


def _object(node: Any, evaluator: Evaluator, limits: Limits) -> Document:
    """The Kubernetes object that a node stands for: written as a text, or as the mapping itself."""
    title = f'The `spec` of node template "{node.name}"'
    spec = node.entity_tpl["properties"]["spec"]
    if not isinstance(spec, dict) or function_of(spec):
        spec = load_yaml(evaluator.text(spec, node), title, limits.document_bytes)
    if not spec:
        raise ToscaError(f'Node template "{node.name}": TOSCA node property `spec` must not be empty.')
    if not isinstance(spec, dict):
        raise ToscaError(f"{title} has to be a Kubernetes object with apiVersion, kind and metadata")
    return spec
