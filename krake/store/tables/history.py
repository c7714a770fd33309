"""The tables of what happened and why: events, decisions, generations."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from krake.store.tables.base import metadata
from krake.store.types import Document, Key, Moment, Serial

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
