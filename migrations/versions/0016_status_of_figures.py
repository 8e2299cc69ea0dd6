"""Cells keep how firm their figures are, and datasets what publications theirs were taken from."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATUS = """
ALTER TABLE measure.value ALTER COLUMN status SET DEFAULT 'official';
UPDATE measure.value SET status = 'official' WHERE status = 'final';
ALTER TABLE measure.value ADD CONSTRAINT value_status CHECK (status IN ('estimate', 'preliminary', 'official'));
COMMENT ON COLUMN measure.value.status IS 'The least firm of the rows that the cell is made of';
"""

# The view is as in 0009, but for the last column.
SOURCES = """
ALTER TABLE ledger.dataset ADD COLUMN sources text;
COMMENT ON COLUMN ledger.dataset.sources IS 'Publications that the numbers are taken from, in Vietnamese';
CREATE OR REPLACE VIEW ledger.source AS
    SELECT d.subsystem, d.dataset, d.title, d.title_en, d.title_fr, d.view_name, d.table_name, d.owner, d.access,
        c.last_loaded_at, c.edition,
        CASE WHEN NOT row_security_active(d.table_name) OR EXISTS (
            SELECT FROM pg_policy p
            WHERE p.polrelid = to_regclass(d.table_name) AND p.polname = 'readers'
                AND to_regrole(quote_ident(current_user)) = ANY (p.polroles)
        ) THEN coalesce(c.rows, 0)::bigint END AS rows,
        coalesce(c.simulated, false) AS simulated,
        CASE WHEN c.simulated IS NULL THEN 'Chưa có số liệu' WHEN c.simulated THEN 'Số liệu mô phỏng' ELSE 'Số liệu thật' END AS note,
        d.sources
    FROM ledger.dataset d
    CROSS JOIN LATERAL (
        SELECT max(x.committed_at) AS last_loaded_at, max(x.edition) AS edition, sum(x.added - x.removed) AS rows,
            bool_or(x.simulated) FILTER (WHERE x.is_last AND x.kind = 'file') AS simulated
        FROM (
            SELECT e.committed_at, e.edition, l.added, l.removed, l.simulated, l.kind,
                row_number() OVER (PARTITION BY l.scope ORDER BY e.edition DESC) = 1 AS is_last
            FROM ledger.load l JOIN ledger.edition e USING (load_id)
            WHERE l.table_name = d.table_name AND l.kind IN ('file', 'withdrawal', 'erasure')
        ) x
    ) c
    WHERE d.is_current AND has_any_column_privilege(d.table_name, 'SELECT');
"""


def upgrade() -> None:
    op.execute(STATUS)
    op.execute(SOURCES)
