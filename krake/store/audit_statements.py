"""The statements on the audit: adding, reading, and deleting what is older than the horizon."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, delete, insert, select, update
from sqlalchemy.engine import Dialect

from krake.store.prepared import Prepared
from krake.store.tables.access import audit, audit_horizon

COLUMNS = tuple(column.name for column in audit.c)
"""The columns that make an `AuditEntry`, in this order."""


class AuditStatements:
    """The statements, compiled for one database. There is none that changes a row."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._queries: dict[tuple[str, ...], Prepared] = {}
        row = {c.name: bindparam(f"n_{c.name}", type_=c.type) for c in audit.c if c.name != "id"}
        before = bindparam("before", type_=audit.c.at.type)
        self.add = Prepared(insert(audit).values(row), dialect)
        self.move_horizon = Prepared(
            update(audit_horizon).where(audit_horizon.c.before < before).values(before=before), dialect
        )
        self.prune = Prepared(delete(audit).where(audit.c.at < before).returning(audit.c.id), dialect)

    def query(self, filters: tuple[str, ...]) -> Prepared:
        """The entries that have given values in these columns, newest first; `since` is a moment."""
        if filters not in self._queries:
            self._queries[filters] = Prepared(_query(filters), self._dialect)
        return self._queries[filters]


def _query(filters: tuple[str, ...]) -> Select[Any]:
    query = select(*audit.c)
    for name in filters:
        if name == "since":
            query = query.where(audit.c.at >= bindparam("p_since", type_=audit.c.at.type))
        elif name == "below":
            query = query.where(audit.c.id < bindparam("p_below", type_=BigInteger()))
        else:
            query = query.where(audit.c[name] == bindparam(f"p_{name}", type_=audit.c[name].type))
    return query.order_by(audit.c.id.desc()).limit(bindparam("p_limit", type_=BigInteger()))
