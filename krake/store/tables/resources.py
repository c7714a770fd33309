"""The tables of resources: what is desired and what is, their last states, their secrets."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
    or_,
)

from krake.store.tables.base import metadata
from krake.store.types import Document, Key, Moment


def _record_columns() -> list[Column[object]]:
    """The columns of a `Record`, in the order of its fields."""
    return [
        Column("uid", String(36), primary_key=True),
        Column("kind", Key, nullable=False),
        Column("namespace", Key, nullable=False),
        Column("name", Key, nullable=False),
        Column("labels", Document, nullable=False),
        Column("spec", Document, nullable=False),
        Column("status", Document, nullable=False),
        Column("observation", Document, nullable=False),
        Column("generation", Integer, nullable=False),
        Column("revision", BigInteger, nullable=False),
        Column("created_revision", BigInteger, nullable=False),
        Column("created", Moment, nullable=False),
        Column("modified", Moment, nullable=False),
        Column("deleted", Moment),
        Column("owners", Document, nullable=False, server_default="[]"),
        Column("finalizers", Document, nullable=False, server_default="[]"),
        Column("inherit_labels", Boolean, nullable=False, server_default=false()),
    ]


counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
    Column("pruned", BigInteger, nullable=False),
)
"""One row: the newest revision, and the newest revision whose tombstone has been pruned."""

resources = Table(
    "resources",
    metadata,
    *_record_columns(),
    Column("state", String(32), nullable=False),
    Column("observed_generation", Integer, nullable=False),
    Column("requested", Integer, nullable=False, server_default="0"),
    Column("owned", Integer, nullable=False, server_default="0"),
    Column("cluster_uid", String(36), nullable=False, server_default=""),
    Column("other_cluster_uid", String(36), nullable=False, server_default=""),
)
"""What is desired and what is. `state`, `observed_generation` and `requested` (1 where `status.request` waits
for the lifecycle or a move is going on) repeat the documents for the indexes."""

Index(
    "uq_resources_kind_namespace_name", *(resources.c[n] for n in ("kind", "namespace", "name")), unique=True
)
Index("ix_resources_kind_revision", resources.c.kind, resources.c.revision)
Index("ix_resources_kind_state", resources.c.kind, resources.c.state)

owned = resources.c.owned > 0
"""The resource names owners: few do, and deletions have to find those few."""

Index("ix_resources_owned", resources.c.kind, sqlite_where=owned, postgresql_where=owned)

for _place in (resources.c.cluster_uid, resources.c.other_cluster_uid):
    # An application is on the cluster it was placed on, and while it moves on another one as well.
    _some = _place != ""
    Index(f"ix_resources_{_place.name}", _place, sqlite_where=_some, postgresql_where=_some)

pending = or_(
    resources.c.deleted.is_not(None),
    resources.c.observed_generation < resources.c.generation,
    resources.c.requested > 0,
)
"""Something is left to do for the resource. Indexed, so that idle resources cost nothing."""

Index("ix_resources_pending", resources.c.revision, sqlite_where=pending, postgresql_where=pending)

tombstones = Table(
    "tombstones",
    metadata,
    *_record_columns(),
    Column("removed", Moment, nullable=False),
)
"""The last state of removed resources, for watchers that have not seen the removal yet."""

Index("ix_tombstones_kind_revision", tombstones.c.kind, tombstones.c.revision)
Index("ix_tombstones_removed", tombstones.c.removed)

secrets = Table(
    "secrets",
    metadata,
    Column(
        "uid",
        String(36),
        ForeignKey("resources.uid", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("field", String(255), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
)
"""Encrypted values; they go with their resource."""
