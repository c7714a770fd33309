"""Manifest files: one list of Kubernetes objects out of documents, lists and injected values."""

from __future__ import annotations

import json
from typing import Any

from rok.documents import read_documents, title_of
from rok.errors import ExitCode, RokError

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")

Object = dict[str, Any]


def read_manifest(source: str) -> list[Object]:
    """The Kubernetes objects in the file, `List` objects opened.

    Raises:
        RokError: the file cannot be read, or holds something that is no Kubernetes object.
    """
    return manifest_of(read_documents(source), source)


def manifest_of(documents: list[Any], source: str) -> list[Object]:
    """The Kubernetes objects among the documents of the file, as `read_manifest`."""
    objects: list[Object] = []
    for index, document in enumerate(documents, start=1):
        objects += _opened(document, f"{title_of(source)}, document {index}")
    if not objects:
        raise RokError(
            f"{title_of(source)} holds no Kubernetes object",
            code=ExitCode.REFUSED,
            why="The application should be defined by a Kubernetes manifest file via the `--file` option",
        )
    check_sendable(objects, source)
    return objects


def _opened(document: Any, place: str) -> list[Object]:
    if isinstance(document, list):
        return [item for entry in document for item in _opened(entry, place)]
    if not isinstance(document, dict):
        shown = json.dumps(document, default=str)[:60]
        raise RokError(
            f"{place} is not a Kubernetes object",
            code=ExitCode.REFUSED,
            why=f"It has to be a mapping with apiVersion, kind and metadata, and is {shown}",
        )
    if "tosca_definitions_version" in document:
        raise RokError(
            f"{place} is a TOSCA template",
            code=ExitCode.REFUSED,
            why="A TOSCA template has to be the only document of its file",
        )
    if document.get("kind") == "List" and isinstance(document.get("items"), list):
        return [item for entry in document["items"] for item in _opened(entry, place)]
    return [document]


def check_sendable(objects: list[Object], source: str) -> None:
    """Raise a `RokError` when the objects hold something that JSON cannot say."""
    try:
        json.dumps(objects, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise RokError(
            f"{title_of(source)} holds a value that Kubernetes has no notion of",
            code=ExitCode.REFUSED,
            why=str(error),
            fix="Use texts, whole and decimal numbers, true, false, lists and mappings only",
        ) from None


def read_observer_schemas(source: str) -> list[Object]:
    """The observer schemas in the file: one document for each object, or one list of them (`[]`: none).

    Raises:
        RokError: the file cannot be read, or holds something else.
    """
    documents = read_documents(source)
    found = [
        schema
        for document in documents
        for schema in (document if isinstance(document, list) else [document])
    ]
    if not documents or not all(isinstance(schema, dict) for schema in found):
        raise RokError(
            f"{title_of(source)} holds no observer schema",
            code=ExitCode.REFUSED,
            why="It has to hold one mapping for each object, with apiVersion, kind and metadata.name",
            fix="See docs/how-to/drift.md",
        )
    return found


def inject(objects: list[Object], values: dict[str, str]) -> set[str]:
    """Give every container's variable whose value is a key its value instead; returns the keys found."""
    found: set[str] = set()
    for entry in _environment(objects):
        value = entry.get("value")
        if isinstance(value, str) and value in values:
            entry["value"] = values[value]
            found.add(value)
    return found


def _environment(node: Any) -> list[Object]:
    """Every entry of every container's `env`, wherever a Pod template hides."""
    if isinstance(node, list):
        return [entry for item in node for entry in _environment(item)]
    if not isinstance(node, dict):
        return []
    entries: list[Object] = []
    for key, value in node.items():
        if key in _CONTAINERS and isinstance(value, list):
            lists = [item.get("env") for item in value if isinstance(item, dict)]
            candidates = [entry for env in lists if isinstance(env, list) for entry in env]
            entries += [entry for entry in candidates if isinstance(entry, dict)]
        else:
            entries += _environment(value)
    return entries
