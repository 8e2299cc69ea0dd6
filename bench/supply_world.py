"""A store with the supply of a whole province: 30 agencies, each of which owes 60 datasets every month for 36 months.

It is made in a PostgreSQL cluster of its own, never in an instance's. Everything is drawn from the names alone, so that two runs make the
same: how reliable an agency is, what came late, was sent back, declared zero or excused, and what never came.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from control.compile.store import apply_store
from datasets.model.contract import Contract
from datasets.model.read import read_all
from datasets.model.reference import read_reference
from tests.store.cluster import PASSWORD, Cluster

AGENCIES, DATASETS, MONTHS = 30, 60, 36
DATABASE = "supply"

THEMES = (
    "Thu ngân sách", "Giải ngân vốn đầu tư công", "Doanh nghiệp thành lập mới", "Hộ nghèo và cận nghèo", "Lao động có việc làm mới",
    "Văn bản đến và đi", "Nhiệm vụ được giao", "Hồ sơ thủ tục hành chính", "Phản ánh của người dân", "Tai nạn giao thông",
    "Lượt khám bệnh, chữa bệnh", "Ca bệnh truyền nhiễm", "Tiêm chủng mở rộng", "Học sinh và lớp học", "Lượt khách du lịch",
    "Diện tích gieo trồng", "Công trình xây dựng", "Cháy, nổ và cứu nạn", "Sự cố an toàn thông tin", "Thu gom rác thải",
)  # fmt: skip
PARTS = ("theo xã, phường", "theo lĩnh vực", "tổng hợp toàn ngành")

CLEAR = "TRUNCATE supply.event, supply.report, supply.obligation"

# 1 to 1000 for a text, the same in every run.
DRAW = """
CREATE FUNCTION pg_temp.draw(text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT abs(hashtext($1) % 1000) + 1 $$
"""

OBLIGATIONS = """
INSERT INTO supply.obligation (obligation, contract, dataset, view_name, subsystem, agency, clause, calendar, due_rule, scope, access,
    steward, title, title_en, title_fr, valid_from, first_seen)
SELECT d.name || '@' || a.agency, s.subsystem, d.name, s.subsystem || '.' || replace(d.name, '-', '_'), s.subsystem, a.agency,
    'quy-che-ioc/dieu-12', %(calendar)s, %(rule)s, 'period', 'shared', a.agency || '/can-bo-cung-cap-so-lieu', d.title,
    'Dataset ' || d.n, 'Jeu ' || d.n, %(since)s, %(since)s
FROM (SELECT agency, row_number() OVER (ORDER BY array_position(ARRAY['department', 'office', 'hospital', 'locality'], kind), agency) AS n
    FROM ref.agency) a
CROSS JOIN (SELECT n, 'supply-' || lpad(n::text, 2, '0') AS name, %(themes)s::text[] AS themes, %(parts)s::text[] AS parts,
    (%(themes)s::text[])[1 + (n - 1) %% 20] || ' ' || (%(parts)s::text[])[1 + (n - 1) / 20 %% 3] AS title
    FROM generate_series(1, %(datasets)s) n) d
JOIN (SELECT subsystem, row_number() OVER () AS n FROM unnest(%(subsystems)s::text[]) subsystem) s
    ON s.n = 1 + (d.n - 1) %% cardinality(%(subsystems)s::text[])
WHERE a.n <= %(agencies)s
"""

REPORTS = """
INSERT INTO supply.report (obligation, period, starts, ends, due_at)
SELECT o.obligation, to_char(m, 'YYYY-MM'), m::date, (m + interval '1 month')::date,
    (m + interval '1 month 9 days 17 hours') AT TIME ZONE 'Asia/Ho_Chi_Minh'
FROM supply.obligation o
CROSS JOIN generate_series(date_trunc('month', current_date) - make_interval(months => %(months)s - 1), date_trunc('month', current_date),
    interval '1 month') m
"""

# About one report in five of a bad agency and one in fifty of a good one is late or missing; old ones are mostly there.
DRAWN = """
CREATE TEMPORARY TABLE drawn AS
SELECT r.report, r.due_at, pg_temp.draw(o.agency) AS agency, pg_temp.draw(r.obligation || r.period) AS one,
    pg_temp.draw(r.period || r.obligation) AS two, o.agency AS name,
    r.due_at - make_interval(hours => pg_temp.draw('h' || r.obligation || r.period) / 6) AS early
FROM supply.report r JOIN supply.obligation o USING (obligation)
"""
EVENTS = """
INSERT INTO supply.event (report, at, kind, received_at, load_id, ckan_resource, by, until, note, details)
SELECT report, at, kind, CASE WHEN kind IN ('accepted', 'zero') THEN at END, CASE WHEN kind <> 'excused' THEN row_number() OVER () END,
    CASE WHEN kind <> 'excused' THEN md5(report::text) END,
    CASE kind WHEN 'zero' THEN name || '/can-bo-cung-cap-so-lieu' WHEN 'excused' THEN 'van-phong-ubnd-tinh/ban-chi-dao-truong-ban' END,
    CASE kind WHEN 'excused' THEN at + interval '20 days' END, CASE kind WHEN 'excused' THEN 'Mưa lũ, mất điện diện rộng' END,
    CASE kind WHEN 'excused' THEN '{}'::jsonb ELSE jsonb_build_object('accepted', 100 + two,
        'rejected', CASE WHEN kind = 'accepted' AND two % 25 = 0 THEN two % 9 + 1 ELSE 0 END) END
FROM (
    SELECT d.*, 'excused' AS kind, d.due_at - interval '1 day' AS at FROM drawn d WHERE d.two > 994
    UNION ALL
    SELECT d.*, 'refused', d.early - interval '1 day' FROM drawn d WHERE d.two BETWEEN 600 AND 640
    UNION ALL
    SELECT d.*, CASE WHEN d.two BETWEEN 500 AND 520 THEN 'zero' ELSE 'accepted' END,
        CASE WHEN d.one < 20 + d.agency / 7 THEN d.due_at + make_interval(hours => d.one * 2) ELSE d.early END
    FROM drawn d WHERE d.one > d.agency / 22 AND d.two <= 994
) e WHERE at <= now() ORDER BY at
"""
FOLD = """
UPDATE supply.report r SET received_at = f.received_at, checked_at = f.checked_at, quality = f.quality, is_zero = f.is_zero,
    load_id = f.load_id, edition = f.load_id, ckan_resource = f.ckan_resource, rows_accepted = f.rows_accepted,
    rows_rejected = f.rows_rejected, zero_by = f.zero_by, excused_until = f.excused_until, excused_by = f.excused_by,
    excuse_reason = f.excuse_reason, last_event = f.last_event, simulated = true
FROM supply.folds('infinity') f WHERE f.report = r.report
"""


def fill(conn: psycopg.Connection[object], subsystems: list[str]) -> tuple[int, int]:
    """Reports and events made, in place of what was there. `conn` is the tables' owner's. Raises psycopg.Error."""
    asked = {
        "agencies": AGENCIES, "datasets": DATASETS, "months": MONTHS, "themes": list(THEMES), "parts": list(PARTS),
        "subsystems": subsystems, "calendar": "month", "rule": "+10d 17:00", "since": "2020-01-01",
    }  # fmt: skip
    conn.execute("SET LOCAL TIME ZONE 'Asia/Ho_Chi_Minh'")
    conn.execute("ALTER TABLE supply.event DISABLE TRIGGER in_order, DISABLE TRIGGER fold")  # all are folded at once below
    conn.execute(CLEAR)
    conn.execute(DRAW)
    conn.execute(OBLIGATIONS, asked)
    reports = conn.execute(REPORTS, asked).rowcount
    conn.execute(DRAWN)
    events = conn.execute(EVENTS).rowcount
    conn.execute(FOLD)
    conn.execute("ALTER TABLE supply.event ENABLE TRIGGER in_order, ENABLE TRIGGER fold")
    return reports, events


@contextmanager
def supply_store(secret: str, contracts: list[Contract] | None = None) -> Iterator[tuple[Cluster, int, int]]:
    """A cluster with the filled store (database DATABASE), and how many reports and events it holds.

    `secret` makes the passwords of audiences.
    """
    cluster = Cluster.start()
    try:
        cluster.make_store(DATABASE)
        done = cluster.migrate(DATABASE)
        if done.returncode:
            raise RuntimeError(done.stderr)
        reference = read_reference()
        with psycopg.connect(cluster.url("ioc_owner", DATABASE)) as conn:
            apply_store(conn, list(read_all()) if contracts is None else contracts, reference, secret)
        with psycopg.connect(cluster.url("ioc_owner", DATABASE)) as conn:
            reports, events = fill(conn, [name for name, one in reference.subsystems.items() if one.order])
        with psycopg.connect(cluster.url("ioc_owner", DATABASE), autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE supply.obligation, supply.report, supply.event")
        with psycopg.connect(cluster.url("postgres", DATABASE), autocommit=True) as conn:
            conn.execute(sql.SQL("ALTER ROLE ioc_desk LOGIN PASSWORD {}").format(sql.Literal(PASSWORD)))
        yield cluster, reports, events
    finally:
        cluster.stop()
