"""The statements that forget what is old."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.engine import Dialect

from krake.store.prepared import Prepared, Statement
from krake.store.tables.history import decisions, events, generations
from krake.store.tables.placement import reserved
from krake.store.tables.resources import counter, resources, tombstones


class PruningStatements:
    """The statements, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        newest = select(func.max(tombstones.c.revision)).where(tombstones.c.removed < bindparam("before"))
        largest = func.max if self._dialect.name == "sqlite" else func.greatest
        self.forget = self._prepare(
            update(counter)
            .where(counter.c.id == 1)
            .values(pruned=largest(counter.c.pruned, func.coalesce(newest.scalar_subquery(), 0)))
        )
        self.tombstones = self._prepare(delete(tombstones).where(tombstones.c.removed < bindparam("before")))
        self.events = self._prepare(_orphaned(events))
        self.decisions = self._prepare(_orphaned(decisions))
        self.generations = self._prepare(_orphaned(generations))
        self.reserved = self._prepare(delete(reserved).where(reserved.c.amount == 0))

    def _prepare(self, statement: Statement) -> Prepared:
        return Prepared(statement, self._dialect)


def _orphaned(table: Any) -> Any:
    """History without a resource and without a tombstone: of what was removed long ago."""
    return delete(table).where(
        table.c.at < bindparam("before"),
        table.c.uid.not_in(select(resources.c.uid).scalar_subquery()),
        table.c.uid.not_in(select(tombstones.c.uid).scalar_subquery()),
    )
