"""Measures, indicators, obligations: the tables that the next stages of the harvest fill."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MEASURE = """
CREATE TABLE measure.definition (
    measure text NOT NULL,
    table_name text NOT NULL,
    expression text,
    function text,
    calendar text NOT NULL,
    over_time text NOT NULL CHECK (over_time IN ('sum', 'last', 'mean', 'none')),
    over_units text NOT NULL CHECK (over_units IN ('sum', 'none')),
    access text NOT NULL CHECK (access IN ('open', 'shared', 'restricted')),
    load_id bigint NOT NULL,
    closed_by bigint,
    PRIMARY KEY (measure, load_id),
    CHECK (num_nonnulls(expression, function) = 1)
);
CREATE UNIQUE INDEX ON measure.definition (measure) WHERE closed_by IS NULL;

CREATE TABLE measure.value (
    unit_id text NOT NULL,
    measure text NOT NULL,
    agency text NOT NULL,
    calendar text NOT NULL,
    period text NOT NULL,
    breakdown text NOT NULL DEFAULT '',
    value numeric,
    n bigint,
    status text NOT NULL DEFAULT 'final',
    access text NOT NULL CHECK (access IN ('open', 'shared', 'restricted')),
    load_id bigint NOT NULL,
    closed_by bigint,
    PRIMARY KEY (unit_id, measure, agency, calendar, period, breakdown, load_id)
);
CREATE UNIQUE INDEX ON measure.value (unit_id, measure, agency, calendar, period, breakdown) WHERE closed_by IS NULL;
CREATE INDEX ON measure.value (measure, calendar, period) WHERE closed_by IS NULL;
CREATE INDEX ON measure.value (load_id) WHERE closed_by IS NULL;
COMMENT ON COLUMN measure.value.access IS 'Repeated from the definition, because row-level policies compare columns with literals';
"""

INDICATOR = """
CREATE TABLE indicator.definition (
    indicator text NOT NULL,
    expression text NOT NULL,
    scale numeric NOT NULL DEFAULT 1,
    direction text NOT NULL CHECK (direction IN ('up', 'down', 'none')),
    min_n bigint,
    load_id bigint NOT NULL,
    closed_by bigint,
    PRIMARY KEY (indicator, load_id)
);
CREATE UNIQUE INDEX ON indicator.definition (indicator) WHERE closed_by IS NULL;

CREATE TABLE indicator.target (
    unit_id text NOT NULL,
    indicator text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value numeric NOT NULL,
    amber numeric,
    basis jsonb NOT NULL,
    load_id bigint NOT NULL,
    closed_by bigint,
    PRIMARY KEY (unit_id, indicator, valid_from, load_id),
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX ON indicator.target (unit_id, indicator, valid_from) WHERE closed_by IS NULL;
"""

SUPPLY = """
CREATE TABLE supply.obligation (
    obligation text PRIMARY KEY,
    clause text NOT NULL,
    agency text NOT NULL,
    table_name text NOT NULL,
    calendar text NOT NULL,
    due_rule text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    CHECK (valid_to > valid_from)
);

CREATE TABLE supply.expected_report (
    expected_report bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    obligation text NOT NULL REFERENCES supply.obligation,
    period text NOT NULL,
    due_at timestamptz NOT NULL,
    UNIQUE (obligation, period)
);

CREATE TABLE supply.event (
    event bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    expected_report bigint NOT NULL REFERENCES supply.expected_report,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    load_id bigint,
    by text
);
COMMENT ON TABLE supply.event IS 'Append only; the state of an expected report is a function of its events up to a moment';
CREATE INDEX ON supply.event (expected_report, at);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE (closed_by) ON measure.definition, measure.value, indicator.definition, indicator.target TO ioc_loader;
GRANT SELECT, INSERT ON supply.expected_report, supply.event TO ioc_loader;
GRANT SELECT ON supply.obligation TO ioc_loader;
"""


def upgrade() -> None:
    for statement in (MEASURE, INDICATOR, SUPPLY, GRANTS):
        op.execute(statement)
