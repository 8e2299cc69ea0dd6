"""Reports by obligation and first day, as the supply board reads them, and those that are not there yet."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INDEXES = """
CREATE INDEX report_by_start ON supply.report (obligation, starts);
CREATE INDEX report_not_received ON supply.report (obligation, starts) WHERE received_at IS NULL;
"""


def upgrade() -> None:
    op.execute(INDEXES)
