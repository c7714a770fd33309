"""Which tests run in one process, and when: those of a file, and those of all files that share an expensive
server, the slowest first.

xdist distributes by node ids alone, in a process that collects nothing. So the processes that do collect
leave the groups of the files for it. `--dist loadgroup` is meant for that and would write them into the node
ids, but xdist 3.8 does so by an attribute that pytest 9.2 does not have any more.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path

import orjson
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

EXPENSIVE = ("openstack", "infrastructure_manager")
"""Fixtures of the whole run whose servers take so long to start that only one process should have them."""

SLOWEST = ("tests/examples/", "tests/e2e/", "tests/time_skipping/", "tests/activities/", "tests/krake/")
"""Folders whose files take long, the longest first: what begins last leaves the other processes idle."""


class LoadGroups(LoadFileScheduling):
    """Distributes as `--dist loadfile`, but files that belong together, and in the order of the collection.

    Args:
        config: the run's.
        log: where xdist writes what it does.
        groups: the file with the group of each file, which is there when the tests are collected.
    """

    def __init__(self, config: pytest.Config, log: Producer | None, groups: Path) -> None:
        super().__init__(config, log)
        # By itself it begins with the files that have most tests, which are the quick ones.
        config.option.loadscopereorder = False
        self._file = groups

    @cached_property
    def _groups(self) -> dict[str, str]:
        found: dict[str, str] = orjson.loads(self._file.read_bytes())
        return found

    def _split_scope(self, nodeid: str) -> str:
        return self._groups[super()._split_scope(nodeid)]


def leave_groups(items: Iterable[pytest.Item], target: Path) -> None:
    """Write down the group of each file; every process comes to the same."""
    groups = groups_of((file_of(item), getattr(item, "fixturenames", ())) for item in items)
    own = target.with_suffix(f".{os.getpid()}")
    own.write_bytes(orjson.dumps(groups))
    own.replace(target)


def sort_slowest_first(items: list[pytest.Item]) -> None:
    """Put the tests of slow folders first; every process comes to the same order."""
    items.sort(key=lambda item: rank(file_of(item)))


def rank(file: str) -> int:
    """The place of a file's folder among the slow ones, or behind them."""
    return next((place for place, folder in enumerate(SLOWEST) if file.startswith(folder)), len(SLOWEST))


def file_of(item: pytest.Item) -> str:
    """The file of a test, as xdist names it."""
    return item.nodeid.partition("::")[0]


def groups_of(tests: Iterable[tuple[str, Collection[str]]]) -> dict[str, str]:
    """The group of each file: its own, or the one of the expensive fixture that any of its tests uses.

    Args:
        tests: the file of each test, and all fixtures that the test comes to use.
    """
    groups: dict[str, str] = {}
    for file, fixtures in tests:
        shared = next((name for name in EXPENSIVE if name in fixtures), file)
        if groups.setdefault(file, file) == file:
            groups[file] = shared
    return groups
