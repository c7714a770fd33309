"""The vocabulary of TOSCA that the CLI, the API and the workers share, and the URLs that lead to it."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

NODE_TYPE = "tosca.nodes.indigo.KubernetesObject"
"""The only type of node that Krake translates; its property `spec` is one Kubernetes manifest."""

VERSION_FIELD = "tosca_definitions_version"
VERSIONS = ("tosca_simple_yaml_1_0", "tosca_simple_yaml_1_2", "tosca_simple_yaml_1_3")

SUFFIXES = {".yaml": "tosca", ".yml": "tosca", ".csar": "csar", ".zip": "csar"}


class UrlKind(StrEnum):
    """What is behind a URL, judged by how it ends."""

    TOSCA = "tosca"
    CSAR = "csar"


def url_kind(url: str) -> UrlKind | None:
    """What the URL leads to by its suffix, that of its path before that of the whole; None for neither."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    for text in (path, url):
        for suffix, kind in SUFFIXES.items():
            if text.lower().endswith(suffix):
                return UrlKind(kind)
    return None


def shown_url(url: str) -> str:
    """The URL as it may be shown: without user, password, query and fragment, which may hold secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(a URL that is not valid)"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"
