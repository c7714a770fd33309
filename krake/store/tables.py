"""The tables. Migrations create them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    or_,
)

from krake.store.types import Document, Key, Moment, Real, Serial

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


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

reserved = Table(
    "reserved",
    metadata,
    Column("cluster_uid", String(36), primary_key=True),
    Column("dimension", String(255), primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
"""What is reserved on each cluster for all applications: the sum over `status.reserved`, kept up to date in
the transaction of every change, so that a decision need not read all applications."""

tombstones = Table(
    "tombstones",
    metadata,
    *_record_columns(),
    Column("removed", Moment, nullable=False),
)
"""The last state of removed resources, for watchers that have not seen the removal yet."""

Index("ix_tombstones_kind_revision", tombstones.c.kind, tombstones.c.revision)
Index("ix_tombstones_removed", tombstones.c.removed)

events = Table(
    "events",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", Key, nullable=False),
    Column("namespace", Key, nullable=False),
    Column("name", Key, nullable=False),
    Column("uid", String(36), nullable=False),
    Column("type", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("cause", Text, nullable=False),
)
"""What happened, also to resources that are gone."""

Index("ix_events_kind_namespace_name_id", *(events.c[n] for n in ("kind", "namespace", "name", "id")))
Index("ix_events_uid_id", events.c.uid, events.c.id)
Index("ix_events_at", events.c.at)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("uid", String(36), nullable=False),
    Column("document", Document, nullable=False),
)
"""Placement decisions with their explanation."""

Index("ix_decisions_uid_id", decisions.c.uid, decisions.c.id)
Index("ix_decisions_at", decisions.c.at)

generations = Table(
    "generations",
    metadata,
    Column("uid", String(36), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("spec", Document, nullable=False),
    Column("labels", Document, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("message", Text, nullable=False),
)
"""What was desired of applications, generation by generation; they outlive their application for a while."""

Index("ix_generations_at", generations.c.at)

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

samples = Table(
    "samples",
    metadata,
    Column(
        "uid",
        String(36),
        ForeignKey("resources.uid", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("value", Real),
    Column("at", Moment),
    Column("code", String(64), nullable=False),
    Column("message", Text, nullable=False),
)
"""The newest value of each metric, and why there is no newer one; they go with their metric."""

orphans = Table(
    "orphans",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("namespace", Key, nullable=False),
    Column("cluster", Key, nullable=False),
    Column("cluster_uid", String(36), nullable=False),
    Column("application", Key, nullable=False),
    Column("application_uid", String(36), nullable=False),
    Column("api_version", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("object_namespace", Text),
    Column("object_name", Text, nullable=False),
    Column("object_uid", String(36), nullable=False),
    Column("reason", Text, nullable=False),
)
"""Objects that were left on a cluster. They outlive their application, and their cluster."""

Index("ix_orphans_cluster_uid", orphans.c.cluster_uid)
Index("ix_orphans_application_uid", orphans.c.application_uid)

tokens = Table(
    "tokens",
    metadata,
    Column("name", Key, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("username", Text, nullable=False),
    Column("member_of", Document, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment),
    Column("last_part", String(8), nullable=False),
)
"""Static tokens by the SHA-256 digests of their secrets."""

Index("uq_tokens_digest", tokens.c.digest, unique=True)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("user", Key, nullable=False),
    Column("verb", String(32), nullable=False),
    Column("kind", Key, nullable=False),
    Column("namespace", Key, nullable=False),
    Column("name", Key, nullable=False),
    Column("part", String(64), nullable=False),
    Column("result", String(16), nullable=False),
    Column("status", Integer, nullable=False),
    Column("source", String(64), nullable=False),
    Column("request_id", String(128), nullable=False),
)
"""Who did what. Rows are only ever added: triggers of the migration refuse to change and to delete them, but
for what is older than the horizon."""

Index("ix_audit_at", audit.c.at)
Index("ix_audit_user_id", audit.c.user, audit.c.id)
Index("ix_audit_kind_namespace_name_id", *(audit.c[n] for n in ("kind", "namespace", "name", "id")))

audit_horizon = Table(
    "audit_horizon",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("before", Moment, nullable=False),
)
"""One row: older rows of the audit may be deleted. The operator's command moves it, and is audited itself."""
