"""Static tokens, by their digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from krake.store.types import Document, Key, Moment

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "tokens",
        sa.Column("name", Key, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("member_of", Document, nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.Column("expires", Moment),
        sa.Column("last_part", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tokens"),
    )
    op.create_index("uq_tokens_digest", "tokens", ["digest"], unique=True)


def downgrade() -> None:
    """Forget all tokens."""
    op.drop_table("tokens")
