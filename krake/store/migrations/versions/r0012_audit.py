"""Who did what: an append-only table, guarded by triggers."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from krake.store.types import Key, Moment, Serial

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

_MESSAGE = "the audit is append-only: see krake audit prune"

_SQLITE = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    f"""CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
        WHEN OLD.at >= (SELECT before FROM audit_horizon WHERE id = 1)
        BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END""",
    # `INSERT OR REPLACE` would delete a row without asking the trigger for that.
    f"""CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
        WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END""",
    f"""CREATE TRIGGER audit_horizon_stays BEFORE DELETE ON audit_horizon
        BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END""",
)
_POSTGRESQL = (
    f"""CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit' THEN
                IF OLD.at < (SELECT before FROM audit_horizon WHERE id = 1) THEN RETURN OLD; END IF;
            END IF;
            RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
    "CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_guard()",
    "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
    """CREATE TRIGGER audit_horizon_stays BEFORE DELETE OR TRUNCATE ON audit_horizon
        FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()""",
)


def upgrade() -> None:
    """Add the tables and what guards them."""
    op.create_table(
        "audit",
        sa.Column("id", Serial, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("user", Key, nullable=False),
        sa.Column("verb", sa.String(32), nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("namespace", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("part", sa.String(64), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_user_id", "audit", ["user", "id"])
    op.create_index("ix_audit_kind_namespace_name_id", "audit", ["kind", "namespace", "name", "id"])
    horizon = op.create_table(
        "audit_horizon",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("before", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_horizon"),
    )
    op.bulk_insert(horizon, [{"id": 1, "before": datetime(1970, 1, 1, tzinfo=UTC)}])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Forget the audit."""
    op.drop_table("audit")
    op.drop_table("audit_horizon")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_guard()")
