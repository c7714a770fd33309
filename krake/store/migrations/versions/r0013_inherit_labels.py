"""Clusters that have the labels of the cloud that they are on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLES = ("resources", "tombstones")


def upgrade() -> None:
    """Add the column; nothing inherited before."""
    for table in _TABLES:
        op.add_column(
            table, sa.Column("inherit_labels", sa.Boolean, nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    """Forget who inherits."""
    for table in _TABLES:
        op.drop_column(table, "inherit_labels")
