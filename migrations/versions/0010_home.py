"""What the home page shows of each subsystem: its name, and the figures that stand for it."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HOME = """
CREATE TABLE ledger.subsystem (
    subsystem text PRIMARY KEY,
    position integer NOT NULL,
    title text NOT NULL,
    title_en text,
    title_fr text,
    version text NOT NULL,
    datasets integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.subsystem IS 'Contracts that are applied, as the home page names them; written by apply';
COMMENT ON COLUMN ledger.subsystem.datasets IS 'All of the contract, those too that the reader may not read';
COMMENT ON COLUMN ledger.subsystem.applied_at IS 'When the contract was applied first; data has been waited for since then';

CREATE TABLE indicator.headline (
    subsystem text NOT NULL,
    position integer NOT NULL,
    indicator text NOT NULL,
    title text NOT NULL,
    title_en text,
    title_fr text,
    unit text NOT NULL,
    decimals integer NOT NULL,
    calendar text NOT NULL,
    view_name text NOT NULL,
    metric text NOT NULL,
    measures text[] NOT NULL,
    flows text[] NOT NULL,
    access text NOT NULL CHECK (access IN ('open', 'shared', 'restricted')),
    PRIMARY KEY (subsystem, position)
);
COMMENT ON TABLE indicator.headline IS 'Figures that stand for a subsystem: the tiles of its dashboard, in their order; written by apply';
COMMENT ON COLUMN indicator.headline.metric IS 'SQL over the columns of view_name, of one period';
COMMENT ON COLUMN indicator.headline.measures IS 'Full names of all measures it is computed from';
COMMENT ON COLUMN indicator.headline.flows IS 'Those whose cells say which periods have figures; the others stand until their next value';

GRANT SELECT ON ledger.subsystem, indicator.headline TO ioc_reader;
"""


def upgrade() -> None:
    op.execute(HOME)
