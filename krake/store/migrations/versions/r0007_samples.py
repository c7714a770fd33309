"""The newest value of each metric."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from krake.store.types import Moment

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "samples",
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("at", Moment),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_samples"),
        sa.ForeignKeyConstraint(
            ["uid"],
            ["resources.uid"],
            name="fk_samples_uid_resources",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )


def downgrade() -> None:
    """Forget the values."""
    op.drop_table("samples")
