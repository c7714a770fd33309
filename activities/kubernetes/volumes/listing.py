"""What is in a volume, read out of the answers of find, stat, readlink and sha256sum. No I/O."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

_RECORD = re.compile(rb"([0-9a-f]+) (\d+) (-?\d+) (.*)\n", re.DOTALL)
_CHECKSUM = re.compile(rb"(\\?)([0-9a-f]{64})  \.//")
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"\\": b"\\"}


class EntryKind(Enum):
    """What a name stands for. Sockets, pipes and devices are not data and are left out."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, folder or link: permission bits, bytes, seconds since 1970, and what a link points to."""

    kind: EntryKind
    mode: int
    size: int = 0
    modified: int = 0
    target: bytes = b""


Listing = dict[bytes, Entry]
"""By name, relative to the mount: `./folder/file`. Names are bytes, as they are for Linux."""

_KINDS = {stat.S_IFREG: EntryKind.FILE, stat.S_IFDIR: EntryKind.FOLDER, stat.S_IFLNK: EntryKind.LINK}


def parse_listing(output: bytes) -> Listing:
    """Entries by name, from records `//mode size seconds name`."""
    found: Listing = {}
    for record in output.split(b"//")[1:]:
        match = _RECORD.fullmatch(record)
        if match is None or match[4] == b".":
            continue
        mode = int(match[1], 16)
        kind = _KINDS.get(stat.S_IFMT(mode))
        if kind is not None:
            size = int(match[2]) if kind is EntryKind.FILE else 0
            found[match[4]] = Entry(kind, stat.S_IMODE(mode), size, int(match[3]))
    return found


def with_links(listing: Listing, output: bytes) -> Listing:
    """The listing with what its links point to."""
    parts = output.split(b"\0")
    targets = dict(zip(parts[::2], parts[1::2], strict=False))
    return {
        name: replace(entry, target=targets.get(name, b"")) if entry.kind is EntryKind.LINK else entry
        for name, entry in listing.items()
    }


def marked(names: Iterable[bytes]) -> list[bytes]:
    """Names for `sha256sum`, as `.//name`, so that its answer can be taken apart."""
    return [b"./" + name[1:] for name in names]


def parse_checksums(output: bytes) -> dict[bytes, bytes]:
    """Checksums by name; GNU's sha256sum escapes names with line breaks, BusyBox's does not."""
    found = {}
    matches = list(_CHECKSUM.finditer(output))
    ends = [match.start() for match in matches[1:]] + [len(output)]
    for match, end in zip(matches, ends, strict=False):
        name = b"./" + output[match.end() : end].removesuffix(b"\n")
        found[_unescaped(name) if match[1] else name] = match[2]
    return found


def readable(name: bytes) -> str:
    """A name for people."""
    text = name.removeprefix(b"./").decode(errors="replace")
    return text if text.isprintable() else repr(text)


def _unescaped(name: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[0]), name)
