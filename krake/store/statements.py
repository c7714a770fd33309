"""Every statement of the store, written once for both databases."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    String,
    and_,
    any_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnElement

from krake.store.audit_statements import AuditStatements
from krake.store.history_statements import HistoryStatements
from krake.store.prepared import Prepared, Statement
from krake.store.secret_statements import SecretStatements
from krake.store.tables import (
    counter,
    decisions,
    events,
    generations,
    orphans,
    owned,
    pending,
    reserved,
    resources,
    samples,
    secrets,
    tombstones,
)
from krake.store.token_statements import TokenStatements
from krake.store.types import Document, Key

RECORD = (
    "uid",
    "kind",
    "namespace",
    "name",
    "labels",
    "spec",
    "status",
    "observation",
    "generation",
    "revision",
    "created_revision",
    "created",
    "modified",
    "deleted",
    "owners",
    "finalizers",
)
"""The columns that make a `Record`, in the order of its fields."""

_r = resources.c
_record = [_r[name] for name in RECORD]
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
    "owned",
    "cluster_uid",
    "other_cluster_uid",
)


def _key(name: str) -> Any:
    return bindparam(name, type_=Key)


def _number(name: str) -> Any:
    return bindparam(name, type_=BigInteger())


def _listing(*, one_namespace: bool) -> Select[Any]:
    """The counter's value beside every row, so that both come from one snapshot."""
    place = (_r.namespace, _r.name)
    newest = select(counter.c.value).where(counter.c.id == 1).scalar_subquery()
    query = (
        select(newest, *_record)
        .where(
            _r.kind == _key("p_kind"), tuple_(*place) > tuple_(_key("after_namespace"), _key("after_name"))
        )
        .order_by(*place)
        .limit(_number("p_limit"))
    )
    return query.where(_r.namespace == _key("p_namespace")) if one_namespace else query


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
        select(func.max(table.c.revision)).where(table.c.kind == _key(f"p_kind_{number}")).scalar_subquery()
        for number in range(kinds)
        for table in (resources, tombstones)
    ]
    return select(*columns)


def _changes(*, one_namespace: bool) -> Select[Any]:
    """Live rows and tombstones newer than a revision, with the counter, in one snapshot."""

    def newer(table: Any, gone: int) -> Select[Any]:
        query = select(literal_column(str(gone), Integer).label("gone"), *(table.c[n] for n in RECORD)).where(
            table.c.kind == _key("p_kind"), table.c.revision > _number("p_since")
        )
        return query.where(table.c.namespace == _key("p_namespace")) if one_namespace else query

    changed = union_all(newer(resources, 0), newer(tombstones, 1)).subquery("changed")
    return (
        select(counter.c.value, counter.c.pruned, *changed.c)
        .select_from(counter.outerjoin(changed, true()))
        .where(counter.c.id == 1)
        .order_by(changed.c.revision)
    )


def _create(dialect: Dialect) -> Statement:
    """An insert that does nothing when the name is taken, so that the transaction stays usable."""
    new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    return new(resources).on_conflict_do_nothing().returning(resources.c.revision)


def _reserve(dialect: Dialect) -> Statement:
    new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement = new(reserved)
    return statement.on_conflict_do_update(
        index_elements=["cluster_uid", "dimension"],
        set_={"amount": reserved.c.amount + statement.excluded.amount},
    )


def _reserved() -> Select[Any]:
    """By the clusters of a namespace: those are few, while all clusters may be many."""
    clusters = select(_r.uid).where(_r.kind == "Cluster", _r.namespace == _key("p_namespace"))
    return select(*reserved.c).where(reserved.c.cluster_uid.in_(clusters), reserved.c.amount != 0)


def _count_on_clusters() -> Select[Any]:
    clusters = select(_r.uid).where(_r.kind == "Cluster", _r.namespace == _key("p_namespace"))
    placed = _r.cluster_uid.in_(clusters), _r.cluster_uid != ""
    return select(_r.cluster_uid, func.count()).where(*placed).group_by(_r.cluster_uid)


def _asked_to_move() -> Select[Any]:
    """Requests of one actor by application; the index on the moment makes the last hour cheap."""
    asked = events.c.type == "MigrationRequested", events.c.actor == bindparam("p_actor")
    return (
        select(events.c.uid, func.count())
        .where(events.c.at >= bindparam("p_since", type_=events.c.at.type), *asked)
        .group_by(events.c.uid)
    )


def _somebody_waits() -> Select[Any]:
    """Two searches, each with the index on the state."""

    def one(state: str) -> Select[Any]:
        alike = _r.kind == "Application", _r.state == state, _r.namespace == _key("p_namespace")
        return select(literal_column("1", Integer)).where(*alike).limit(1)

    return select(one("PENDING").exists() | one("DEGRADED").exists())


def _count_moving() -> Select[Any]:
    """With the condition of the partial index, so that it is used."""
    return (
        select(func.count())
        .select_from(resources)
        .where(pending, _r.kind == "Application", _r.requested > 0, _r.deleted.is_(None))
    )


def _put_secret(dialect: Dialect) -> Statement:
    new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement = new(secrets)
    return statement.on_conflict_do_update(
        index_elements=["uid", "field"], set_={"ciphertext": statement.excluded.ciphertext}
    )


def _put_sample(dialect: Dialect) -> Statement:
    new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement = new(samples)
    fields = ("value", "at", "code", "message")
    return statement.on_conflict_do_update(
        index_elements=["uid"], set_={name: statement.excluded[name] for name in fields}
    )


def _events(filters: tuple[str, ...]) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [events.c[name] == bindparam(f"p_{name}") for name in filters]
    return (
        select(*events.c)
        .where(events.c.id > _number("after_id"), *conditions)
        .order_by(events.c.id)
        .limit(_number("p_limit"))
    )


def _orphans(filters: tuple[str, ...]) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [orphans.c[name] == bindparam(f"p_{name}") for name in filters]
    return select(*orphans.c).where(*conditions).order_by(orphans.c.id)


def _on_cluster() -> Select[Any]:
    """Two searches, each with an index of its own."""
    cluster = bindparam("p_cluster_uid", type_=String())
    placed = select(_r.uid).where(_r.cluster_uid == cluster, _r.cluster_uid != "")
    moving = select(_r.uid).where(_r.other_cluster_uid == cluster, _r.other_cluster_uid != "")
    return select(*_record).where(_r.uid.in_(union_all(placed, moving))).order_by(_r.namespace, _r.name)


def _orphaned(table: Any) -> Any:
    """History without a resource and without a tombstone: of what was removed long ago."""
    return delete(table).where(
        table.c.at < bindparam("before"),
        table.c.uid.not_in(select(_r.uid).scalar_subquery()),
        table.c.uid.not_in(select(tombstones.c.uid).scalar_subquery()),
    )


class Statements:
    """The statements, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._events: dict[tuple[str, ...], Prepared] = {}
        self._orphans: dict[tuple[str, ...], Prepared] = {}
        self.history = HistoryStatements(dialect)
        self.secrets = SecretStatements(dialect)
        self.audit = AuditStatements(dialect)
        self.tokens = TokenStatements(dialect)
        self._reads()
        self._writes()
        self._prunes()

    def _prepare(self, statement: Statement) -> Prepared:
        return Prepared(statement, self._dialect)

    def _reads(self) -> None:
        address = and_(
            _r.kind == _key("p_kind"), _r.namespace == _key("p_namespace"), _r.name == _key("p_name")
        )
        uid = bindparam("p_uid", type_=String())
        self.find = self._prepare(select(*_record).where(address))
        self.by_uid = self._prepare(select(*_record).where(_r.uid == uid))
        self.list_all = self._prepare(_listing(one_namespace=False))
        self.list_namespace = self._prepare(_listing(one_namespace=True))
        self.list_within = self._prepare(_listing_within(self._dialect))
        self.newest_of_two = self._prepare(_newest_of(2))
        self.changes_all = self._prepare(_changes(one_namespace=False))
        self.changes_namespace = self._prepare(_changes(one_namespace=True))
        self.revision = self._prepare(select(counter.c.value).where(counter.c.id == 1))
        self.secret = self._prepare(
            select(secrets.c.ciphertext).where(secrets.c.uid == uid, secrets.c.field == bindparam("p_field"))
        )
        self.decisions = self._prepare(
            select(decisions.c.document, decisions.c.id)
            .where(decisions.c.uid == uid)
            .order_by(decisions.c.id.desc())
            .limit(_number("p_limit"))
        )
        self.states = self._prepare(
            select(_r.state, func.count()).where(_r.kind == _key("p_kind")).group_by(_r.state)
        )
        self.confirmations = self._prepare(
            select(
                _r.uid,
                _r.observation["confirmed_at"].as_string(),
                _r.status["verified_at"].as_string(),
            ).where(_r.kind == _key("p_kind"))
        )
        self.reserved = self._prepare(_reserved())
        self.all_reserved = self._prepare(select(*reserved.c).where(reserved.c.amount != 0))
        self.count_on_clusters = self._prepare(_count_on_clusters())
        self.asked_to_move = self._prepare(_asked_to_move())
        self.count_moving = self._prepare(_count_moving())
        self.waiting = self._prepare(
            select(*_record)
            .where(
                _r.kind == "Application",
                _r.state == "PENDING",
                _r.namespace == _key("p_namespace"),
                _r.deleted.is_(None),
            )
            .order_by(_r.revision)
            .limit(_number("p_limit"))
        )
        self.placements = self._prepare(
            select(_r.uid, _r.labels, _r.cluster_uid, _r.other_cluster_uid).where(
                _r.kind == "Application", _r.namespace == _key("p_namespace"), _r.cluster_uid != ""
            )
        )
        self.somebody_waits = self._prepare(_somebody_waits())
        self.owned = self._prepare(select(*_record).where(owned).order_by(_r.kind, _r.namespace, _r.name))
        self.on_cluster = self._prepare(_on_cluster())
        self.unobserved = self._prepare(
            select(*_record).where(pending).order_by(_r.revision).limit(_number("p_limit"))
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
        self.put_sample = self._prepare(_put_sample(self._dialect))
        self.samples = self._prepare(select(*samples.c))
        self.reserve = self._prepare(_reserve(self._dialect))
        self.add_orphan = self._prepare(insert(orphans).values(_new_row(orphans)))
        self.remove_orphan = self._prepare(delete(orphans).where(orphans.c.id == _number("p_id")))

    def _prunes(self) -> None:
        newest = select(func.max(tombstones.c.revision)).where(tombstones.c.removed < bindparam("before"))
        largest = func.max if self._dialect.name == "sqlite" else func.greatest
        self.forget = self._prepare(
            update(counter)
            .where(counter.c.id == 1)
            .values(pruned=largest(counter.c.pruned, func.coalesce(newest.scalar_subquery(), 0)))
        )
        self.prune_tombstones = self._prepare(
            delete(tombstones).where(tombstones.c.removed < bindparam("before"))
        )
        self.prune_events = self._prepare(_orphaned(events))
        self.prune_decisions = self._prepare(_orphaned(decisions))
        self.prune_reserved = self._prepare(delete(reserved).where(reserved.c.amount == 0))
        self.prune_generations = self._prepare(_orphaned(generations))

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
