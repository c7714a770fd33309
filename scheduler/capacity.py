"""What candidates offer and what is reserved on them, in columns of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from krake.models.quantities import is_extended
from scheduler.amounts import Amounts
from scheduler.snapshot import Candidate

Integers = NDArray[np.int64]

UNLIMITED = 2**62
"""Free amount where nothing is known: everything fits."""


@dataclass(slots=True)
class Capacity:
    """Free amounts by dimension and row; negative where more is reserved than there is."""

    free: dict[str, Integers]
    offered: dict[str, Integers]
    """What is there, reserved or not; -1 where that is not known."""
    known: NDArray[np.bool_]
    """Where the candidate's nodes were seen."""
    nodes: Integers
    """How many nodes each candidate has; 0 where they are not known one by one."""

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> Capacity:
        """The capacity of these candidates."""
        known = np.array([one.allocatable is not None for one in candidates], dtype=np.bool_)
        cells: dict[str, dict[int, int]] = {}
        for row, one in enumerate(candidates):
            for dimension, amount in one.allocatable or ():
                cells.setdefault(dimension, {})[row] = amount
        free, offered = {}, {}
        for dimension, found in cells.items():
            rows = np.fromiter(found, dtype=np.int64)
            column, there = _nothing(dimension, known), np.full(len(known), -1, dtype=np.int64)
            column[rows] = there[rows] = np.fromiter(found.values(), dtype=np.int64)
            free[dimension], offered[dimension] = column, there
        nodes = np.array([len(one.nodes) for one in candidates], dtype=np.int64)
        capacity = cls(free, offered, known, nodes)
        for row, one in enumerate(candidates):
            capacity.reserve(row, one.reserved)
        return capacity

    def column(self, dimension: str) -> Integers:
        """The free amounts of a dimension, also of one that nobody offers."""
        if dimension not in self.free:
            return _nothing(dimension, self.known)
        return self.free[dimension]

    def reserve(self, row: int, amounts: Amounts) -> None:
        """Take the amounts from what is free. Where nothing is known, nothing is counted."""
        for dimension, amount in amounts:
            if dimension not in self.free:
                self.free[dimension] = _nothing(dimension, self.known)
            column = self.free[dimension]
            if column[row] != UNLIMITED:
                column[row] -= amount

    def copy(self) -> Capacity:
        """A capacity of its own, to reserve in."""
        free = {name: column.copy() for name, column in self.free.items()}
        return Capacity(free, self.offered, self.known, self.nodes)


def _nothing(dimension: str, known: NDArray[np.bool_]) -> Integers:
    """What is free where a dimension is not offered: none of a device, any amount of what every node has."""
    if not is_extended(dimension):
        return np.full(len(known), UNLIMITED, dtype=np.int64)
    return np.where(known, 0, UNLIMITED)


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of all candidates in one table."""

    row: NDArray[np.int64]
    """For each node the candidate that it belongs to."""
    offered: dict[str, Integers]
    unknown: NDArray[np.bool_]
    """Candidates whose nodes are not known one by one."""

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> Nodes:
        """The nodes of these candidates."""
        nodes = [(row, node) for row, one in enumerate(candidates) for node in one.nodes]
        offered: dict[str, Integers] = {}
        for at, (_, node) in enumerate(nodes):
            for dimension, amount in node:
                if dimension not in offered:
                    offered[dimension] = np.zeros(len(nodes), dtype=np.int64)
                offered[dimension][at] = amount
        return cls(
            row=np.array([row for row, _ in nodes], dtype=np.int64),
            offered=offered,
            unknown=np.array([not one.nodes for one in candidates], dtype=np.bool_),
        )

    def with_room_for(self, pod: Amounts) -> NDArray[np.bool_]:
        """The candidates that have a node on which the Pod fits."""
        fits = np.ones(len(self.row), dtype=np.bool_)
        for dimension, amount in pod:
            column = self.offered.get(dimension)
            fits &= column >= amount if column is not None else False
        found = np.bincount(self.row[fits], minlength=len(self.unknown)) > 0
        return found | self.unknown
