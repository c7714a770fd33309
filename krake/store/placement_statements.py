"""The statements that placing, moving and sampling ask: what is taken, who waits, who is where."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, String, bindparam, func, literal_column, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from krake.store.columns import key, number, record
from krake.store.prepared import Prepared, Statement
from krake.store.tables.history import events
from krake.store.tables.placement import reserved, samples
from krake.store.tables.resources import pending, resources

_r = resources.c
AWAITING = "WAITING_FOR_CLUSTER_CREATION"
"""The state of applications for which a cluster is made."""


class PlacementStatements:
    """The statements, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.reserved = self._prepare(_reserved())
        self.all_reserved = self._prepare(select(*reserved.c).where(reserved.c.amount != 0))
        self.count_on_clusters = self._prepare(_count_on_clusters())
        self.asked_to_move = self._prepare(_asked_to_move())
        self.count_moving = self._prepare(_count_moving())
        self.waiting = self._prepare(
            select(*record)
            .where(
                _r.kind == "Application",
                _r.state == "PENDING",
                _r.namespace == key("p_namespace"),
                _r.deleted.is_(None),
            )
            .order_by(_r.revision)
            .limit(number("p_limit"))
        )
        self.placements = self._prepare(
            select(_r.uid, _r.labels, _r.cluster_uid, _r.other_cluster_uid).where(
                _r.kind == "Application", _r.namespace == key("p_namespace"), _r.cluster_uid != ""
            )
        )
        self.awaiting_clusters = self._prepare(_awaiting_clusters())
        self.due_for_clusters = self._prepare(_due_for_clusters())
        self.is_used = self._prepare(_is_used())
        self.somebody_waits = self._prepare(_somebody_waits())
        self.on_cluster = self._prepare(_on_cluster())
        self.put_sample = self._prepare(_put_sample(self._dialect))
        self.samples = self._prepare(select(*samples.c))
        self.reserve = self._prepare(_reserve(self._dialect))

    def _prepare(self, statement: Statement) -> Prepared:
        return Prepared(statement, self._dialect)


def _reserve(dialect: Dialect) -> Statement:
    new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement = new(reserved)
    return statement.on_conflict_do_update(
        index_elements=["cluster_uid", "dimension"],
        set_={"amount": reserved.c.amount + statement.excluded.amount},
    )


def _reserved() -> Select[Any]:
    """By the clusters of a namespace: those are few, while all clusters may be many."""
    clusters = select(_r.uid).where(_r.kind == "Cluster", _r.namespace == key("p_namespace"))
    return select(*reserved.c).where(reserved.c.cluster_uid.in_(clusters), reserved.c.amount != 0)


def _count_on_clusters() -> Select[Any]:
    clusters = select(_r.uid).where(_r.kind == "Cluster", _r.namespace == key("p_namespace"))
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
    """A search for each state, with the index on it."""

    def one(state: str) -> Select[Any]:
        alike = _r.kind == "Application", _r.state == state, _r.namespace == key("p_namespace")
        return select(literal_column("1", Integer)).where(*alike).limit(1)

    return select(one("PENDING").exists() | one("DEGRADED").exists() | one(AWAITING).exists())


def _awaiting_clusters() -> Select[Any]:
    """By the index on the state; few wait at a time."""
    alike = _r.kind == "Application", _r.state == AWAITING, _r.deleted.is_(None)
    return select(*record).where(*alike).order_by(_r.revision)


def _due_for_clusters() -> Select[Any]:
    """Moments are texts of one form, all in UTC."""
    moment = _r.status["auto_cluster_retry_at"].as_string()
    alike = _r.kind == "Application", _r.state == "PENDING", _r.deleted.is_(None)
    return (
        select(*record)
        .where(*alike, moment <= bindparam("p_now", type_=String()))
        .order_by(_r.revision)
        .limit(number("p_limit"))
    )


def _is_used() -> Select[Any]:
    cluster = bindparam("p_cluster_uid", type_=String())
    placed = select(_r.uid).where(_r.cluster_uid == cluster, _r.cluster_uid != "").limit(1)
    moving = select(_r.uid).where(_r.other_cluster_uid == cluster, _r.other_cluster_uid != "").limit(1)
    return select(placed.exists() | moving.exists())


def _count_moving() -> Select[Any]:
    """With the condition of the partial index, so that it is used."""
    return (
        select(func.count())
        .select_from(resources)
        .where(pending, _r.kind == "Application", _r.requested > 0, _r.deleted.is_(None))
    )


def _put_sample(dialect: Dialect) -> Statement:
    new = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement = new(samples)
    fields = ("value", "at", "code", "message")
    return statement.on_conflict_do_update(
        index_elements=["uid"], set_={name: statement.excluded[name] for name in fields}
    )


def _on_cluster() -> Select[Any]:
    """Two searches, each with an index of its own."""
    cluster = bindparam("p_cluster_uid", type_=String())
    placed = select(_r.uid).where(_r.cluster_uid == cluster, _r.cluster_uid != "")
    moving = select(_r.uid).where(_r.other_cluster_uid == cluster, _r.other_cluster_uid != "")
    return select(*record).where(_r.uid.in_(union_all(placed, moving))).order_by(_r.namespace, _r.name)
