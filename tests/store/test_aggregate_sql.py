"""PostgreSQL takes every aggregate and condition that a contract may hold, and gives the day of Viet Nam whatever the session says."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from control.compile.store.tables import COLUMN_TYPES
from datasets.model.aggregate import columns_of, parse_aggregate, parse_condition
from tests.store.cluster import Cluster
from tests.unit.test_aggregate import AGGREGATES, CONDITIONS, files

ROW = {
    "unit_id": "16681.202507",
    "day": "2026-03-01",
    "due": "2026-03-01T20:00:00+00:00",
    "closed": "2026-03-03T10:00:00+07:00",
    "kind": "x",
    "files": "3",
    "late": "0",
    "fee": "1000.50",
}


def computed(cluster: Cluster, expression: str, *, rows: bool = True, zone: str = "UTC") -> object:
    """The expression over one row, or over none."""
    resource = files()
    values = ", ".join(f"'{ROW[column]}'::{COLUMN_TYPES[kind]} AS {column}" for column, kind in columns_of(resource).items())
    query = f"SELECT {expression} FROM (SELECT {values}) AS files WHERE {rows}"
    with psycopg.connect(cluster.url("postgres", "postgres")) as conn:
        conn.execute("SELECT set_config('timezone', %s, true)", (zone,))
        found = conn.execute(query.encode()).fetchone()
    return found[0] if found else None


@pytest.mark.parametrize("text", [a[0] for a in AGGREGATES])
def test_an_aggregate_that_is_allowed_is_computed(cluster: Cluster, text: str) -> None:
    made = parse_aggregate(text, files())
    value = computed(cluster, made.sql)
    assert value is not None
    if not made.can_be_zero:
        assert value != 0
    none = computed(cluster, made.sql, rows=False)
    assert none is None or "COUNT" in text, "without rows there is no value, never a zero"


@pytest.mark.parametrize("text", [c[0] for c in CONDITIONS])
def test_a_condition_that_is_allowed_is_true_or_false(cluster: Cluster, text: str) -> None:
    assert computed(cluster, parse_condition(text, files())) in (True, False)


def test_a_division_by_zero_in_a_row_is_no_value_and_stops_no_load(cluster: Cluster) -> None:
    assert computed(cluster, parse_aggregate("SUM(fee / late)", files()).sql) is None
    assert computed(cluster, parse_aggregate("SUM(files / 2)", files()).sql) == Decimal("1.5"), "whole numbers give a fraction"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Ho_Chi_Minh", "America/New_York"])
def test_the_day_of_a_moment_is_that_of_viet_nam_in_every_session(cluster: Cluster, zone: str) -> None:
    """20:00 UTC on 1 March is 03:00 on 2 March in Viet Nam."""
    assert computed(cluster, parse_aggregate("SUM(due::date - day)", files()).sql, zone=zone) == 1
    assert computed(cluster, parse_condition("EXTRACT(HOUR FROM due) = 3", files()), zone=zone) is True
