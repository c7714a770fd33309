"""Reading single resources and their secrets: the same inside and outside of a transaction."""

from __future__ import annotations

from datetime import datetime

from krake.models.kinds import METRIC, METRICS
from krake.models.orphans import Orphan
from krake.models.samples import Catalogue, Measured, MetricKey
from krake.models.spread import siblings_by
from krake.secrets import Cipher
from krake.store.engine import MAXIMUM, Session
from krake.store.errors import NotFound
from krake.store.records import Record
from krake.store.statements import Statements

MOST_WOKEN = 20
"""Applications that the room which one application leaves may wake; the next one that leaves wakes others."""
_ORPHAN_FIELDS = tuple(Orphan.model_fields)
"""In the order of the table's columns."""


def secret_place(uid: str, field: str) -> str:
    """What a secret's encryption is bound to."""
    return f"{uid}/{field}"


class Reads:
    """Reads through a session; every method may raise `Unavailable`."""

    def __init__(self, session: Session, statements: Statements, cipher: Cipher) -> None:
        self._session = session
        self._statements = statements
        self._cipher = cipher

    def _seen(self, record: Record) -> Record:
        """Called with every resource that is read."""
        return record

    async def find(self, kind: str, namespace: str, name: str) -> Record | None:
        """The resource of this name, or None."""
        rows = await self._session.fetch(
            self._statements.find, p_kind=kind, p_namespace=namespace, p_name=name
        )
        return self._seen(Record(*rows[0])) if rows else None

    async def get(self, kind: str, namespace: str, name: str) -> Record:
        """The resource of this name.

        Raises:
            NotFound: there is none.
        """
        record = await self.find(kind, namespace, name)
        if record is None:
            raise NotFound.of(kind, namespace, name)
        return record

    async def get_by_uid(self, uid: str) -> Record | None:
        """The resource with this uid, or None when it has been removed."""
        rows = await self._session.fetch(self._statements.by_uid, p_uid=uid)
        return self._seen(Record(*rows[0])) if rows else None

    async def secret(self, uid: str, field: str) -> bytes | None:
        """A secret of a resource, decrypted; None where it has none.

        Raises:
            SecretError: it was encrypted with another key.
        """
        rows = await self._session.fetch(self._statements.secret, p_uid=uid, p_field=field)
        return self._cipher.decrypt(bytes(rows[0][0]), secret_place(uid, field)) if rows else None

    async def latest_cause(self, uid: str, event: str) -> str:
        """What led to the newest event of this type; empty where there is none."""
        rows = await self._session.fetch(self._statements.history.latest_cause, p_uid=uid, p_type=event)
        return str(rows[0][0]) if rows else ""

    async def on_cluster(self, cluster_uid: str) -> list[Record]:
        """The applications that are on a cluster, are leaving it, or are on their way to it."""
        rows = await self._session.fetch(self._statements.placement.on_cluster, p_cluster_uid=cluster_uid)
        return [self._seen(Record(*row)) for row in rows]

    async def reserved(self, namespace: str | None) -> dict[str, tuple[tuple[str, int], ...]]:
        """What is reserved on the clusters of a namespace, or of all (None), by uid: sorted pairs of
        dimension and amount."""
        everywhere = namespace is None
        statement = (
            self._statements.placement.all_reserved if everywhere else self._statements.placement.reserved
        )
        found: dict[str, list[tuple[str, int]]] = {}
        for uid, dimension, amount in await self._session.fetch(statement, p_namespace=namespace):
            found.setdefault(uid, []).append((dimension, amount))
        return {uid: tuple(sorted(pairs)) for uid, pairs in found.items()}

    async def asked_to_move(self, actor: str, since: datetime) -> dict[str, int]:
        """How often an actor asked for a move of each application since a moment, by uid."""
        return dict(
            await self._session.fetch(self._statements.placement.asked_to_move, p_actor=actor, p_since=since)
        )

    async def count_moving(self) -> int:
        """How many applications move, or are about to; those that wait for a cluster are none of them."""
        return int((await self._session.fetch(self._statements.placement.count_moving))[0][0])

    async def count_on_clusters(self, namespace: str) -> dict[str, int]:
        """How many applications are on each cluster of a namespace, by uid."""
        return dict(
            await self._session.fetch(self._statements.placement.count_on_clusters, p_namespace=namespace)
        )

    async def waiting(self, namespace: str, limit: int = MOST_WOKEN) -> list[Record]:
        """Applications of a namespace that are PENDING, those first that nothing was said of for longest."""
        rows = await self._session.fetch(
            self._statements.placement.waiting, p_namespace=namespace, p_limit=limit
        )
        return [self._seen(Record(*row)) for row in rows]

    async def awaiting_clusters(self) -> list[Record]:
        """The applications that wait for a cluster to be made."""
        rows = await self._session.fetch(self._statements.placement.awaiting_clusters)
        return [self._seen(Record(*row)) for row in rows]

    async def due_for_clusters(self, now: datetime, limit: int = MOST_WOKEN) -> list[Record]:
        """Applications for which it is to be looked again whether a cluster can be made."""
        rows = await self._session.fetch(
            self._statements.placement.due_for_clusters, p_now=now.isoformat(), p_limit=limit
        )
        return [self._seen(Record(*row)) for row in rows]

    async def is_used(self, cluster_uid: str) -> bool:
        """Whether an application is on a cluster, leaves it, or is on its way to it."""
        rows = await self._session.fetch(self._statements.placement.is_used, p_cluster_uid=cluster_uid)
        return bool(rows[0][0])

    async def somebody_waits(self, namespace: str) -> bool:
        """Whether an application is PENDING, DEGRADED or waits for a cluster: it may wait for room."""
        rows = await self._session.fetch(self._statements.placement.somebody_waits, p_namespace=namespace)
        return bool(rows[0][0])

    async def siblings(self, record: Record) -> list[str]:
        """For each application that this one is to be spread among, the clusters it is on; nothing is read
        where it is not to be spread."""
        by = siblings_by(record.spec, record.labels)
        if by is None:
            return []
        rows = await self._session.fetch(self._statements.placement.placements, p_namespace=record.namespace)
        return [
            cluster
            for uid, labels, *clusters in rows
            if uid != record.uid and labels.get(by[0]) == by[1]
            for cluster in clusters
            if cluster
        ]

    async def owned(self) -> list[Record]:
        """The resources that name owners."""
        rows = await self._session.fetch(self._statements.owned)
        return [self._seen(Record(*row)) for row in rows]

    async def all_of(self, kind: str, namespace: str | None = None) -> list[Record]:
        """The resources of a kind, of one namespace or of all (None), by namespace and name."""
        known = self._statements.listing
        wanted = known.list_all if namespace is None else known.list_namespace
        rows = await self._session.fetch(
            wanted, p_kind=kind, p_namespace=namespace, after_namespace="", after_name="", p_limit=MAXIMUM
        )
        return [self._seen(Record(*row[1:])) for row in rows]

    async def catalogue(self) -> Catalogue:
        """All metrics with their newest values."""
        rows = await self._session.fetch(self._statements.placement.samples)
        values = {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}
        metrics = {}
        for kind in METRICS:
            for record in await self.all_of(kind.name):
                value, at, code, message = values.get(record.uid, (None, None, "", ""))
                key = MetricKey(kind is METRIC, record.namespace, record.name)
                metrics[key] = Measured(record.uid, record.spec, value, at, code, message)
        return metrics

    async def orphans(self, **filters: str) -> list[Orphan]:
        """Objects that were left on clusters, oldest first.

        Args:
            filters: values of columns: `namespace`, `cluster`, `cluster_uid`, `application_uid` …
        """
        statement = self._statements.orphans(tuple(sorted(filters)))
        rows = await self._session.fetch(statement, **{f"p_{name}": value for name, value in filters.items()})
        return [Orphan(**dict(zip(_ORPHAN_FIELDS, row, strict=True))) for row in rows]
