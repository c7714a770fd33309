"""Owners and finalizers of resources; which applications are on which cluster, for an index."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from krake.store.types import Document

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LISTS = ("owners", "finalizers")
_INDEXED = ("cluster_uid", "other_cluster_uid")
_OWNED = "owned > 0"


def _add_columns() -> None:
    for table in ("resources", "tombstones"):
        for name in _LISTS:
            op.add_column(table, sa.Column(name, Document, nullable=False, server_default="[]"))
    op.add_column("resources", sa.Column("owned", sa.Integer, nullable=False, server_default="0"))
    for name in _INDEXED:
        op.add_column("resources", sa.Column(name, sa.String(36), nullable=False, server_default=""))


def _places(status: dict[str, Any]) -> dict[str, str]:
    """Where an application is, and where it is as well while it moves."""
    here = status.get("scheduled_uid") or ""
    move = status.get("migration") or {}
    others = [uid for uid in (move.get("source_uid"), move.get("target_uid")) if uid and uid != here]
    return {"cluster_uid": here, "other_cluster_uid": others[0] if others else ""}


def _fill() -> None:
    table = sa.table(
        "resources",
        sa.column("uid", sa.String),
        sa.column("kind", sa.String),
        sa.column("status", Document),
        *(sa.column(name, sa.String) for name in _INDEXED),
    )
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(table.c.uid, table.c.status).where(table.c.kind == "Application")
    ).all()
    for uid, status in rows:
        if any((places := _places(status)).values()):
            connection.execute(sa.update(table).where(table.c.uid == uid).values(**places))


def upgrade() -> None:
    """Add the columns and fill them from the documents."""
    _add_columns()
    _fill()
    owned = sa.text(_OWNED)
    op.create_index("ix_resources_owned", "resources", ["kind"], sqlite_where=owned, postgresql_where=owned)
    for name in _INDEXED:
        some = sa.text(f"{name} <> ''")
        op.create_index(f"ix_resources_{name}", "resources", [name], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Drop them; who owns what is forgotten."""
    for name in ("ix_resources_owned", *(f"ix_resources_{column}" for column in _INDEXED)):
        op.drop_index(name, "resources")
    for name in ("owned", *_INDEXED, *_LISTS):
        op.drop_column("resources", name)
    for name in _LISTS:
        op.drop_column("tombstones", name)
