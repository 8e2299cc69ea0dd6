"""What is kept of a measure and of an indicator beside its expression: where it comes from, its name, and what makes it another."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DEFINITIONS = """
ALTER TABLE measure.definition
    ADD COLUMN contract text NOT NULL,
    ADD COLUMN resource text NOT NULL,
    ADD COLUMN dataset text NOT NULL,
    ADD COLUMN owner text NOT NULL,
    ADD COLUMN title text,
    ADD COLUMN title_en text,
    ADD COLUMN title_fr text,
    ADD COLUMN unit text,
    ADD COLUMN calendars text[] NOT NULL,
    ADD COLUMN breakdown text[] NOT NULL,
    ADD COLUMN condition text,
    ADD COLUMN as_of boolean NOT NULL,
    ADD COLUMN absent text NOT NULL CHECK (absent IN ('missing', 'zero')),
    ADD COLUMN tick text CHECK (tick IN ('hour', 'day')),
    ADD COLUMN meaning text NOT NULL;
COMMENT ON COLUMN measure.definition.measure IS 'Subsystem and name: health.new_cases';
COMMENT ON COLUMN measure.definition.condition IS 'Only rows that fulfil it are counted';
COMMENT ON COLUMN measure.definition.meaning IS 'Digest of all that its values follow from; with another one the measure is computed anew';

ALTER TABLE indicator.definition
    ADD COLUMN contract text NOT NULL,
    ADD COLUMN title text NOT NULL,
    ADD COLUMN title_en text,
    ADD COLUMN title_fr text,
    ADD COLUMN unit text NOT NULL,
    ADD COLUMN decimals integer NOT NULL,
    ADD COLUMN when_zero text,
    ADD COLUMN calendars text[] NOT NULL,
    ADD COLUMN measures text[] NOT NULL,
    ADD COLUMN access text NOT NULL CHECK (access IN ('open', 'shared', 'restricted')),
    ADD COLUMN declared text NOT NULL;
COMMENT ON COLUMN indicator.definition.indicator IS 'Subsystem and name: health.bed-occupancy';
COMMENT ON COLUMN indicator.definition.measures IS 'Full names of the measures that it is computed from';
COMMENT ON COLUMN indicator.definition.declared IS 'Digest of all that the contract says of it, its targets aside';
"""


def upgrade() -> None:
    op.execute(DEFINITIONS)
