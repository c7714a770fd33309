"""Resources, tombstones, events, decisions, secrets and the counter of revisions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from krake.store.types import Document, Key, Moment, Serial

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _record() -> list[sa.Column[Any]]:
    return [
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("namespace", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("labels", Document, nullable=False),
        sa.Column("spec", Document, nullable=False),
        sa.Column("status", Document, nullable=False),
        sa.Column("observation", Document, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created_revision", sa.BigInteger, nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.Column("modified", Moment, nullable=False),
        sa.Column("deleted", Moment),
    ]


def _counter() -> None:
    table = op.create_table(
        "counter",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("pruned", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_counter"),
    )
    op.bulk_insert(table, [{"id": 1, "value": 0, "pruned": 0}])


def _resources() -> None:
    op.create_table(
        "resources",
        *_record(),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("observed_generation", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_resources"),
    )
    op.create_index(
        "uq_resources_kind_namespace_name", "resources", ["kind", "namespace", "name"], unique=True
    )
    op.create_index("ix_resources_kind_revision", "resources", ["kind", "revision"])
    op.create_index("ix_resources_kind_state", "resources", ["kind", "state"])
    pending = sa.text("deleted IS NOT NULL OR observed_generation < generation")
    op.create_index(
        "ix_resources_pending", "resources", ["revision"], sqlite_where=pending, postgresql_where=pending
    )


def _tombstones() -> None:
    op.create_table(
        "tombstones",
        *_record(),
        sa.Column("removed", Moment, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_tombstones"),
    )
    op.create_index("ix_tombstones_kind_revision", "tombstones", ["kind", "revision"])
    op.create_index("ix_tombstones_removed", "tombstones", ["removed"])


def _history() -> None:
    op.create_table(
        "events",
        sa.Column("id", Serial, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("namespace", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_kind_namespace_name_id", "events", ["kind", "namespace", "name", "id"])
    op.create_index("ix_events_uid_id", "events", ["uid", "id"])
    op.create_index("ix_events_at", "events", ["at"])
    op.create_table(
        "decisions",
        sa.Column("id", Serial, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("document", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_uid_id", "decisions", ["uid", "id"])
    op.create_index("ix_decisions_at", "decisions", ["at"])


def _secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("field", sa.String(255), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["uid"],
            ["resources.uid"],
            name="fk_secrets_uid_resources",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("uid", "field", name="pk_secrets"),
    )


def upgrade() -> None:
    """Make all tables."""
    _counter()
    _resources()
    _tombstones()
    _history()
    _secrets()


def downgrade() -> None:
    """Drop all tables."""
    for table in ("secrets", "decisions", "events", "tombstones", "resources", "counter"):
        op.drop_table(table)
