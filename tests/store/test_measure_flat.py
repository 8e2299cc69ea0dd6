"""What a delivery costs beside many rows: neither the rows' table nor the cells are read as a whole."""

from __future__ import annotations

import psycopg

from tests.store.conftest import Store
from tests.store.contracts import UNITS, Row, resource
from tests.store.measured import Ward, contract, flow

MANY = """
INSERT INTO ward.cases__v1 (unit_id, agency, day, disease, cases, load_id, line)
SELECT u.unit_id, 'so-y-te', d::date, k.disease, 1, {load}, 1
FROM ref.unit u CROSS JOIN generate_series('2020-07-01'::date, '2020-12-31', '1 day') d CROSS JOIN unnest(ARRAY['soi']) k (disease)
WHERE u.level = 'commune' AND u.valid_to IS NULL
"""
SCANS = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname IN ('cases__v1', 'value') ORDER BY 1"
BY_WEEK = {**resource(), "delivery": {"scope": "period", "calendar": "week", "column": "ngay"}}
KINDS = flow("COUNT(DISTINCT disease)", over_time="none", over_units="none", also=["week"])


def test_a_delivery_into_a_large_table_scans_neither_rows_nor_cells(store: Store) -> None:
    measures = {
        "new_cases": flow(by=["disease"], also=["month", "year"]),
        "zero": flow(absent="zero", where="disease = 'soi'"),
        "kinds": KINDS,
    }
    ward = Ward(store, contract(measures, BY_WEEK))
    old = ward.deliver([("2021-01-04", UNITS[0], "soi", 1)], "so-y-te|2021-W01")
    with psycopg.connect(store.owner, autocommit=True) as conn:
        conn.execute(MANY.format(load=old.load_id).encode())
        conn.execute("ANALYZE ward.cases__v1")
    ward.recompute("new_cases")
    with psycopg.connect(store.owner, autocommit=True) as conn:
        conn.execute("ANALYZE measure.value")
    before = store.ask(SCANS)

    rows: list[Row] = [(f"2021-02-{day:02d}", unit, "soi", day) for day in range(1, 8) for unit in UNITS]
    assert ward.deliver(rows, "so-y-te|2021-W05").added == 21
    assert ward.deliver(rows[:-1], "so-y-te|2021-W05").removed == 1
    assert ward.values("kinds", "week")[UNITS[0], "2021-W05"] == 1
    after = store.ask(SCANS)
    assert after == before
