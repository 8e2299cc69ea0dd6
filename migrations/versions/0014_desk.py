"""The desk service's login reads the ledger, what agencies owe, units and agencies; contract tables are granted to it by apply."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# `ioc up` makes it with a password before the migrations; elsewhere it waits for one.
ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ioc_desk') THEN
        CREATE ROLE ioc_desk NOLOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO ioc_desk', current_database());
END $$
"""

GRANTS = """
GRANT USAGE ON SCHEMA ledger, ref, supply TO ioc_desk;
GRANT SELECT ON ledger.contract, ledger.current_contract, ledger.dataset, ledger.load, ledger.edition, ledger.current_load TO ioc_desk;
GRANT SELECT (unit_id, code, valid_from, valid_to, level, parent, name, name_en, lon, lat) ON ref.unit TO ioc_desk;
GRANT SELECT (agency, title, title_en, title_fr, kind, parent, unit) ON ref.agency TO ioc_desk;
GRANT SELECT ON supply.state, supply.obligation, supply.report, supply.event, supply.clock TO ioc_desk;
GRANT EXECUTE ON FUNCTION supply.now(), supply.punctuality(timestamptz, timestamptz, timestamptz, timestamptz) TO ioc_desk;
"""


def upgrade() -> None:
    op.execute(ROLE)
    op.execute(GRANTS)
