"""The tables of who may come in and of who did what: tokens and the audit."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from krake.store.tables.base import metadata
from krake.store.types import Document, Key, Moment, Serial

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
