"""A row leads to its delivery only for who may read the row's table: numbers of loads can be counted through by anyone."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# The function runs as its owner, so that the ledger stays closed; the right asked about is that of the login.
READABLE = "AND has_any_column_privilege(session_user, to_regclass(d.table_name), 'SELECT')"
DELIVERY_OF = """
CREATE OR REPLACE FUNCTION ledger.delivery_of(asked bigint) RETURNS TABLE (dataset text, ckan_resource text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.dataset, l.ckan_resource
    FROM ledger.load l JOIN ledger.dataset d ON d.table_name = l.table_name
    WHERE l.load_id = asked AND l.ckan_resource IS NOT NULL {readable}
$$
"""


def upgrade() -> None:
    op.execute(DELIVERY_OF.format(readable=READABLE))


def downgrade() -> None:
    op.execute(DELIVERY_OF.format(readable=""))
