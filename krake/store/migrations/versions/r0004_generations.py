"""What was desired of applications before: every generation of spec and labels, with who made it and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from krake.store.types import Document, Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, with the present generation of every application."""
    op.create_table(
        "generations",
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("generation", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("spec", Document, nullable=False),
        sa.Column("labels", Document, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("uid", "generation", name="pk_generations"),
    )
    op.create_index("ix_generations_at", "generations", ["at"])
    op.execute(
        "INSERT INTO generations (uid, generation, at, actor, cause, spec, labels, outcome, message) "
        "SELECT uid, generation, modified, '', '', spec, labels, '', '' FROM resources "
        "WHERE kind = 'Application' AND deleted IS NULL"
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("generations")
