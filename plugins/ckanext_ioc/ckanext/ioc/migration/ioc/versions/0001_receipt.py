"""The table of receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes `ioc_receipt`; no foreign key, because a receipt outlives a purged resource until the next reconcile."""
    op.create_table(
        "ioc_receipt",
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("edition", sa.BigInteger),
        sa.Column("load_id", sa.BigInteger),
        sa.Column("file_sha256", sa.Text),
        sa.Column("rows_accepted", sa.BigInteger),
        sa.Column("rows_rejected", sa.BigInteger),
        sa.Column("refused_code", sa.Text),
        sa.Column("params", JSONB, nullable=False),
        sa.Column("problems", JSONB, nullable=False),
        sa.Column("problems_total", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("ioc_receipt")
