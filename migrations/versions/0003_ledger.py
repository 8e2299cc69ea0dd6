"""The ledger: contracts, files, loads, rejected rows, and the chain of editions."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = r"""
CREATE TABLE ledger.contract (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    name text NOT NULL,
    major integer NOT NULL,
    minor integer NOT NULL,
    bytes bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ledger.file (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size bigint NOT NULL CHECK (size >= 0),
    path text NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    erased_why text,
    CHECK ((erased_at IS NULL) = (erased_why IS NULL))
);
COMMENT ON COLUMN ledger.file.path IS 'Under the folder of files: ab/cdef…';

CREATE SEQUENCE ledger.load_id AS bigint;

CREATE TABLE ledger.load (
    load_id bigint PRIMARY KEY DEFAULT nextval('ledger.load_id'),
    kind text NOT NULL CHECK (kind IN ('file', 'contract', 'target', 'units', 'withdrawal', 'erasure', 'tick')),
    table_name text,
    ckan_resource text,
    scope text NOT NULL DEFAULT '' CHECK (scope !~ '[\n\r]'),
    agency text,
    file_sha256 text,
    contract_sha256 text,
    decoder text,
    job_id text,
    state text NOT NULL
        CHECK (state IN ('received', 'loading', 'done', 'done_with_rejects', 'refused', 'failed', 'unchanged')),
    refused_code text,
    params jsonb NOT NULL DEFAULT '{}',
    simulated boolean NOT NULL DEFAULT false,
    accepted bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    elsewhere bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    removed bigint NOT NULL DEFAULT 0,
    columns text[] NOT NULL DEFAULT '{}',
    row_digest text,
    began_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((refused_code IS NOT NULL) = (state IN ('refused', 'failed')))
);
COMMENT ON COLUMN ledger.load.scope IS 'What the delivery replaces in its table; a later load of it closes what is gone';
COMMENT ON COLUMN ledger.load.elsewhere IS 'Rejected rows whose key was open from another scope';
COMMENT ON COLUMN ledger.load.columns IS 'Columns over which row_digest was computed, in order';
CREATE INDEX ON ledger.load (table_name, scope);
CREATE INDEX ON ledger.load (ckan_resource);
CREATE INDEX ON ledger.load (scope) WHERE kind = 'contract';
CREATE UNIQUE INDEX load_job_ends_once ON ledger.load (job_id) WHERE state IN ('done', 'done_with_rejects', 'refused', 'unchanged');

CREATE TABLE ledger.rejected_row (
    load_id bigint NOT NULL REFERENCES ledger.load,
    n integer NOT NULL,
    line integer,
    column_name text,
    rule text NOT NULL,
    masked_value text,
    params jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (load_id, n)
);

CREATE TABLE ledger.edition (
    edition bigint PRIMARY KEY CHECK (edition > 0),
    load_id bigint NOT NULL UNIQUE REFERENCES ledger.load,
    committed_at timestamptz NOT NULL,
    prev_hash text NOT NULL,
    hash text NOT NULL UNIQUE
);

CREATE TABLE ledger.dataset (
    table_name text PRIMARY KEY,
    view_name text NOT NULL,
    dataset text NOT NULL,
    contract text NOT NULL,
    resource text NOT NULL,
    subsystem text NOT NULL,
    position integer NOT NULL,
    title text NOT NULL,
    title_en text,
    title_fr text,
    owner text NOT NULL,
    access text NOT NULL CHECK (access IN ('open', 'shared', 'restricted')),
    major integer NOT NULL,
    is_current boolean NOT NULL
);
COMMENT ON TABLE ledger.dataset IS 'Contract tables, written by apply; is_current: the table that the stable view reads';
CREATE UNIQUE INDEX ON ledger.dataset (view_name) WHERE is_current;
"""

FUNCTIONS = r"""
CREATE FUNCTION ledger.edition_text(e bigint, prev text, at timestamptz, l ledger.load) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat_ws(E'\n',
        'edition=' || e, 'prev=' || prev, 'load=' || l.load_id, 'kind=' || l.kind,
        'table=' || coalesce(l.table_name, ''), 'scope=' || l.scope,
        'file=' || coalesce(l.file_sha256, ''), 'contract=' || coalesce(l.contract_sha256, ''), 'decoder=' || coalesce(l.decoder, ''),
        'counts=' || concat_ws(',', l.accepted, l.rejected, l.added, l.changed, l.removed),
        'rows=' || coalesce(l.row_digest, ''),
        'at=' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
$$;
COMMENT ON FUNCTION ledger.edition_text IS 'What the hash of an edition covers; SHA-256 of it in UTF-8';

CREATE FUNCTION ledger.publish(this_load bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    l ledger.load;
    last ledger.edition;
    number bigint;
    at timestamptz;
    prev text;
BEGIN
    SELECT * INTO STRICT l FROM ledger.load WHERE load_id = this_load;
    IF l.state NOT IN ('done', 'done_with_rejects') THEN
        RAISE EXCEPTION 'load % is %, which is no edition', this_load, l.state;
    END IF;
    PERFORM pg_advisory_xact_lock(7402011);
    SELECT * INTO last FROM ledger.edition ORDER BY edition DESC LIMIT 1;
    number := coalesce(last.edition, 0) + 1;
    prev := coalesce(last.hash, '');
    at := clock_timestamp();
    INSERT INTO ledger.edition (edition, load_id, committed_at, prev_hash, hash)
    VALUES (number, this_load, at, prev, encode(sha256(convert_to(ledger.edition_text(number, prev, at, l), 'UTF8')), 'hex'));
    PERFORM pg_notify('ioc_edition', json_build_object('edition', number, 'table', l.table_name)::text);
    RETURN number;
END $$;
COMMENT ON FUNCTION ledger.publish IS 'Gives a load the next edition; last before COMMIT, since it holds a lock that all need';

CREATE FUNCTION ledger.visible(edition bigint) RETURNS TABLE (load_id bigint)
LANGUAGE sql STABLE AS $$ SELECT e.load_id FROM ledger.edition e WHERE e.edition <= $1 $$;
COMMENT ON FUNCTION ledger.visible IS 'Loads that are in the edition';
"""

VIEWS = r"""
CREATE VIEW ledger.head AS
    SELECT edition, committed_at, hash FROM ledger.edition ORDER BY edition DESC LIMIT 1;
COMMENT ON VIEW ledger.head IS 'The last edition; no row before the first';

CREATE VIEW ledger.current_load AS
    SELECT DISTINCT ON (l.table_name, l.scope) e.edition, e.committed_at, l.*
    FROM ledger.load l JOIN ledger.edition e USING (load_id)
    WHERE l.kind IN ('file', 'withdrawal', 'erasure')
    ORDER BY l.table_name, l.scope, e.edition DESC;
COMMENT ON VIEW ledger.current_load IS 'The last load of each scope of each table';

CREATE VIEW ledger.current_contract AS
    SELECT DISTINCT ON (l.scope) e.edition, l.scope AS name, c.sha256, c.major, c.minor, c.bytes
    FROM ledger.load l JOIN ledger.edition e USING (load_id) JOIN ledger.contract c ON c.sha256 = l.contract_sha256
    WHERE l.kind = 'contract'
    ORDER BY l.scope, e.edition DESC;
COMMENT ON VIEW ledger.current_contract IS 'Each contract as it was applied last';

CREATE VIEW ledger.source AS
    SELECT d.subsystem, d.dataset, d.title, d.title_en, d.title_fr, d.view_name, d.table_name, d.owner, d.access,
        c.last_loaded_at, c.edition, coalesce(c.rows, 0)::bigint AS rows, coalesce(c.simulated, false) AS simulated,
        CASE WHEN c.simulated IS NULL THEN 'Chưa có số liệu' WHEN c.simulated THEN 'Số liệu mô phỏng' ELSE 'Số liệu thật' END AS note
    FROM ledger.dataset d
    CROSS JOIN LATERAL (
        SELECT max(x.committed_at) AS last_loaded_at, max(x.edition) AS edition, sum(x.added - x.removed) AS rows,
            bool_or(x.simulated) FILTER (WHERE x.is_last AND x.kind = 'file') AS simulated
        FROM (
            SELECT e.committed_at, e.edition, l.added, l.removed, l.simulated, l.kind,
                row_number() OVER (PARTITION BY l.scope ORDER BY e.edition DESC) = 1 AS is_last
            FROM ledger.load l JOIN ledger.edition e USING (load_id)
            WHERE l.table_name = d.table_name AND l.kind IN ('file', 'withdrawal', 'erasure')
        ) x
    ) c
    WHERE d.is_current AND has_any_column_privilege(d.table_name, 'SELECT');
COMMENT ON VIEW ledger.source IS 'Contract tables that the reader may read: when loaded, how many rows, real or simulated';
"""

GRANTS = """
GRANT SELECT ON ledger.edition, ledger.head, ledger.source TO ioc_reader;
GRANT EXECUTE ON FUNCTION ledger.visible(bigint) TO ioc_reader, ioc_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO ioc_loader;
GRANT INSERT ON ledger.file, ledger.load, ledger.rejected_row, ledger.edition TO ioc_loader;
GRANT USAGE ON SEQUENCE ledger.load_id TO ioc_loader;
GRANT EXECUTE ON FUNCTION ledger.publish(bigint), ledger.edition_text(bigint, text, timestamptz, ledger.load) TO ioc_loader;
"""


def upgrade() -> None:
    for statement in (TABLES, FUNCTIONS, VIEWS, GRANTS):
        op.execute(statement)
