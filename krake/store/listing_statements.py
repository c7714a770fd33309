"""The statements that list and watch resources: pages of them, and what changed since a revision."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from krake.store.columns import RECORD, key, number, record
from krake.store.narrowing import narrowed
from krake.store.prepared import Prepared, Statement
from krake.store.tables.resources import counter, resources, tombstones
from krake.store.types import Document

_r = resources.c


class ListingStatements:
    """The statements, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.list_all = self._prepare(_listing(one_namespace=False))
        self.list_namespace = self._prepare(_listing(one_namespace=True))
        self.list_within = self._prepare(_listing_within(self._dialect))
        fitting = narrowed(self._dialect)
        self.narrow_all = self._prepare(_listing(one_namespace=False).where(fitting))
        self.narrow_namespace = self._prepare(_listing(one_namespace=True).where(fitting))
        self.narrow_within = self._prepare(_listing_within(self._dialect).where(fitting))
        self.newest_of_two = self._prepare(_newest_of(2))
        self.changes_all = self._prepare(_changes(one_namespace=False))
        self.changes_namespace = self._prepare(_changes(one_namespace=True))

    def _prepare(self, statement: Statement) -> Prepared:
        return Prepared(statement, self._dialect)


def _listing(*, one_namespace: bool) -> Select[Any]:
    """The counter's value beside every row, so that both come from one snapshot."""
    place = (_r.namespace, _r.name)
    newest = select(counter.c.value).where(counter.c.id == 1).scalar_subquery()
    query = select(newest, *record).where(_r.kind == key("p_kind")).limit(number("p_limit"))
    if one_namespace:
        # By name alone: SQLite would sort what follows for every page.
        inside = query.where(_r.namespace == key("p_namespace"), _r.name > key("after_name"))
        return inside.order_by(_r.name)
    after = tuple_(key("after_namespace"), key("after_name"))
    return query.where(tuple_(*place) > after).order_by(*place)


def _listing_within(dialect: Dialect) -> Select[Any]:
    """The listing of some namespaces: any number of them is one parameter."""
    if dialect.name == "sqlite":
        given = bindparam("p_within", type_=Document)
        return _listing(one_namespace=False).where(
            _r.namespace.in_(select(func.json_each(given).table_valued("value").c.value))
        )
    names = bindparam("p_within", type_=postgresql.ARRAY(String()))
    return _listing(one_namespace=False).where(_r.namespace == any_(names))


def _newest_of(kinds: int) -> Select[Any]:
    """The revisions of the last change and of the last removal of each of some kinds."""
    columns = [
        select(func.max(table.c.revision)).where(table.c.kind == key(f"p_kind_{number}")).scalar_subquery()
        for number in range(kinds)
        for table in (resources, tombstones)
    ]
    return select(*columns)


def _changes(*, one_namespace: bool) -> Select[Any]:
    """Live rows and tombstones newer than a revision, with the counter, in one snapshot."""

    def newer(table: Any, gone: int) -> Select[Any]:
        query = select(literal_column(str(gone), Integer).label("gone"), *(table.c[n] for n in RECORD)).where(
            table.c.kind == key("p_kind"), table.c.revision > number("p_since")
        )
        return query.where(table.c.namespace == key("p_namespace")) if one_namespace else query

    changed = union_all(newer(resources, 0), newer(tombstones, 1)).subquery("changed")
    return (
        select(counter.c.value, counter.c.pruned, *changed.c)
        .select_from(counter.outerjoin(changed, true()))
        .where(counter.c.id == 1)
        .order_by(changed.c.revision)
    )
