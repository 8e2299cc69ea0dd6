"""A row leads to its delivery: every audience may ask which dataset and which delivery of the portal a load was of.

What stands there is the portal's to show or not; the ledger itself stays closed.
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

DELIVERY_OF = """
CREATE FUNCTION ledger.delivery_of(asked bigint) RETURNS TABLE (dataset text, ckan_resource text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.dataset, l.ckan_resource
    FROM ledger.load l JOIN ledger.dataset d ON d.table_name = l.table_name
    WHERE l.load_id = asked AND l.ckan_resource IS NOT NULL
$$;
COMMENT ON FUNCTION ledger.delivery_of IS 'Dataset and delivery in the portal of a load';
REVOKE EXECUTE ON FUNCTION ledger.delivery_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.delivery_of(bigint) TO ioc_reader;
"""


def upgrade() -> None:
    op.execute(DELIVERY_OF)


def downgrade() -> None:
    op.execute("DROP FUNCTION ledger.delivery_of(bigint)")
