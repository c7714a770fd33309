"""The audit in the store: rows are added, with the change they tell of where there is one, and read."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Protocol

from krake.models.audit import AuditEntry
from krake.store.audit_statements import COLUMNS
from krake.store.engine import Database, Session


class Audited(Protocol):
    """A request that is being carried out and has to be told of."""

    def due(self) -> AuditEntry | None:
        """The entry to write with the change; None where one has been written already."""

    def committed(self) -> None:
        """Called when the entry is stored for good."""


audited: ContextVar[Audited | None] = ContextVar("audited", default=None)
"""The request on whose behalf the code runs: the first transaction that changes something tells of it."""


class AuditTrail:
    """The audit of a store. Every method may raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = database.statements.audit

    async def write_in(self, session: Session, entry: AuditEntry) -> None:
        """Add an entry inside of a transaction."""
        row = {f"n_{name}": value for name, value in entry if name != "id"}
        await session.fetch(self._statements.add, **{**row, "n_result": entry.result.value})

    async def write(self, entries: Sequence[AuditEntry]) -> None:
        """Add entries in a transaction of their own."""
        async with self._database.transaction() as session:
            for entry in entries:
                await self.write_in(session, entry)

    async def read(
        self, *, since: datetime | None = None, below: int | None = None, limit: int, **filters: str
    ) -> list[AuditEntry]:
        """Entries that fit all the given values, newest first.

        Args:
            since: none older than this.
            below: none with this number or a larger one; it continues a list.
            limit: how many at most.
            filters: values of `user`, `verb`, `kind`, `namespace`, `name`, `result`.
        """
        given = {"since": since, "below": below, **filters}
        values = {name: value for name, value in given.items() if value is not None}
        statement = self._statements.query(tuple(sorted(values)))
        parameters = {f"p_{name}": value for name, value in values.items()}
        rows = await self._database.fetch(statement, p_limit=limit, **parameters)
        return [AuditEntry.model_validate(dict(zip(COLUMNS, row, strict=True))) for row in rows]

    async def prune(self, before: datetime, entry: AuditEntry) -> int:
        """Delete what is older than a moment, and tell of that with an entry; returns the number of rows."""
        async with self._database.transaction() as session:
            # First, so that its number is larger than all that are deleted: numbers are never used again.
            await self.write_in(session, entry)
            await session.fetch(self._statements.move_horizon, before=before)
            deleted = await session.fetch(self._statements.prune, before=before)
        return len(deleted)


def command_entry(user: str, verb: str, kind: str, name: str = "") -> AuditEntry:
    """The entry of an operator's command that has been carried out."""
    return AuditEntry.model_validate(
        {
            "at": datetime.now(UTC),
            "user": user,
            "verb": verb,
            "kind": kind,
            "name": name,
            "result": "done",
            "status": 0,
            "source": "command",
        }
    )
