"""The type of node that stands for a Kubernetes object, brought along so that nobody has to be asked."""

from __future__ import annotations

import re
from typing import Any

from krake.tosca import NODE_TYPE

_WELL_KNOWN = re.compile(
    r"https?://(?:raw\.githubusercontent\.com|github\.com)/(?:grycap/(?:ec3|tosca)|indigo-dc/tosca-types)/"
    r"[\w./-]*custom_types\.ya?ml",
    re.IGNORECASE,
)
"""Where the authors of the type publish it, on whatever branch."""

BUNDLED: dict[str, dict[str, Any]] = {
    "node_types": {
        NODE_TYPE: {
            "derived_from": "tosca.nodes.Root",
            "properties": {
                "spec": {
                    "type": "string",
                    "description": "The YAML description of the Kubernetes object",
                    "required": True,
                }
            },
        }
    }
}


def is_well_known(url: str) -> bool:
    """Whether the URL is one of those under which the type is published."""
    return _WELL_KNOWN.fullmatch(url) is not None
