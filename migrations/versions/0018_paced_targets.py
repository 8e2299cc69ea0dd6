"""A target may be that of a whole year, which a period is held against by the share of the year that has passed."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PACED = """
ALTER TABLE indicator.target ADD COLUMN paced boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN indicator.target.paced IS 'Whether value and amber are of a whole year; a period has the part up to its end';
"""


def upgrade() -> None:
    op.execute(PACED)


def downgrade() -> None:
    op.execute("ALTER TABLE indicator.target DROP COLUMN paced")
