"""Every statement of the store, written once for both databases."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    Select,
    String,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnElement

from krake.store.audit_statements import AuditStatements
from krake.store.columns import key, number, record
from krake.store.history_statements import HistoryStatements
from krake.store.listing_statements import ListingStatements
from krake.store.placement_statements import PlacementStatements
from krake.store.prepared import Prepared, Statement
from krake.store.pruning_statements import PruningStatements
from krake.store.secret_statements import SecretStatements
from krake.store.tables.history import decisions, events
from krake.store.tables.placement import orphans
from krake.store.tables.resources import counter, owned, pending, resources, secrets, tombstones
from krake.store.token_statements import TokenStatements

_r = resources.c
_mutable = (
    "labels",
    "spec",
    "status",
    "observation",
    "generation",
    "revision",
    "modified",
    "deleted",
    "state",
    "observed_generation",
    "requested",
    "owners",
    "finalizers",
    "inherit_labels",
    "owned",
    "cluster_uid",
    "other_cluster_uid",
)


def _create(dialect: Dialect) -> Statement:
    """An insert that does nothing when the name is taken, so that the transaction stays usable."""
    new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    return new(resources).on_conflict_do_nothing().returning(resources.c.revision)


def _put_secret(dialect: Dialect) -> Statement:
    new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement = new(secrets)
    return statement.on_conflict_do_update(
        index_elements=["uid", "field"], set_={"ciphertext": statement.excluded.ciphertext}
    )


def _events(filters: tuple[str, ...]) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [events.c[name] == bindparam(f"p_{name}") for name in filters]
    return (
        select(*events.c)
        .where(events.c.id > number("after_id"), *conditions)
        .order_by(events.c.id)
        .limit(number("p_limit"))
    )


def _orphans(filters: tuple[str, ...]) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [orphans.c[name] == bindparam(f"p_{name}") for name in filters]
    return select(*orphans.c).where(*conditions).order_by(orphans.c.id)


class Statements:
    """The statements, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._events: dict[tuple[str, ...], Prepared] = {}
        self._orphans: dict[tuple[str, ...], Prepared] = {}
        self.listing = ListingStatements(dialect)
        self.history = HistoryStatements(dialect)
        self.secrets = SecretStatements(dialect)
        self.audit = AuditStatements(dialect)
        self.tokens = TokenStatements(dialect)
        self.placement = PlacementStatements(dialect)
        self.pruning = PruningStatements(dialect)
        self._reads()
        self._writes()

    def _prepare(self, statement: Statement) -> Prepared:
        return Prepared(statement, self._dialect)

    def _reads(self) -> None:
        address = and_(_r.kind == key("p_kind"), _r.namespace == key("p_namespace"), _r.name == key("p_name"))
        uid = bindparam("p_uid", type_=String())
        self.find = self._prepare(select(*record).where(address))
        self.by_uid = self._prepare(select(*record).where(_r.uid == uid))
        self.revision = self._prepare(select(counter.c.value).where(counter.c.id == 1))
        self.secret = self._prepare(
            select(secrets.c.ciphertext).where(secrets.c.uid == uid, secrets.c.field == bindparam("p_field"))
        )
        self.decisions = self._prepare(
            select(decisions.c.document, decisions.c.id)
            .where(decisions.c.uid == uid)
            .order_by(decisions.c.id.desc())
            .limit(number("p_limit"))
        )
        self.states = self._prepare(
            select(_r.state, func.count()).where(_r.kind == key("p_kind")).group_by(_r.state)
        )
        self.confirmations = self._prepare(
            select(
                _r.uid,
                _r.observation["confirmed_at"].as_string(),
                _r.status["verified_at"].as_string(),
            ).where(_r.kind == key("p_kind"))
        )
        self.owned = self._prepare(select(*record).where(owned).order_by(_r.kind, _r.namespace, _r.name))
        self.unobserved = self._prepare(
            select(*record).where(pending).order_by(_r.revision).limit(number("p_limit"))
        )

    def _writes(self) -> None:
        bump = update(counter).where(counter.c.id == 1).values(value=counter.c.value + 1)
        self.bump = self._prepare(bump.returning(counter.c.value))
        self.create = self._prepare(_create(self._dialect))
        row = resources.c.uid == bindparam("p_uid", type_=String())
        self.write = self._prepare(
            update(resources)
            .where(row)
            .values({name: bindparam(f"n_{name}", type_=_r[name].type) for name in _mutable})
        )
        self.remove = self._prepare(delete(resources).where(row))
        self.bury = self._prepare(insert(tombstones))
        self.add_event = self._prepare(insert(events).values(_new_row(events)))
        self.add_decision = self._prepare(insert(decisions).values(_new_row(decisions)))
        self.put_secret = self._prepare(_put_secret(self._dialect))
        self.add_orphan = self._prepare(insert(orphans).values(_new_row(orphans)))
        self.remove_orphan = self._prepare(delete(orphans).where(orphans.c.id == number("p_id")))

    def events(self, filters: tuple[str, ...]) -> Prepared:
        """The events that have given values in these columns, oldest first."""
        if filters not in self._events:
            self._events[filters] = self._prepare(_events(filters))
        return self._events[filters]

    def orphans(self, filters: tuple[str, ...]) -> Prepared:
        """The orphans that have given values in these columns, oldest first."""
        if filters not in self._orphans:
            self._orphans[filters] = self._prepare(_orphans(filters))
        return self._orphans[filters]


def _new_row(table: Any) -> dict[str, Any]:
    return {c.name: bindparam(f"n_{c.name}", type_=c.type) for c in table.c if c.name != "id"}


@cache
def _statements(name: str) -> Statements:
    from krake.store.prepared import postgres_dialect, sqlite_dialect

    return Statements(sqlite_dialect() if name == "sqlite" else postgres_dialect())


def statements_for(name: str) -> Statements:
    """The statements for `sqlite` or `postgresql`, compiled once a process."""
    return _statements(name)
