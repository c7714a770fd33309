"""The tables that placement looks at: what is reserved on clusters, what metrics say, what was left there."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from krake.store.tables.base import metadata
from krake.store.types import Key, Moment, Real, Serial

reserved = Table(
    "reserved",
    metadata,
    Column("cluster_uid", String(36), primary_key=True),
    Column("dimension", String(255), primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
"""What is reserved on each cluster for all applications: the sum over `status.reserved`, kept up to date in
the transaction of every change, so that a decision need not read all applications."""

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
