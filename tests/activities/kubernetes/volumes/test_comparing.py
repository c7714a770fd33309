"""What is read out of the tools' answers, and what follows from it."""

from __future__ import annotations

import pytest

from activities.kubernetes.volumes.comparing import batches, compare, differs_in_marks, in_order
from activities.kubernetes.volumes.listing import (
    Entry,
    EntryKind,
    parse_checksums,
    parse_listing,
    readable,
    with_links,
)
from activities.kubernetes.volumes.progress import amount

FOLDER = Entry(EntryKind.FOLDER, 0o755)


def file(size: int = 1, mode: int = 0o644, modified: int = 0) -> Entry:
    """A file."""
    return Entry(EntryKind.FILE, mode, size, modified)


def link(target: bytes) -> Entry:
    """A symbolic link."""
    return Entry(EntryKind.LINK, 0o777, target=target)


def test_a_listing_with_names_that_look_like_records() -> None:
    output = b"//41ed 4096 7 .\n//81a4 5 7 ./a\n81a4 6 8 ./b\n\n//a1ff 3 7 ./l\n//c1ed 0 7 ./socket\n"
    found = with_links(parse_listing(output), b"./l\0to\n\0")
    assert found == {
        b"./a\n81a4 6 8 ./b\n": file(5, modified=7),
        b"./l": Entry(EntryKind.LINK, 0o777, 0, 7, b"to\n"),
    }


def test_checksums_of_both_kinds_of_tools() -> None:
    one, two = b"1" * 64, b"a" * 64
    assert parse_checksums(b"\\%s  .//a\\nb\\\\\n%s  .//c\n" % (one, two)) == {b"./a\nb\\": one, b"./c": two}
    assert parse_checksums(b"%s  .//a\nb\\n\n%s  .//c\n" % (one, two)) == {b"./a\nb\\n": one, b"./c": two}
    assert parse_checksums(b"") == {}


def test_only_checksums_tell_files_of_one_size_apart() -> None:
    source = {b"./same": file(3), b"./longer": file(4), b"./new": file(), b"./empty": file(0)}
    target = {b"./same": file(3), b"./longer": file(3), b"./other": file(), b"./empty": file(0)}
    found = compare(source, target)
    assert (found.check, found.send, found.surplus) == (
        [b"./same"], [b"./longer", b"./new"], [b"./other"]
    )  # fmt: skip


def test_links_and_kinds() -> None:
    source = {b"./l": link(b"a"), b"./was": FOLDER, b"./was/x": file()}
    target = {b"./l": link(b"b"), b"./was": link(b"a")}
    found = compare(source, target)
    assert found.send == [b"./l", b"./was", b"./was/x"]
    assert found.surplus == found.replaced == [b"./was"]


@pytest.mark.parametrize(
    ("entry", "other", "differs"),
    [
        (file(mode=0o600), file(mode=0o644), True),
        (file(modified=1), file(modified=2), True),
        (FOLDER, Entry(EntryKind.FOLDER, 0o755, modified=9), False),
        (FOLDER, Entry(EntryKind.FOLDER, 0o700), True),
        (link(b"a"), Entry(EntryKind.LINK, 0o755, target=b"a"), False),
    ],
)
def test_marks(entry: Entry, other: Entry, differs: bool) -> None:
    assert differs_in_marks(entry, other) == differs


def test_folders_come_after_what_is_in_them() -> None:
    source = {b"./a": FOLDER, b"./a/b": FOLDER, b"./a/b/f": file(), b"./c": FOLDER, b"./z": file()}
    assert in_order([b"./c", b"./a/b/f", b"./z"], source) == [b"./a/b/f", b"./z", b"./a/b", b"./a", b"./c"]


def test_batches_hold_every_name_once_and_stay_small() -> None:
    names = [b"./" + str(number).encode() * 50 for number in range(3000)]
    made = list(batches(names))
    assert [name for batch in made for name in batch] == names
    assert all(sum(len(name) + 2 for name in batch) <= 48 * 1024 + 2 for batch in made)
    assert list(batches([])) == []


def test_words() -> None:
    assert [readable(name) for name in (b"./a b", b"./a\nb", b"./\xff")] == ["a b", r"'a\nb'", "\ufffd"]
    assert [amount(size) for size in (0, 1023, 2048, 3 * 1024**3)] == ["0 B", "1023 B", "2.0 KiB", "3.0 GiB"]
