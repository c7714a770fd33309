"""Amounts of resources by dimension, in the units of `krake.models.quantities`: thousandths of a core, else
ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from krake.models.quantities import offered, shown_amount

Amounts = tuple[tuple[str, int], ...]
"""Pairs of dimension and amount, sorted, without zeros: what equal applications need compares equal."""


def amounts(mapping: Mapping[str, int]) -> Amounts:
    """The amounts that a mapping holds."""
    return tuple(sorted((dimension, amount) for dimension, amount in mapping.items() if amount))


def plus(*parts: Iterable[tuple[str, int]]) -> Amounts:
    """The sum by dimension."""
    sums: dict[str, int] = {}
    for part in parts:
        for dimension, amount in part:
            sums[dimension] = sums.get(dimension, 0) + amount
    return amounts(sums)


def times(part: Amounts, count: int) -> Amounts:
    """The same so many times."""
    return amounts({dimension: amount * count for dimension, amount in part})


def larger(*parts: Iterable[tuple[str, int]]) -> Amounts:
    """The largest by dimension."""
    most: dict[str, int] = {}
    for part in parts:
        for dimension, amount in part:
            most[dimension] = max(most.get(dimension, 0), amount)
    return amounts(most)


def on(total: Amounts, per_node: Amounts, nodes: int) -> Amounts:
    """What is needed on a candidate with so many nodes; where that is not known, as on one."""
    return plus(total, times(per_node, max(nodes, 1))) if per_node else total


def fits_into(part: Amounts, room: Mapping[str, int]) -> bool:
    """Whether there is room in every dimension."""
    return all(amount <= room.get(dimension, 0) for dimension, amount in part)


def allocatable(*nodes: Mapping[str, str]) -> Amounts:
    """What nodes offer together, from `status.allocatable` of each.

    Raises:
        ValueError: a node offers something that is no quantity.
    """
    return plus(*({name: offered(name, value) for name, value in node.items()}.items() for node in nodes))


def shown(part: Iterable[tuple[str, int]]) -> str:
    """The amounts for people: `cpu 2, memory 1.5Gi`."""
    return ", ".join(f"{dimension} {shown_amount(dimension, amount)}" for dimension, amount in part)
