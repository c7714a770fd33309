"""How an application says that its manifest comes out of a TOSCA template or a CSAR archive."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from krake.models.base import Answer

NODE_TYPE = "tosca.nodes.indigo.KubernetesObject"
"""The only type of node that Krake translates; its property `spec` is one Kubernetes manifest."""

VERSION_FIELD = "tosca_definitions_version"
VERSIONS = ("tosca_simple_yaml_1_0", "tosca_simple_yaml_1_2", "tosca_simple_yaml_1_3")

MAX_URL_LENGTH = 4096

_SUFFIXES = {".yaml": "tosca", ".yml": "tosca", ".csar": "csar", ".zip": "csar"}


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
        for suffix, kind in _SUFFIXES.items():
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


def _check_url(url: str, kind: UrlKind, refusal: str) -> None:
    """Raise unless this is an http(s) URL with the suffix of the kind."""
    why = ""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            why = "It has to start with http:// or https:// and a host"
        elif parts.port == 0:
            why = "Its port is not valid"
    except ValueError:
        why = "It cannot be read as a URL"
    if not why and len(url) > MAX_URL_LENGTH:
        why = f"It is longer than {MAX_URL_LENGTH} characters"
    if not why and url_kind(url) is not kind:
        suffixes = " or ".join(suffix for suffix, name in _SUFFIXES.items() if name == kind)
        why = f"It has to end with {suffixes}"
    if why:
        raise PydanticCustomError("tosca_url", "{refusal} {why}", {"refusal": refusal, "why": why})


def _content_trouble(template: dict[str, Any]) -> str:
    """What keeps the template from being one, or nothing. Its meaning is judged when it is translated."""
    version = template.get(VERSION_FIELD)
    if not version:
        return f'Template is missing required field "{VERSION_FIELD}"'
    if version not in VERSIONS:
        return f'"{VERSION_FIELD}" has to be one of {", ".join(VERSIONS)}'
    topology = template.get("topology_template")
    if topology is None:
        return ""
    if not isinstance(topology, dict):
        return '"topology_template" has to be a mapping'
    for section in ("inputs", "node_templates"):
        if not isinstance(topology.get(section) or {}, dict):
            return f'"topology_template.{section}" has to be a mapping'
    return ""


def check_type(value: Any) -> Any:
    """Return the value where it can be a template at all; nothing becomes the empty template."""
    if value is None:
        return {}
    if not isinstance(value, dict | str):
        raise PydanticCustomError(
            "tosca_type", "Invalid TOSCA template type. It has to be a template or the URL of one"
        )
    return value


def check_tosca(value: dict[str, Any] | str) -> dict[str, Any] | str:
    """Return the template or its URL unchanged, or raise saying what is wrong with it."""
    if isinstance(value, str):
        if value:
            _check_url(value, UrlKind.TOSCA, "Invalid TOSCA template URL.")
        return value or {}
    if value and (trouble := _content_trouble(value)):
        raise PydanticCustomError(
            "tosca_content", "Invalid TOSCA template content. {trouble}", {"trouble": trouble}
        )
    return value


def check_csar(value: str | None) -> str | None:
    """Return the archive's URL unchanged, or raise saying what is wrong with it."""
    if value:
        _check_url(value, UrlKind.CSAR, "Invalid CSAR archive URL.")
    return value or None


Tosca = Annotated[dict[str, Any] | str, AfterValidator(check_tosca), BeforeValidator(check_type)]
Csar = Annotated[str | None, AfterValidator(check_csar)]


class TranslatedManifest(Answer):
    """What a template was translated to, for the status. The objects themselves are kept with it in the
    store and not shown: `objects` of the status lists what they are."""

    generation: int
    """The generation of the spec that was translated."""
    digest: str
    """SHA-256 of everything that it was translated from: template, imports, archive and inputs."""
    count: int
    """Number of Kubernetes objects."""
    translated_at: str
    """When it was translated."""
