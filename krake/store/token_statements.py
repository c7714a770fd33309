"""The statements on static tokens."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from krake.store.prepared import Prepared
from krake.store.tables.access import tokens
from krake.store.types import Key

_t = tokens.c


class TokenStatements:
    """The statements on tokens, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
        row = {c.name: bindparam(f"n_{c.name}", type_=c.type) for c in _t}
        name = _t.name == bindparam("p_name", type_=Key)
        digest = _t.digest == bindparam("p_digest", type_=_t.digest.type)
        self.by_digest = Prepared(select(*_t).where(digest), dialect)
        self.by_name = Prepared(select(*_t).where(name), dialect)
        self.all = Prepared(select(*_t).order_by(_t.name), dialect)
        added = new(tokens).values(row).on_conflict_do_nothing(index_elements=["name"])
        self.add = Prepared(added.returning(_t.name), dialect)
        self.remove = Prepared(delete(tokens).where(name).returning(_t.name), dialect)
