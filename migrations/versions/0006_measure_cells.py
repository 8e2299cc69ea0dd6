"""Measures as they are kept: cells with the day on which their period begins, and how they are read over units and periods."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CELLS = """
ALTER TABLE measure.value ADD COLUMN starts date NOT NULL, ADD COLUMN dataset text NOT NULL;
COMMENT ON COLUMN measure.value.measure IS 'Subsystem and name: health.new_cases';
COMMENT ON COLUMN measure.value.starts IS 'First day of the period';
COMMENT ON COLUMN measure.value.dataset IS 'CKAN dataset it is computed from; repeated, since policies compare columns with literals';
COMMENT ON COLUMN measure.value.breakdown IS 'jsonb of columns and values as text; empty for a measure without breakdown';
COMMENT ON COLUMN measure.value.n IS 'Rows that the value was computed from';
DROP INDEX measure.value_measure_calendar_period_idx, measure.value_unit_id_measure_agency_calendar_period_breakdown_idx;
CREATE UNIQUE INDEX value_open ON measure.value (measure, calendar, unit_id, starts, agency, breakdown) WHERE closed_by IS NULL;
COMMENT ON INDEX measure.value_open IS 'One open cell a key (starts says which period it is); a load finds the cells of a unit by it';
CREATE INDEX value_of_period ON measure.value (measure, calendar, starts, unit_id) WHERE closed_by IS NULL;
CREATE INDEX value_closed ON measure.value (closed_by) WHERE closed_by IS NOT NULL;
"""

# The same periods as datasets.model.period, as expressions that PostgreSQL puts into the query that calls them.
PERIODS = """
CREATE FUNCTION ref.period_starts(calendar text, day date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE calendar
        WHEN 'day' THEN day
        WHEN 'week' THEN date_trunc('week', day::timestamp)::date
        WHEN 'month' THEN date_trunc('month', day::timestamp)::date
        WHEN 'quarter' THEN date_trunc('quarter', day::timestamp)::date
        WHEN 'year' THEN date_trunc('year', day::timestamp)::date
        WHEN 'administrative-month' THEN date_trunc('month', (day - 14)::timestamp)::date + 14
        WHEN 'administrative-quarter'
            THEN (date_trunc('quarter', (day - 14)::timestamp + interval '1 month') - interval '1 month')::date + 14
        WHEN 'administrative-year'
            THEN (date_trunc('year', (day - 14)::timestamp + interval '1 month') - interval '1 month')::date + 14
        WHEN 'school-year' THEN (date_trunc('year', day::timestamp - interval '7 months') + interval '7 months')::date
    END
$$;
COMMENT ON FUNCTION ref.period_starts IS
    'First day of the period in which the day lies; null for a calendar that does not exist';

CREATE FUNCTION ref.period_text(calendar text, starts date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE calendar
        WHEN 'day' THEN to_char(starts, 'YYYY-MM-DD')
        WHEN 'week' THEN to_char(starts, 'IYYY-"W"IW')
        WHEN 'month' THEN to_char(starts, 'YYYY-MM')
        WHEN 'quarter' THEN to_char(starts, 'YYYY-"Q"Q')
        WHEN 'year' THEN to_char(starts, 'YYYY')
        WHEN 'administrative-month' THEN to_char(starts + interval '1 month', 'YYYY-MM"A"')
        WHEN 'administrative-quarter' THEN to_char(starts + interval '1 month', 'YYYY-"Q"Q"A"')
        WHEN 'administrative-year' THEN to_char(starts + interval '1 month', 'YYYY"A"')
        WHEN 'school-year' THEN to_char(starts, 'YYYY-') || to_char(starts + interval '1 year', 'YYYY')
    END
$$;
COMMENT ON FUNCTION ref.period_text IS 'How the period of the calendar that begins on this day is written';
"""

# STRICT and INITCOND: a wide view's row fills one column, so that most rows are null here; they are skipped without a call.
PERIOD_ENDS = """
CREATE FUNCTION ref.period_ends(calendar text, starts date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN calendar = 'day' THEN starts + 1
        WHEN calendar = 'week' THEN starts + 7
        WHEN calendar IN ('month', 'administrative-month') THEN (starts::timestamp + interval '1 month')::date
        WHEN calendar IN ('quarter', 'administrative-quarter') THEN (starts::timestamp + interval '3 months')::date
        WHEN calendar IN ('year', 'administrative-year', 'school-year') THEN (starts::timestamp + interval '1 year')::date
    END
$$;
COMMENT ON FUNCTION ref.period_ends IS 'First day after the period of the calendar that begins on this day';
"""

AGGREGATES = """
CREATE TYPE measure.last_total AS (starts date, total numeric);
CREATE FUNCTION measure.add_to_last(so_far measure.last_total, value numeric, starts date) RETURNS measure.last_total
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF starts < so_far.starts THEN RETURN so_far; END IF;
    IF starts = so_far.starts THEN RETURN (starts, so_far.total + value)::measure.last_total; END IF;
    RETURN (starts, value)::measure.last_total;
END $$;
CREATE FUNCTION measure.total_of_last(state measure.last_total) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT state.total $$;
CREATE AGGREGATE measure.sum_of_last(numeric, date) (
    SFUNC = measure.add_to_last, STYPE = measure.last_total, INITCOND = '(,)', FINALFUNC = measure.total_of_last, PARALLEL = SAFE
);
COMMENT ON AGGREGATE measure.sum_of_last(numeric, date) IS
    'A stock over several periods: the sum of the values of the last period that has any';

CREATE TYPE measure.broadest_value AS (starts date, breadth integer, value numeric, several boolean);
CREATE FUNCTION measure.keep_broadest(so_far measure.broadest_value, value numeric, starts date, breadth integer)
RETURNS measure.broadest_value
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF starts < so_far.starts OR (starts = so_far.starts AND breadth > so_far.breadth) THEN RETURN so_far; END IF;
    IF starts = so_far.starts AND breadth = so_far.breadth THEN
        RETURN (starts, breadth, so_far.value, true)::measure.broadest_value;
    END IF;
    RETURN (starts, breadth, value, false)::measure.broadest_value;
END $$;
CREATE FUNCTION measure.value_of_broadest(state measure.broadest_value) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN NOT state.several THEN state.value END $$;
CREATE AGGREGATE measure.broadest(numeric, date, integer) (
    SFUNC = measure.keep_broadest, STYPE = measure.broadest_value, INITCOND = '(,,,)', FINALFUNC = measure.value_of_broadest,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE measure.broadest(numeric, date, integer) IS
    'What does not add: the value of the last period that covers most (least breadth); null when several parts would have to be added';
"""

GRANTS = """
GRANT USAGE ON SCHEMA measure, indicator TO ioc_reader;
GRANT SELECT ON measure.value, measure.definition, indicator.definition, indicator.target TO ioc_reader;
GRANT EXECUTE ON FUNCTION ref.period_starts(text, date), ref.period_ends(text, date), ref.period_text(text, date)
    TO ioc_reader, ioc_loader;
GRANT EXECUTE ON FUNCTION measure.add_to_last(measure.last_total, numeric, date), measure.total_of_last(measure.last_total),
    measure.keep_broadest(measure.broadest_value, numeric, date, integer), measure.value_of_broadest(measure.broadest_value)
    TO ioc_reader, ioc_loader;
GRANT EXECUTE ON FUNCTION measure.sum_of_last(numeric, date), measure.broadest(numeric, date, integer) TO ioc_reader, ioc_loader;
"""

# Nobody but the loader reads a measure unless a policy, which apply makes from the contracts, lets them.
POLICIES = """
ALTER TABLE measure.value ENABLE ROW LEVEL SECURITY;
CREATE POLICY loader ON measure.value TO ioc_loader USING (true) WITH CHECK (true);
CREATE POLICY open ON measure.value FOR SELECT TO ioc_open USING (access = 'open');
CREATE POLICY shared ON measure.value FOR SELECT TO ioc_shared USING (access = 'shared');
"""


# The harvest computes cells in temporary tables.
DATABASE = """
DO $$ BEGIN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO ioc_loader', current_database());
END $$
"""


def upgrade() -> None:
    for statement in (CELLS, PERIODS, PERIOD_ENDS, AGGREGATES, GRANTS, POLICIES, DATABASE):
        op.execute(statement)
