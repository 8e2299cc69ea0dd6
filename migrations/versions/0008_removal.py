"""A contract that was removed is not current, and a file that was erased may be delivered again."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A removal is a load of kind contract without a contract's SHA-256.
CURRENT = """
CREATE OR REPLACE VIEW ledger.current_contract AS
    SELECT l.edition, l.name, c.sha256, c.major, c.minor, c.bytes
    FROM (
        SELECT DISTINCT ON (l.scope) e.edition, l.scope AS name, l.contract_sha256
        FROM ledger.load l JOIN ledger.edition e USING (load_id)
        WHERE l.kind = 'contract'
        ORDER BY l.scope, e.edition DESC
    ) l
    JOIN ledger.contract c ON c.sha256 = l.contract_sha256;
COMMENT ON VIEW ledger.current_contract IS 'Each contract as it was applied last, unless it was removed since';

GRANT UPDATE (first_seen, erased_at, erased_why) ON ledger.file TO ioc_loader;  -- an erased file that is delivered again
"""


def upgrade() -> None:
    op.execute(CURRENT)
