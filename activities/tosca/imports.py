"""Imports, resolved before the TOSCA parser sees the template: it reads no file and opens no connection."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from activities.tosca.custom_types import BUNDLED, is_well_known
from activities.tosca.problems import ToscaError
from activities.tosca.sources import Sources
from krake.tosca import shown_url

Document = dict[str, Any]

TYPE_SECTIONS = (
    "artifact_types",
    "capability_types",
    "data_types",
    "group_types",
    "interface_types",
    "node_types",
    "policy_types",
    "relationship_types",
)
_DEFINITION = frozenset({"file", "repository", "namespace_uri", "namespace_prefix"})


def with_imports(template: Document, base: str, sources: Sources) -> Document:
    """The template with the types that it imports, and nothing left to import. Its own types win.

    Args:
        template: the template.
        base: its URL, its path in the archive, or nothing where it was given itself.
        sources: where documents come from.

    Raises:
        ToscaError: an import cannot be resolved.
    """
    found = _types_of(template, base, sources, {base})
    own = {key: value for key, value in template.items() if key not in ("imports", "repositories")}
    return {**own, **found}


def _types_of(document: Document, base: str, sources: Sources, seen: set[str]) -> dict[str, Document]:
    """The types of a document and of all that it imports, by section."""
    found: dict[str, Document] = {}
    for location, prefix in _locations(document):
        place = _place_of(location, base, sources)
        if place in seen:
            continue
        seen.add(place)
        imported = BUNDLED if is_well_known(place) else _imported(place, location, sources)
        for section, types in _types_of(imported, place, sources, seen).items():
            named = {f"{prefix}.{name}" if prefix else name: value for name, value in types.items()}
            found.setdefault(section, {}).update(named)
    for section in TYPE_SECTIONS:
        types = document.get(section) or {}
        if not isinstance(types, dict):
            raise ToscaError(f'"{section}" has to be a mapping')
        if types:
            found.setdefault(section, {}).update(types)
    return found


def _imported(place: str, location: str, sources: Sources) -> Document:
    imported = sources.document(place)
    if not isinstance(imported, dict):
        raise ToscaError(f'Import "{_shown(location)}" is not a TOSCA document')
    return imported


def _locations(document: Document) -> Iterator[tuple[str, str]]:
    """Where the imports of a document are, and the prefix of their types, in each of the notations."""
    imports = document.get("imports") or []
    if not isinstance(imports, list):
        raise ToscaError('"imports" has to be a list')
    for item in imports:
        if isinstance(item, dict) and "file" not in item:
            for definition in item.values():
                yield _location(definition, document)
        else:
            yield _location(item, document)


def _location(definition: Any, document: Document) -> tuple[str, str]:
    if isinstance(definition, str) and definition:
        return definition, ""
    if not isinstance(definition, dict) or not isinstance(definition.get("file"), str):
        raise ToscaError('An import has to be a file name or URL, or a mapping with "file"')
    if unknown := sorted(map(str, definition.keys() - _DEFINITION)):
        raise ToscaError(f'An import contains unknown field "{unknown[0]}"')
    prefix = str(definition.get("namespace_prefix") or "")
    name = definition.get("repository")
    if name is None:
        return definition["file"], prefix
    repositories = document.get("repositories") or {}
    repository = repositories.get(name) if isinstance(repositories, dict) else None
    url = repository.get("url") if isinstance(repository, dict) else repository
    if not isinstance(url, str):
        raise ToscaError(f'Repository "{name}" of an import is not defined')
    return f"{url.strip().rstrip('/')}/{definition['file']}", prefix


def _place_of(location: str, base: str, sources: Sources) -> str:
    """The URL, or the path in the archive, that an import leads to."""
    try:
        scheme = urlsplit(location).scheme.lower()
    except ValueError:
        raise ToscaError("An import has a URL that is not valid") from None
    if is_well_known(location):
        return location
    if scheme and scheme not in ("http", "https"):
        raise ToscaError(f'Import "{_shown(location)}" is not valid: only http:// and https:// URLs are read')
    if sources.archive is not None:
        return _inside(location, base, sources, scheme)
    if scheme:
        return location
    if not base:
        raise ToscaError(
            f'Import "{_shown(location)}" is not valid: a template that is sent itself has no files beside it'
        )
    return urljoin(base, location)


def _inside(location: str, base: str, sources: Sources, scheme: str) -> str:
    """The path in the archive; a leading slash is the archive's top."""
    if scheme:
        raise ToscaError(f'Import "{_shown(location)}" is not valid: an archive imports its own files only')
    folder = "" if location.startswith("/") else posixpath.dirname(base)
    path = posixpath.normpath(posixpath.join(folder, location.lstrip("/")))
    if path.startswith("../") or path == ".." or "\\" in location:
        raise ToscaError(f'Import "{_shown(location)}" is not valid: it leads out of the archive')
    if sources.archive is None or not sources.archive.holds(path):
        raise ToscaError(f'Import "{_shown(location)}" is not valid: the archive holds no such file')
    return path


def _shown(location: str) -> str:
    """The import as it may be shown."""
    return shown_url(location) if "://" in location else location.partition("?")[0][:200]
