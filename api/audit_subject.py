"""What a request is about, read from its method and path: for the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from krake.models.kinds import KINDS

VERBS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
"""What the methods that change something do."""

_KIND_OF = {(kind.api, kind.plural): kind.name for kind in KINDS.values()}
_READING = frozenset({"decisions"})
"""Parts of resources to which a POST is a question."""
_CODEC = "/temporal/codec/"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request does to what."""

    verb: str
    kind: str
    namespace: str = ""
    name: str = ""
    part: str = ""
    changes: bool = False
    """Whether the request is one that changes something."""


def subject_of(method: str, path: str) -> Subject:
    """The subject of a request; one that is not about resources has its path as kind."""
    verb = VERBS.get(method, "get")
    pieces = [unquote(piece) for piece in path.strip("/").split("/")]
    api, rest = pieces[0], pieces[1:]
    namespace = ""
    if len(rest) >= 3 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    kind = _KIND_OF.get((api, rest[0])) if rest else None
    if kind is None:
        reading = path.startswith(_CODEC)
        return Subject("get" if reading else verb, _cut(path, 255), changes=method in VERBS and not reading)
    name, part = rest[1] if len(rest) > 1 else "", "/".join(rest[2:])
    reading = method == "POST" and part in _READING
    return Subject(
        verb="get" if reading else verb,
        kind=kind,
        namespace=_cut(namespace, 255),
        name=_cut(name, 255),
        part=_cut(part, 64),
        changes=method in VERBS and not reading,
    )


def name_in(document: dict[str, Any]) -> str:
    """The name of the resource that a body describes; empty where it has none."""
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return _cut(name, 255) if isinstance(name, str) else ""


def _cut(text: str, length: int) -> str:
    """A text that a column holds and that every database keeps."""
    return text.replace("\0", "")[:length]
