"""What has to be sent or removed so that the target's volume equals the source's. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from activities.kubernetes.volumes.listing import Entry, EntryKind, Listing

_BATCH_BYTES = 48 * 1024
"""Names that go into one command; it has to stay below what a system takes as arguments."""


@dataclass(slots=True)
class Difference:
    """What a comparison found.

    Attributes:
        send: differs beyond doubt.
        check: files of the same size on both sides, whose checksums decide.
        surplus: is at the target only, or as something else than at the source, deepest first.
        replaced: those of the surplus that the source has as something else.
    """

    send: list[bytes] = field(default_factory=list)
    check: list[bytes] = field(default_factory=list)
    surplus: list[bytes] = field(default_factory=list)
    replaced: list[bytes] = field(default_factory=list)


def compare(source: Listing, target: Listing) -> Difference:
    """What is known without looking into the files."""
    found = Difference()
    for name, entry in source.items():
        other = target.get(name)
        if other is not None and other.kind is not entry.kind:
            found.replaced.append(name)
        if other is None or other.kind is not entry.kind:
            found.send.append(name)
        elif entry.kind is EntryKind.FILE and entry.size == other.size > 0:
            found.check.append(name)
        elif (entry.size, entry.target) != (other.size, other.target):
            found.send.append(name)
    found.surplus = deepest_first([name for name in target if name not in source] + found.replaced)
    return found


def differs_in_marks(entry: Entry, other: Entry) -> bool:
    """Whether permissions or times differ. A folder's time changes with everything that is made in it."""
    if entry.kind is EntryKind.LINK:
        return False
    return entry.mode != other.mode or (entry.kind is EntryKind.FILE and entry.modified != other.modified)


def in_order(names: Iterable[bytes], source: Listing) -> list[bytes]:
    """The order in which names are sent: files and links, then their folders, deepest first.

    A folder comes after what is in it, because that changes its time, and could be forbidden by its mode.
    """
    wanted = set(names)
    folders = {parent for name in wanted for parent in _parents(name)}
    folders |= {name for name in wanted if source[name].kind is EntryKind.FOLDER}
    return sorted(wanted - folders) + deepest_first(folders & source.keys())


def deepest_first(names: Iterable[bytes]) -> list[bytes]:
    """What is in a folder before the folder."""
    return sorted(names, key=lambda name: (-name.count(b"/"), name))


def batches(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The names in groups that fit into one command each."""
    batch: list[bytes] = []
    size = 0
    for name in names:
        if batch and size + len(name) > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += len(name) + 2
    if batch:
        yield batch


def _parents(name: bytes) -> Iterator[bytes]:
    parent = name.rpartition(b"/")[0]
    while parent != b".":
        yield parent
        parent = parent.rpartition(b"/")[0]
