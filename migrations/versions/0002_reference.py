"""Units, agencies and periods."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE ref.unit (
    unit_id text PRIMARY KEY,
    code text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    level text NOT NULL CHECK (level IN ('country', 'province', 'district', 'commune')),
    parent text REFERENCES ref.unit DEFERRABLE INITIALLY DEFERRED,
    name text NOT NULL,
    name_en text,
    lon double precision,
    lat double precision,
    geom geometry(Geometry, 4326),
    geom_source text CHECK (geom_source IN ('schematic', 'boundaries')),
    CHECK (valid_to > valid_from),
    CHECK ((geom IS NULL) = (geom_source IS NULL)),
    UNIQUE (code, level, valid_from)
);
COMMENT ON COLUMN ref.unit.unit_id IS 'Code and the month in which the unit began: 17011.202507';
COMMENT ON COLUMN ref.unit.valid_to IS 'First day on which it is no longer valid';
COMMENT ON COLUMN ref.unit.geom_source IS 'schematic: a cell around the centroid; boundaries: delivered, never overwritten by apply';
CREATE INDEX ON ref.unit (parent);
CREATE INDEX ON ref.unit USING gist (geom);

CREATE TABLE ref.unit_group (
    group_id text NOT NULL,
    unit_id text NOT NULL REFERENCES ref.unit,
    title text NOT NULL,
    title_en text,
    title_fr text,
    PRIMARY KEY (group_id, unit_id)
);

CREATE TABLE ref.crosswalk (
    from_unit text NOT NULL REFERENCES ref.unit,
    to_unit text NOT NULL REFERENCES ref.unit,
    weight double precision NOT NULL CHECK (weight > 0 AND weight <= 1),
    method text NOT NULL,
    PRIMARY KEY (from_unit, to_unit)
);

CREATE TABLE ref.period (
    calendar text NOT NULL,
    period text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    PRIMARY KEY (calendar, period),
    UNIQUE (calendar, starts),
    CHECK (ends > starts)
);
COMMENT ON COLUMN ref.period.ends IS 'First day after the period';

CREATE TABLE ref.agency (
    agency text PRIMARY KEY,
    title text NOT NULL,
    title_en text,
    title_fr text,
    kind text NOT NULL,
    parent text REFERENCES ref.agency DEFERRABLE INITIALLY DEFERRED,
    unit text,
    email text
);
COMMENT ON COLUMN ref.agency.agency IS 'Name of the organisation in CKAN';

GRANT SELECT ON ALL TABLES IN SCHEMA ref TO ioc_reader, ioc_loader;
REVOKE SELECT ON ref.agency FROM ioc_reader;
GRANT SELECT (agency, title, title_en, title_fr, kind, parent, unit) ON ref.agency TO ioc_reader;
GRANT UPDATE (geom, geom_source) ON ref.unit TO ioc_loader;  -- delivered boundaries
"""


def upgrade() -> None:
    op.execute(TABLES)
