"""How far the harvest is with each delivery: so that Redis may forget, and a killed worker's work is found again."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE ledger.delivery (
    ckan_resource text PRIMARY KEY,
    dataset text NOT NULL,
    dataset_id text NOT NULL,
    contract_resource text NOT NULL,
    agency text NOT NULL,
    fingerprint text NOT NULL,
    state text NOT NULL CHECK (state IN ('checking', 'done', 'done_with_rejects', 'refused', 'failed', 'withdrawn')),
    generation integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    next_try_at timestamptz,
    error text,
    etag text,
    file_sha256 text,
    contract_sha256 text,
    receipt jsonb,
    receipt_sent_at timestamptz
);
COMMENT ON TABLE ledger.delivery IS 'Each resource of CKAN as the harvest last saw it; what is not ended is begun again by the poll';
COMMENT ON COLUMN ledger.delivery.fingerprint IS 'What CKAN said of it when it was begun; an equal one that has ended needs no work';
COMMENT ON COLUMN ledger.delivery.generation IS 'Counts its withdrawals, so that a file that comes back is another job';
COMMENT ON COLUMN ledger.delivery.attempts IS 'Times begun since fingerprint or contract changed; too many without an end is a failure';
COMMENT ON COLUMN ledger.delivery.receipt_sent_at IS 'When CKAN took the receipt; the poll sends again what it did not take';
CREATE INDEX ON ledger.delivery (dataset_id);

CREATE TABLE ledger.cursor (
    name text PRIMARY KEY,
    value text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger.cursor IS 'How far a recurring search has come; `at` is its heartbeat';

GRANT SELECT, INSERT, UPDATE ON ledger.delivery, ledger.cursor TO ioc_loader;
"""


def upgrade() -> None:
    op.execute(TABLES)
