"""The schema `feedback` goes: it was empty, and the subsystem of citizens' feedback has its name. Cases belong to `operations`."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP SCHEMA feedback")
