"""The ground: who may enter the database, and the group roles that grants are made to."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GROUPS = """
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ioc_reader', 'ioc_open', 'ioc_shared'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
END $$
"""

COMMENTS = """
DO $$ BEGIN
    EXECUTE 'COMMENT ON ROLE ioc_reader IS ''Every audience: units, agencies, periods, editions''';
    EXECUTE 'COMMENT ON ROLE ioc_open IS ''Every audience that reads open datasets''';
    EXECUTE 'COMMENT ON ROLE ioc_shared IS ''Every audience that reads shared datasets''';
END $$
"""

DATABASE = """
DO $$ BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO ioc_reader, ioc_loader', current_database());
END $$
"""

SCHEMAS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ioc_reader, ioc_loader;  -- PostGIS lives there
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE SCHEMA ref;
CREATE SCHEMA measure;
CREATE SCHEMA indicator;
CREATE SCHEMA supply;
CREATE SCHEMA operations;
CREATE SCHEMA feedback;
CREATE SCHEMA staging;
COMMENT ON SCHEMA ledger IS 'What was loaded, refused and withdrawn, and the chain of editions';
COMMENT ON SCHEMA ref IS 'Units, agencies and periods';
COMMENT ON SCHEMA measure IS 'Numbers over resources by unit, agency, period and breakdown';
COMMENT ON SCHEMA indicator IS 'Expressions over measures, and their targets';
COMMENT ON SCHEMA supply IS 'Who owes which delivery, when, and what happened';
COMMENT ON SCHEMA operations IS 'Directives and meetings';
COMMENT ON SCHEMA feedback IS 'Citizens'' cases';
COMMENT ON SCHEMA staging IS 'Rows of a delivery before the difference; empty outside a running load';
GRANT USAGE ON SCHEMA ledger, ref TO ioc_reader, ioc_loader;
GRANT USAGE ON SCHEMA measure, indicator, supply TO ioc_loader;
GRANT USAGE, CREATE ON SCHEMA staging TO ioc_loader;
"""


def upgrade() -> None:
    for statement in (GROUPS, COMMENTS, DATABASE, SCHEMAS):
        op.execute(statement)
