"""How an application says that its manifest comes out of a TOSCA template or a CSAR archive."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from krake.models.base import Answer
from krake.tosca import SUFFIXES, VERSION_FIELD, VERSIONS, UrlKind, url_kind

MAX_URL_LENGTH = 4096


def _check_url(url: str, kind: UrlKind, refusal: str) -> None:
    """Raise unless this is an http(s) URL with the suffix of the kind."""
    why = ""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            why = "It has to start with http:// or https:// and a host"
        elif parts.port == 0:
            why = "Its port is not valid"
        elif any(character.isspace() for character in url):
            why = "There is a blank in it"
    except ValueError:
        why = "It cannot be read as a URL"
    if not why and len(url) > MAX_URL_LENGTH:
        why = f"It is longer than {MAX_URL_LENGTH} characters"
    if not why and url_kind(url) is not kind:
        suffixes = " or ".join(suffix for suffix, name in SUFFIXES.items() if name == kind)
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
