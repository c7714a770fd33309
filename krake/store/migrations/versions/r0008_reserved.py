"""What is reserved on each cluster, summed over its applications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table. Applications that run already are counted from their next placement on."""
    op.create_table(
        "reserved",
        sa.Column("cluster_uid", sa.String(36), nullable=False),
        sa.Column("dimension", sa.String(255), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("cluster_uid", "dimension", name="pk_reserved"),
    )


def downgrade() -> None:
    """Forget the sums."""
    op.drop_table("reserved")
