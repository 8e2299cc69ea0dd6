"""Closed cells are found by measure and period, as open ones are: what an edition of before showed."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEX = "CREATE INDEX value_past ON measure.value (measure, calendar, starts) WHERE closed_by IS NOT NULL"


def upgrade() -> None:
    op.execute(INDEX)
