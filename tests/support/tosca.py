"""TOSCA templates and CSAR archives for tests."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import yaml

from krake.tosca import NODE_TYPE

Document = dict[str, Any]

CUSTOM_TYPES = "https://raw.githubusercontent.com/grycap/ec3/tosca/tosca/custom_types.yaml"
META = "TOSCA-Metadata/TOSCA.meta"


def node(spec: Any, **properties: Any) -> Document:
    """A node that stands for a Kubernetes object."""
    return {"type": NODE_TYPE, "properties": {"spec": spec, **properties}}


def template(*specs: Any, inputs: Document | None = None, **sections: Any) -> Document:
    """A template with a node for each spec: `node-0`, `node-1` and so on."""
    nodes = {f"node-{index}": node(spec) for index, spec in enumerate(specs)}
    return {
        "tosca_definitions_version": "tosca_simple_yaml_1_0",
        "imports": [{"ec3_custom_types": CUSTOM_TYPES}],
        "topology_template": {"inputs": inputs or {}, "node_templates": nodes},
        **sections,
    }


def declared(*properties: str) -> Document:
    """A declaration of the node type by the template itself, with further properties of type string."""
    names = {name: {"type": "string", "required": False} for name in properties}
    spec = {"type": "string", "required": True}
    definition = {"derived_from": "tosca.nodes.Root", "properties": {"spec": spec, **names}}
    return {"data_types": {NODE_TYPE: definition}}


def archive(files: dict[str, Any], entry: str = "template.yaml") -> bytes:
    """A CSAR archive. Documents are written as YAML, texts and bytes as they are."""
    content = io.BytesIO()
    meta = f"TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: Krake\nEntry-Definitions: {entry}\n"
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, file in {META: meta, **files}.items():
            target.writestr(name, file if isinstance(file, str | bytes) else yaml.safe_dump(file))
    return content.getvalue()
