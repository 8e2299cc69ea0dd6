"""The home page judges its figures as tiles do: it is told what they are held against and what they are made of."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

JUDGED = """
ALTER TABLE indicator.headline
    ADD COLUMN beside jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN look jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN indicator.headline.beside IS
    'SQL over the columns of view_name, of one period, by name: target, numerator, denominator, and firmness (1 estimate to 3 official)';
COMMENT ON COLUMN indicator.headline.look IS 'How the figure is judged and written: what its tile is told, by the same names'
"""


def upgrade() -> None:
    op.execute(JUDGED)


def downgrade() -> None:
    op.execute("ALTER TABLE indicator.headline DROP COLUMN beside, DROP COLUMN look")
