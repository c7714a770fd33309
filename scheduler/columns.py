"""The candidates as columns: what makes one decision over thousands of them a matter of milliseconds.

A `Snapshot` is made once from the candidates and used for any number of decisions on them, and for the pass
over all applications. It never changes; a change of one candidate makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from scheduler.amounts import Amounts, plus
from scheduler.capacity import Capacity, Nodes
from scheduler.encoding import to_json
from scheduler.metric_columns import MetricColumn
from scheduler.snapshot import Candidate

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Hashes = NDArray[np.uint64]

TRAITS = (
    "api",
    "kind",
    "namespace",
    "state",
    "state_detail",
    "deleted",
    "cordoned",
    "grants",
    "inherited_labels",
    "taints",
    "architectures",
    "declared_resources",
    "served_resources",
)
"""The fields of a candidate that few different ones share: whatever looks at these alone is asked once for
each different combination."""

_traits = attrgetter(*TRAITS)
_order = attrgetter("name", "namespace", "kind")


class Encoded(NamedTuple):
    """A column of few different values: the values, and for each row which one it has."""

    table: tuple[Any, ...]
    codes: Codes

    @classmethod
    def of(cls, values: Iterable[Any]) -> Encoded:
        """The column with these values, which have to be hashable."""
        table: dict[Any, int] = {}
        codes = [table.setdefault(value, len(table)) for value in values]
        return cls(tuple(table), np.array(codes, dtype=np.int32))

    def spread(self, answers: Iterable[bool]) -> Bools:
        """For each row the answer that was given for its value."""
        return np.array(list(answers), dtype=np.bool_)[self.codes]


class Snapshot:
    """Candidates in the order of their names, with columns that are made when they are first asked for."""

    def __init__(self, candidates: Iterable[Candidate], capacity: Capacity | None = None) -> None:
        self.candidates = tuple(sorted(candidates, key=_order))
        self._labels: dict[str, Encoded] = {}
        if capacity is not None:
            self.__dict__["capacity"] = capacity

    def __len__(self) -> int:
        return len(self.candidates)

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each candidate by its uid."""
        return {candidate.uid: row for row, candidate in enumerate(self.candidates)}

    @cached_property
    def traits(self) -> Encoded:
        """The combinations of traits that there are."""
        return Encoded.of(map(_traits, self.candidates))

    @cached_property
    def examples(self) -> tuple[Candidate, ...]:
        """One candidate for each combination of traits."""
        _, first = np.unique(self.traits.codes, return_index=True)
        return tuple(self.candidates[row] for row in first)

    def label(self, key: str) -> Encoded:
        """The values of one label; None where it is missing."""
        if key not in self._labels:
            self._labels[key] = Encoded.of(candidate.labels.get(key) for candidate in self.candidates)
        return self._labels[key]

    @cached_property
    def metrics(self) -> dict[str, MetricColumn]:
        """The samples by name of the metric, sorted."""
        held = [candidate.metrics for candidate in self.candidates]
        names = sorted(set().union(*held))
        return {name: MetricColumn.of([samples.get(name) for samples in held]) for name in names}

    @cached_property
    def metrics_json(self) -> orjson.Fragment:
        """The samples as decisions record them: all decisions on the same snapshot record the same ones."""
        return orjson.Fragment(to_json({name: one.document(None) for name, one in self.metrics.items()}))

    @cached_property
    def sound(self) -> Bools:
        """Where no metric fails."""
        sound = np.ones(len(self), dtype=np.bool_)
        for column in self.metrics.values():
            sound &= column.usable | ~column.present
        return sound

    @cached_property
    def capacity(self) -> Capacity:
        """What is offered and what is reserved."""
        return Capacity.of(self.candidates)

    @cached_property
    def nodes(self) -> Nodes:
        """The nodes of all candidates one after the other."""
        return Nodes.of(self.candidates)

    @cached_property
    def hashes(self) -> Hashes:
        """A number for each address, for the rule that settles ties."""
        return np.array(
            [address_hash(one.kind, one.namespace, one.name) for one in self.candidates], dtype=np.uint64
        )

    def reserving(self, uid: str, amounts: Amounts) -> Snapshot:
        """The snapshot after something was placed on a candidate: every other column is shared.

        Raises:
            KeyError: there is no such candidate.
        """
        row = self.rows[uid]
        one = self.candidates[row]
        capacity = self.capacity.copy()
        capacity.reserve(row, amounts)
        other = self.with_capacity(capacity)
        changed = replace(one, reserved=plus(one.reserved, amounts))
        other.candidates = (*self.candidates[:row], changed, *self.candidates[row + 1 :])
        return other

    def with_capacity(self, capacity: Capacity) -> Snapshot:
        """The same candidates with other reservations; every column that is there is shared."""
        other = Snapshot.__new__(Snapshot)
        other.__dict__.update(self.__dict__)
        other.__dict__["capacity"] = capacity
        return other


def address_hash(*parts: str) -> int:
    """64 bits that depend on every part."""
    return int.from_bytes(blake2b("\n".join(parts).encode(), digest_size=8).digest(), "big")


def tie_keys(application: int, candidates: Hashes) -> Hashes:
    """Keys that order candidates of equal score; the lowest wins.

    They mix the addresses of both (rendezvous hashing): many applications spread evenly over equal
    candidates, one application always gets the same answer, and a candidate that comes or goes moves no
    application between the others. Addresses and not uids, so that a dry run before the application exists
    gives the answer that its creation will give.
    """
    keys = candidates ^ np.uint64(application)
    # The finaliser of SplitMix64: every bit of the input changes half of the output's.
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
