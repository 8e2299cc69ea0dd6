"""The tables of the desk: drafts of the form, and keys under which a delivery was called for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes `ioc_draft`, with one current draft of a dataset, agency and period, and `ioc_idempotency`."""
    op.create_table(
        "ioc_draft",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("fields", JSONB, nullable=False),
        sa.Column("rows", JSONB, nullable=False),
        sa.Column("contract_version", sa.Text),
        sa.Column("based_on", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_version", sa.BigInteger),
        sa.Column("sent_sha256", sa.Text),
        sa.Column("sent_resource", sa.Text),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
    )
    scope = ["dataset", "agency", "period"]
    op.create_index("ioc_draft_current", "ioc_draft", scope, unique=True, postgresql_where=sa.text("is_current"))
    op.create_index("ioc_draft_scope", "ioc_draft", scope)
    op.create_table(
        "ioc_idempotency",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("answer", JSONB),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("ioc_idempotency")
    op.drop_table("ioc_draft")
