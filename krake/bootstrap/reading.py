"""From files of several YAML documents to resources, checked as the API checks them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from krake.bootstrap.errors import BootstrapError, Fault
from krake.models.kinds import KINDS, Kind, Resource
from krake.validation import InvalidDocumentError, parse_document
from krake.yamlloader import KubernetesLoader

STANDARD_INPUT = "-"
Address = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource that a document describes."""

    place: str
    """Where it is written, for messages."""
    kind: Kind
    resource: Resource

    @property
    def address(self) -> Address:
        """Kind, namespace (empty for global kinds) and name."""
        metadata = self.resource.metadata
        return self.kind.name, metadata.namespace or "", metadata.name


def loadable() -> list[Kind]:
    """The kinds that files may hold: those that no workflow acts on, so that storing them is all there is."""
    return [kind for kind in KINDS.values() if not kind.lifecycle]


def read(sources: Sequence[str]) -> list[Wanted]:
    """The resources in all files, in their order; `-` is the standard input.

    Raises:
        BootstrapError: names everything that is wrong in any of them.
    """
    wanted: list[Wanted] = []
    faults: list[Fault] = []
    for source in dict.fromkeys(sources):
        title = "standard input" if source == STANDARD_INPUT else source
        try:
            documents = _documents(_text(source))
        except _UnreadableError as error:
            faults.append(Fault(f"{title}{error.where}", str(error)))
            continue
        if all(document is None for document in documents):
            faults.append(Fault(title, "it holds no document"))
        for number, document in enumerate(documents, start=1):
            if document is None:
                continue
            place = f"{title}, document {number}{_title(document)}"
            try:
                wanted.append(Wanted(place, *_resource(document)))
            except InvalidDocumentError as error:
                faults += [Fault(place, str(field)) for field in error.fields]
    faults += _twice(wanted)
    if faults:
        raise BootstrapError(faults)
    return wanted


class _UnreadableError(Exception):
    """A file that gives no documents."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.where = where


def _text(source: str) -> str:
    try:
        content = sys.stdin.buffer.read() if source == STANDARD_INPUT else Path(source).read_bytes()
        return content.decode("utf-8")
    except OSError as error:
        raise _UnreadableError(f"it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _UnreadableError("it is not a text in UTF-8") from None


def _documents(text: str) -> list[Any]:
    try:
        return list(yaml.load_all(text, Loader=KubernetesLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise _UnreadableError(f"not valid YAML: {error.problem or error.context}", where) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _UnreadableError(f"not valid YAML: {' '.join(str(error).split())}") from None


def _title(document: Any) -> str:
    """What the document calls itself, as far as it does."""
    if not isinstance(document, dict):
        return ""
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    words = [str(document.get("kind") or ""), f"'{name}'" if name else ""]
    title = " ".join(word for word in words if word)
    return f" ({title})" if title else ""


def _resource(document: Any) -> tuple[Kind, Resource]:
    if not isinstance(document, dict):
        raise InvalidDocumentError.of("", "a mapping with api, kind, metadata and spec is expected")
    kind = _kind(document)
    resource = parse_document(kind, document, "")
    if kind.namespaced and not resource.metadata.namespace:
        raise InvalidDocumentError.of("metadata.namespace", "This field is required")
    return kind, resource


def _kind(document: dict[str, Any]) -> Kind:
    for field in ("api", "kind"):
        if not isinstance(document.get(field), str):
            raise InvalidDocumentError.of(field, "This field is required")
    api, name = document["api"], document["kind"]
    known = ", ".join(kind.name for kind in loadable())
    if api not in {kind.api for kind in KINDS.values()}:
        raise InvalidDocumentError.of("api", f"The api {api!r} could not be found")
    kind = KINDS.get(name)
    if kind is None or kind.api != api:
        raise InvalidDocumentError.of(
            "kind", f"The kind {name!r} could not be found in {api}; there are {known}"
        )
    if kind.lifecycle:
        words = f"A {name} is created through the API, which has it worked on; files may hold {known}"
        raise InvalidDocumentError.of("kind", words)
    return kind


def _twice(wanted: Sequence[Wanted]) -> list[Fault]:
    first: dict[Address, Wanted] = {}
    return [
        Fault(one.place, f"it is in {first[one.address].place} already")
        for one in wanted
        if first.setdefault(one.address, one) is not one
    ]
