"""The statements on generations and on what people look up in a resource's history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    any_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnElement

from krake.store.prepared import Prepared
from krake.store.tables.history import decisions, events, generations
from krake.store.types import Document, Key

COLUMNS = ("uid", "generation", "at", "actor", "cause", "spec", "labels", "outcome", "message")
"""The columns that make a `Generation`, in the order of its fields."""

_g = generations.c


class HistoryStatements:
    """The statements on generations, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._generations(dialect)
        self._events(dialect)
        self._decisions(dialect)

    def _generations(self, dialect: Dialect) -> None:
        uid = _g.uid == bindparam("p_uid", type_=String())
        number = bindparam("p_generation", type_=_g.generation.type)
        columns = [_g[name] for name in COLUMNS]
        values = {c.name: bindparam(f"n_{c.name}", type_=c.type) for c in generations.c}
        verdict: dict[str, Any] = {"outcome": bindparam("n_outcome"), "message": bindparam("n_message")}
        self.add = Prepared(insert(generations).values(values), dialect)
        self.one = Prepared(select(*columns).where(uid, _g.generation == number), dialect)
        self.all = Prepared(select(*columns).where(uid).order_by(_g.generation.desc()), dialect)
        self.origin = Prepared(select(_g.cause).where(uid, _g.generation == number), dialect)
        self.judge = Prepared(
            update(generations).where(uid, _g.generation == number, _g.outcome != "good").values(verdict),
            dialect,
        )
        self.trim = Prepared(
            delete(generations).where(
                uid,
                _g.generation <= number,
                _g.generation != bindparam("p_good", type_=_g.generation.type),
            ),
            dialect,
        )

    def _events(self, dialect: Dialect) -> None:
        address = [
            events.c[name] == bindparam(f"p_{name}", type_=Key) for name in ("kind", "namespace", "name")
        ]
        newest = events.c.id.desc()
        limit = bindparam("p_limit", type_=Integer())
        self.latest_events = Prepared(
            select(*events.c).where(*address).order_by(newest).limit(limit), dialect
        )
        some = [events.c.namespace == bindparam("p_namespace", type_=Key), _of_kinds(dialect)]
        some.append(events.c.id > bindparam("after_id", type_=BigInteger()))
        self.events_in = Prepared(select(*events.c).where(*some).order_by(events.c.id).limit(limit), dialect)
        self.latest_events_in = Prepared(
            select(*events.c).where(*some).order_by(newest).limit(limit), dialect
        )
        self.latest_cause = Prepared(
            select(events.c.cause)
            .where(
                events.c.uid == bindparam("p_uid", type_=String()),
                events.c.type == bindparam("p_type", type_=String()),
            )
            .order_by(newest)
            .limit(1),
            dialect,
        )

    def _decisions(self, dialect: Dialect) -> None:
        uid = decisions.c.uid == bindparam("p_uid", type_=String())
        document = decisions.c.document
        self.decision_heads = Prepared(
            select(
                decisions.c.id,
                document["at"].as_string(),
                document["trigger"].as_string(),
                document["chosen"],
                document["margin"],
                document["summary"].as_string(),
            )
            .where(uid)
            .order_by(decisions.c.id.desc())
            .limit(bindparam("p_limit", type_=Integer())),
            dialect,
        )
        self.decision = Prepared(
            select(document).where(uid, decisions.c.id == bindparam("p_id", type_=BigInteger())), dialect
        )


def _of_kinds(dialect: Dialect) -> ColumnElement[bool]:
    """That an event is of one of some kinds; any number of them is one parameter."""
    if dialect.name == "sqlite":
        given = bindparam("p_kinds", type_=Document)
        return events.c.kind.in_(select(func.json_each(given).table_valued("value").c.value))
    return events.c.kind == any_(bindparam("p_kinds", type_=postgresql.ARRAY(String())))
