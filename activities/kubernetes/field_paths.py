"""Addresses of fields inside of an object, and how people and JSON patches write them."""

from __future__ import annotations

import re
from typing import Any

Path = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")


class _Absent:
    """Stands for a field that is not there, which is something else than null."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


def text_of(path: Path) -> str:
    """The path for people: `spec.containers[0].image`, `metadata.labels[app.kubernetes.io/name]`."""
    text = ""
    for part in path:
        if isinstance(part, str) and _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part}]"
    return text


def pointer_of(path: Path) -> str:
    """The path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def value_at(document: Any, path: Path) -> Any:
    """What is at the path; ABSENT where nothing is."""
    for part in path:
        if isinstance(part, str):
            document = document.get(part, ABSENT) if isinstance(document, dict) else ABSENT
        else:
            found = isinstance(document, list) and part < len(document)
            document = document[part] if found else ABSENT
    return document
