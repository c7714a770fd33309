"""Requests that are not in the spec count as something left to do; objects that were left behind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from krake.store.types import Key, Moment, Serial

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BEFORE = "deleted IS NOT NULL OR observed_generation < generation"
_AFTER = f"{_BEFORE} OR requested > 0"


def _index(condition: str) -> None:
    pending = sa.text(condition)
    op.create_index(
        "ix_resources_pending", "resources", ["revision"], sqlite_where=pending, postgresql_where=pending
    )


def _orphans() -> None:
    op.create_table(
        "orphans",
        sa.Column("id", Serial, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("namespace", Key, nullable=False),
        sa.Column("cluster", Key, nullable=False),
        sa.Column("cluster_uid", sa.String(36), nullable=False),
        sa.Column("application", Key, nullable=False),
        sa.Column("application_uid", sa.String(36), nullable=False),
        sa.Column("api_version", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("object_namespace", sa.Text),
        sa.Column("object_name", sa.Text, nullable=False),
        sa.Column("object_uid", sa.String(36), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orphans"),
    )
    op.create_index("ix_orphans_cluster_uid", "orphans", ["cluster_uid"])
    op.create_index("ix_orphans_application_uid", "orphans", ["application_uid"])


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("resources", sa.Column("requested", sa.Integer, nullable=False, server_default="0"))
    op.drop_index("ix_resources_pending", "resources")
    _index(_AFTER)
    _orphans()


def downgrade() -> None:
    """Drop them; what was requested is forgotten."""
    op.drop_table("orphans")
    op.drop_index("ix_resources_pending", "resources")
    _index(_BEFORE)
    op.drop_column("resources", "requested")
