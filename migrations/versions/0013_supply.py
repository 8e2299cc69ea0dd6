"""Supply: what each agency owes, the reports expected of it, what happened to them, and the state that follows."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Tables of the same names that nothing ever wrote to.
BEFORE = "DROP TABLE supply.event, supply.expected_report, supply.obligation"

TABLES = """
CREATE TABLE supply.clock (
    at timestamptz NOT NULL,
    is_set boolean PRIMARY KEY DEFAULT true CHECK (is_set)
);
COMMENT ON TABLE supply.clock IS 'A moment to take for now, in tests and demonstrations; no row: the time of day';

CREATE TABLE supply.obligation (
    obligation text PRIMARY KEY,
    contract text NOT NULL,
    dataset text NOT NULL,
    view_name text NOT NULL,
    subsystem text NOT NULL,
    agency text NOT NULL,
    clause text NOT NULL,
    calendar text NOT NULL,
    due_rule text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('whole', 'period', 'addition')),
    access text NOT NULL CHECK (access IN ('open', 'shared', 'restricted')),
    steward text NOT NULL,
    localities boolean NOT NULL DEFAULT false,
    title text NOT NULL,
    title_en text,
    title_fr text,
    valid_from date NOT NULL,
    valid_to date,
    first_seen date NOT NULL,
    made_until date,
    UNIQUE (dataset, agency)
);
COMMENT ON TABLE supply.obligation IS 'dataset@agency: what a publisher owes, by which clause and when; written by apply';
COMMENT ON COLUMN supply.obligation.valid_from IS 'The first report is that of the period which holds this day';
COMMENT ON COLUMN supply.obligation.valid_to IS 'Periods that begin on this day or later are not owed';
COMMENT ON COLUMN supply.obligation.first_seen IS 'Day on which apply first saw it: owed from then on, unless the contract says since when';
COMMENT ON COLUMN supply.obligation.made_until IS 'End (exclusive) of the last period whose report was made ahead';

CREATE TABLE supply.report (
    report bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    obligation text NOT NULL REFERENCES supply.obligation,
    period text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    due_at timestamptz NOT NULL,
    received_at timestamptz,
    checked_at timestamptz,
    quality text NOT NULL DEFAULT 'none' CHECK (quality IN ('none', 'accepted', 'accepted_with_rejects', 'refused')),
    is_zero boolean NOT NULL DEFAULT false,
    load_id bigint,
    edition bigint,
    ckan_resource text,
    rows_accepted bigint,
    rows_rejected bigint,
    refused_code text,
    units_present integer,
    units_expected integer,
    simulated boolean NOT NULL DEFAULT false,
    zero_by text,
    excused_until timestamptz,
    excused_by text,
    excuse_reason text,
    last_event bigint,
    UNIQUE (obligation, period),
    CHECK (ends > starts)
);
COMMENT ON TABLE supply.report IS 'One delivery that is owed for one period; from received_at on a fold of its events, kept by a trigger';
COMMENT ON COLUMN supply.report.ends IS 'First day after the period';
COMMENT ON COLUMN supply.report.received_at IS 'When the first acceptance came that still stands; a later correction does not move it';
COMMENT ON COLUMN supply.report.load_id IS 'Load of the last acceptance that stands, else of the last refusal';
COMMENT ON COLUMN supply.report.excused_until IS 'End of the last excuse, unless it was ended';
CREATE INDEX ON supply.report (starts);
CREATE INDEX ON supply.report (due_at) WHERE received_at IS NULL;
CREATE INDEX ON supply.report (load_id) WHERE load_id IS NOT NULL;

CREATE TABLE supply.event (
    event bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report bigint NOT NULL REFERENCES supply.report,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('accepted', 'zero', 'refused', 'withdrawn', 'excused', 'excuse_ended')),
    received_at timestamptz,
    load_id bigint,
    ckan_resource text,
    by text,
    until timestamptz,
    note text,
    details jsonb NOT NULL DEFAULT '{}',
    CHECK ((kind IN ('accepted', 'zero')) <= (received_at IS NOT NULL AND load_id IS NOT NULL)),
    CHECK ((kind = 'excused') = (until IS NOT NULL)),
    CHECK ((kind IN ('zero', 'excused', 'excuse_ended')) <= (by IS NOT NULL))
);
COMMENT ON TABLE supply.event IS 'Append only; the state of a report is a function of its events up to a moment, in their order';
COMMENT ON COLUMN supply.event.at IS 'Never before the event before it of the same report, even when the clock moved back';
COMMENT ON COLUMN supply.event.details IS 'accepted and rejected rows, refused_code, units_present, units_expected, simulated, again';
CREATE INDEX ON supply.event (report, event);
CREATE UNIQUE INDEX event_of_a_load ON supply.event (load_id, report, kind) WHERE load_id IS NOT NULL AND NOT details ? 'again';

CREATE TABLE supply.rests_on (
    indicator text NOT NULL,
    dataset text NOT NULL,
    as_of boolean NOT NULL,
    PRIMARY KEY (indicator, dataset)
);
COMMENT ON TABLE supply.rests_on IS 'Datasets that an indicator is computed from; written by apply';
COMMENT ON COLUMN supply.rests_on.as_of IS 'Whether only stocks are read from it, which stand until their next value';
CREATE INDEX ON supply.rests_on (dataset);

ALTER TABLE ledger.load ADD COLUMN received_at timestamptz, ADD COLUMN report_period text;
COMMENT ON COLUMN ledger.load.received_at IS 'When the publisher uploaded it';
COMMENT ON COLUMN ledger.load.report_period IS 'Period of the report that it was delivered for';
"""

CLOCK = """
CREATE FUNCTION supply.now() RETURNS timestamptz
LANGUAGE sql STABLE AS $$ SELECT coalesce((SELECT c.at FROM supply.clock c), clock_timestamp()) $$;
COMMENT ON FUNCTION supply.now IS 'The moment for which states are told';
"""

# One place says what events come to; trigger, states_at and tests use it.
FOLD = """
CREATE FUNCTION supply.folds(moment timestamptz, only_report bigint DEFAULT NULL) RETURNS TABLE (
    report bigint, received_at timestamptz, checked_at timestamptz, quality text, is_zero boolean, load_id bigint, ckan_resource text,
    rows_accepted bigint, rows_rejected bigint, refused_code text, units_present integer, units_expected integer, simulated boolean,
    zero_by text, excused_until timestamptz, excused_by text, excuse_reason text, last_event bigint)
LANGUAGE sql STABLE AS $$
    WITH upto AS (
        SELECT e.report, e.event, e.kind,
            coalesce(max(e.event) FILTER (WHERE e.kind = 'withdrawn') OVER (PARTITION BY e.report), 0) AS withdrawn
        FROM supply.event e WHERE e.at <= moment AND (only_report IS NULL OR e.report = only_report)
    ), chosen AS (
        SELECT u.report,
            min(u.event) FILTER (WHERE u.kind IN ('accepted', 'zero') AND u.event > u.withdrawn) AS first_standing,
            max(u.event) FILTER (WHERE u.kind IN ('accepted', 'zero') AND u.event > u.withdrawn) AS last_standing,
            max(u.event) FILTER (WHERE u.kind = 'refused' AND u.event > u.withdrawn) AS refused,
            max(u.event) FILTER (WHERE u.kind IN ('excused', 'excuse_ended')) AS excuse,
            max(u.event) AS last_event
        FROM upto u GROUP BY u.report
    )
    SELECT c.report, f.received_at, l.at,
        CASE
            WHEN l.event IS NULL THEN 'none'
            WHEN l.kind = 'refused' THEN 'refused'
            WHEN coalesce((l.details ->> 'rejected')::bigint, 0) > 0 THEN 'accepted_with_rejects'
            ELSE 'accepted'
        END,
        coalesce(l.kind = 'zero', false), l.load_id, l.ckan_resource,
        (l.details ->> 'accepted')::bigint, (l.details ->> 'rejected')::bigint, l.details ->> 'refused_code',
        (l.details ->> 'units_present')::integer, (l.details ->> 'units_expected')::integer,
        coalesce((l.details ->> 'simulated')::boolean, false),
        CASE WHEN l.kind = 'zero' THEN l.by END,
        x.until, CASE WHEN x.kind = 'excused' THEN x.by END, CASE WHEN x.kind = 'excused' THEN x.note END, c.last_event
    FROM chosen c
    LEFT JOIN supply.event f ON f.event = c.first_standing
    LEFT JOIN supply.event l ON l.event = coalesce(c.last_standing, c.refused)
    LEFT JOIN supply.event x ON x.event = c.excuse
$$;
COMMENT ON FUNCTION supply.folds IS 'What the events up to a moment come to, for each report that has any';
"""

TRIGGERS = """
CREATE FUNCTION supply.in_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before timestamptz;
BEGIN
    PERFORM FROM supply.report r WHERE r.report = NEW.report FOR UPDATE;
    SELECT e.at INTO before FROM supply.event e WHERE e.report = NEW.report ORDER BY e.event DESC LIMIT 1;
    NEW.at := greatest(coalesce(NEW.at, supply.now()), before);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION supply.in_order IS 'Events of one report wait for each other, and their moments never go back';

CREATE FUNCTION supply.fold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE supply.report r SET
        received_at = f.received_at, checked_at = f.checked_at, quality = f.quality, is_zero = f.is_zero, load_id = f.load_id,
        edition = (SELECT e.edition FROM ledger.edition e WHERE e.load_id = f.load_id AND f.quality <> 'refused'),
        ckan_resource = f.ckan_resource, rows_accepted = f.rows_accepted, rows_rejected = f.rows_rejected,
        refused_code = f.refused_code, units_present = f.units_present, units_expected = f.units_expected, simulated = f.simulated,
        zero_by = f.zero_by, excused_until = f.excused_until, excused_by = f.excused_by, excuse_reason = f.excuse_reason,
        last_event = f.last_event
    FROM supply.folds('infinity', NEW.report) f WHERE r.report = f.report;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION supply.fold IS 'Keeps in the report what its events come to';

CREATE FUNCTION supply.number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE supply.report r SET edition = NEW.edition WHERE r.load_id = NEW.load_id AND r.quality <> 'refused';
    RETURN NULL;
END $$;
COMMENT ON FUNCTION supply.number IS 'The load gets its edition after its event';

CREATE FUNCTION supply.never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are appended, never changed';
END $$;

CREATE TRIGGER in_order BEFORE INSERT ON supply.event FOR EACH ROW EXECUTE FUNCTION supply.in_order();
CREATE TRIGGER fold AFTER INSERT ON supply.event FOR EACH ROW EXECUTE FUNCTION supply.fold();
CREATE TRIGGER never BEFORE UPDATE ON supply.event FOR EACH ROW EXECUTE FUNCTION supply.never();
CREATE TRIGGER number AFTER INSERT ON ledger.edition FOR EACH ROW EXECUTE FUNCTION supply.number();
"""

# Simple enough to be written into the query that calls it. The day before the due moment is 24 hours everywhere.
STATE = """
CREATE FUNCTION supply.punctuality(due_at timestamptz, received_at timestamptz, excused_until timestamptz, moment timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN received_at <= due_at OR received_at <= excused_until THEN 'on_time'
        WHEN received_at IS NOT NULL THEN 'late'
        WHEN moment < due_at - interval '24 hours' THEN 'not_due'
        WHEN moment <= due_at THEN 'due_soon'
        WHEN moment <= excused_until THEN 'excused'
        ELSE 'missing'
    END
$$;
COMMENT ON FUNCTION supply.punctuality IS 'not_due, due_soon, on_time, late, missing or excused';
"""

COLUMNS = """
    o.obligation, o.contract, o.dataset, o.view_name, o.subsystem, o.agency, o.clause, o.calendar, o.due_rule, o.scope, o.access,
    o.localities, o.title, o.title_en, o.title_fr, o.valid_from, o.valid_to,
    r.report, r.period, r.starts, r.ends, r.due_at, r.received_at, r.checked_at, r.quality, r.is_zero, r.load_id, r.edition,
    r.ckan_resource, r.rows_accepted, r.rows_rejected, r.units_present, r.units_expected, r.simulated, r.excused_until, r.last_event,
    a.title AS agency_title, a.title_en AS agency_title_en, a.title_fr AS agency_title_fr"""
PERSONS_AND_REASONS = ", o.steward, r.refused_code, r.zero_by, r.excused_by, r.excuse_reason"
# The moment is asked once for the query, not for each report.
BODY = """
    SELECT s.*,
        s.due_at <= s.moment AND s.punctuality <> 'excused' AS is_expected,
        s.due_at <= s.moment AND s.received_at IS NOT NULL AS is_received,
        s.due_at <= s.moment AND s.punctuality = 'on_time' AS is_on_time
    FROM (
        SELECT {columns},
            n.moment, supply.punctuality(r.due_at, r.received_at, r.excused_until, n.moment) AS punctuality
        FROM supply.report r
        JOIN supply.obligation o ON o.obligation = r.obligation
        LEFT JOIN ref.agency a ON a.agency = o.agency
        CROSS JOIN (SELECT supply.now() AS moment OFFSET 0) n{condition}
    ) s;
"""

# A definer view over one of the invoker's would ask for the invoker's rights, so each reads the tables itself.
VIEWS = f"""
CREATE VIEW supply.state WITH (security_invoker = true) AS{BODY.format(columns=COLUMNS + PERSONS_AND_REASONS, condition="")}
COMMENT ON VIEW supply.state IS 'Each expected report as it stands now; is_expected, is_received and is_on_time are what rates count';

CREATE VIEW supply.state__open AS{BODY.format(columns=COLUMNS, condition=" WHERE o.access = 'open'")}
COMMENT ON VIEW supply.state__open IS 'The same of open datasets, without persons and reasons';

CREATE VIEW supply.rests_on__open AS
    SELECT t.indicator, t.dataset, t.as_of FROM supply.rests_on t
    WHERE EXISTS (SELECT FROM ledger.dataset d WHERE d.dataset = t.dataset AND d.is_current AND d.access = 'open');
COMMENT ON VIEW supply.rests_on__open IS 'Open datasets that an indicator is computed from';

CREATE VIEW supply.rate WITH (security_invoker = true) AS
    SELECT s.subsystem, s.agency, s.dataset, to_char(s.due_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM') AS month,
        count(*) AS expected, count(*) FILTER (WHERE s.is_received) AS received, count(*) FILTER (WHERE s.is_on_time) AS on_time
    FROM supply.state s WHERE s.is_expected GROUP BY 1, 2, 3, 4;
COMMENT ON VIEW supply.rate IS 'Reports due in a month (Vietnam): expected, received, on time; a late one is received, not on time';
"""  # noqa: S608 - no value from outside

STATES_AT = """
CREATE FUNCTION supply.states_at(moment timestamptz) RETURNS TABLE (
    report bigint, obligation text, dataset text, agency text, subsystem text, period text, due_at timestamptz, punctuality text,
    quality text, is_zero boolean, received_at timestamptz, excused_until timestamptz, excused_by text, load_id bigint,
    is_expected boolean, is_received boolean, is_on_time boolean)
LANGUAGE sql STABLE AS $$
    SELECT s.report, s.obligation, s.dataset, s.agency, s.subsystem, s.period, s.due_at, s.punctuality, s.quality, s.is_zero,
        s.received_at, s.excused_until, s.excused_by, s.load_id,
        s.due_at <= moment AND s.punctuality <> 'excused',
        s.due_at <= moment AND s.received_at IS NOT NULL,
        s.due_at <= moment AND s.punctuality = 'on_time'
    FROM (
        SELECT r.report, r.obligation, o.dataset, o.agency, o.subsystem, r.period, r.due_at,
            supply.punctuality(r.due_at, f.received_at, f.excused_until, moment) AS punctuality,
            coalesce(f.quality, 'none') AS quality, coalesce(f.is_zero, false) AS is_zero, f.received_at, f.excused_until, f.excused_by,
            f.load_id
        FROM supply.report r
        JOIN supply.obligation o ON o.obligation = r.obligation
        LEFT JOIN supply.folds(moment) f ON f.report = r.report
    ) s
$$;
COMMENT ON FUNCTION supply.states_at IS 'The states at a moment, from the events up to then alone';
"""

# States are for all officials; the public gets what tiles over open datasets need.
GRANTS = """
GRANT USAGE ON SCHEMA supply TO ioc_reader;
GRANT SELECT ON supply.clock TO ioc_reader, ioc_loader;
GRANT EXECUTE ON FUNCTION supply.now(), supply.punctuality(timestamptz, timestamptz, timestamptz, timestamptz) TO ioc_reader, ioc_loader;
GRANT SELECT ON supply.obligation, supply.report, supply.event, supply.rests_on, supply.state, supply.rate TO ioc_shared, ioc_loader;
GRANT EXECUTE ON FUNCTION supply.folds(timestamptz, bigint), supply.states_at(timestamptz) TO ioc_shared, ioc_loader;
GRANT SELECT ON supply.state__open, supply.rests_on__open TO ioc_open, ioc_loader;
GRANT INSERT ON supply.report, supply.event TO ioc_loader;
GRANT UPDATE (made_until) ON supply.obligation TO ioc_loader;
"""


def upgrade() -> None:
    for statement in (BEFORE, TABLES, CLOCK, FOLD, TRIGGERS, STATE, VIEWS, STATES_AT, GRANTS):
        op.execute(statement)
