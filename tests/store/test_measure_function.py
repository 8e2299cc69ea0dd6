"""Measures that a function computes: which rows each cell gets, on figures worked by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import shapely

from tests.store.conftest import Store
from tests.store.contracts import UNITS, frame, resource
from tests.store.measured import PROVINCE, Ward, by_month, contract

A, B, _ = UNITS

MOMENTS = [
    *resource()["schema"]["fields"],
    {"name": "nhan", "column": "received", "title": "Nhận", "type": "datetime", "constraints": {"required": True}},
    {"name": "tra", "column": "returned", "title": "Trả", "type": "datetime"},
    {"name": "kinh_do", "column": "east", "title": "Kinh độ", "type": "number", "total": False},
    {"name": "vi_do", "column": "north", "title": "Vĩ độ", "type": "number", "total": False},
]
FILES = by_month(schema={"fields": MOMENTS, "primaryKey": ["ngay", "ma_xa", "benh"]})
HOURS = {"starts": "received", "ends": "returned", "share": 0.5}


def function(name: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"of": "cases", "function": name, "with": arguments, "calendar": "month", "over_time": "none", "over_units": "none", **more}


def files(*rows: tuple[str, str, str, str, str | None]) -> pl.DataFrame:
    """Day, unit, key, received and returned (local time)."""
    moments = [[datetime.fromisoformat(f"{text}+07:00") if text else None for text in (row[3], row[4])] for row in rows]
    return frame([(row[0], row[1], row[2], 1) for row in rows]).with_columns(
        pl.Series("received", [m[0] for m in moments]),
        pl.Series("returned", [m[1] for m in moments]),
        pl.Series("east", [None] * len(rows), pl.Float64),
        pl.Series("north", [None] * len(rows), pl.Float64),
    )


def test_a_median_is_computed_from_the_rows_of_each_unit_and_of_the_province_for_each_calendar(store: Store) -> None:
    median = function("percentile_working_hours", HOURS, calendar="administrative-month", also=["administrative-quarter"])
    ward = Ward(store, contract({"handling_hours": median}, FILES))
    # Working hours are 07:30 to 11:30 and 13:30 to 17:00; 13, 16 and 17 August 2021 are working days. Hours: 2, 4, 7; 1.
    ward.deliver(
        files(
            ("2021-08-13", A, "1", "2021-08-13T08:00", "2021-08-13T10:00"),
            ("2021-08-13", A, "2", "2021-08-13T07:30", "2021-08-13T11:30"),
            ("2021-08-14", A, "3", "2021-08-13T07:30", "2021-08-13T16:30"),
            ("2021-08-14", A, "4", "2021-08-13T07:30", None),
            ("2021-08-13", B, "5", "2021-08-13T08:00", "2021-08-13T09:00"),
            ("2021-08-16", B, "6", "2021-08-16T08:00", "2021-08-16T11:00"),
        )
    )
    by_month_of_reports = {
        (unit, period): (value, n) for unit, _, period, _, value, n in ward.cells("handling_hours", "administrative-month")
    }
    assert by_month_of_reports[A, "2021-08A"] == (4, 3)
    assert by_month_of_reports[B, "2021-08A"] == (1, 1)
    assert by_month_of_reports[B, "2021-09A"] == (3, 1)
    assert by_month_of_reports[PROVINCE, "2021-08A"] == (3, 4)  # 1, 2, 4, 7
    assert ward.values("handling_hours", "administrative-quarter") == {
        (A, "2021-Q3A"): 4,
        (B, "2021-Q3A"): 2,
        (PROVINCE, "2021-Q3A"): 3,
    }


def test_a_function_that_has_nothing_to_go_by_gives_no_cell(store: Store) -> None:
    ward = Ward(store, contract({"handling_hours": function("percentile_working_hours", HOURS)}, FILES))
    ward.deliver(files(("2021-08-13", A, "1", "2021-08-13T08:00", "2021-08-13T10:00"), ("2021-08-13", B, "2", "2021-08-13T08:00", None)))
    assert ward.values("handling_hours", "month") == {(A, "2021-08"): 2, (PROVINCE, "2021-08"): 2}
    ward.deliver(files())
    assert ward.cells("handling_hours", "month") == []


def test_a_changed_row_touches_the_cells_that_reach_back_to_it(store: Store) -> None:
    arguments = {"cases": "cases", "serial_interval_mean": 4, "serial_interval_sd": 2, "window": 3, "least_cases": 1}
    ward = Ward(store, contract({"spread": function("reproduction_number", arguments, calendar="day")}))
    ward.deliver([(f"2021-08-{day:02d}", A, "soi", 5) for day in range(1, 21)])
    before = {period: value for (unit, period), value in ward.values("spread").items() if unit == A}
    ward.deliver([(f"2021-08-{day:02d}", A, "soi", 50 if day == 10 else 5) for day in range(1, 21)])
    after = {period: value for (unit, period), value in ward.values("spread").items() if unit == A}
    assert [period for period in before if period < "2021-08-10" and before[period] != after[period]] == []
    assert all(before[period] != after[period] for period in before if "2021-08-10" <= period <= "2021-08-14")
    assert ward.recompute("spread") == 0


def test_rows_close_in_place_and_time_are_counted_as_one_group_by_their_columns(store: Store) -> None:
    near = {"radius_m": 500, "least": 3, "days": 2, "longitude": "east", "latitude": "north"}
    ward = Ward(store, contract({"clusters": function("clustered_count", near, by=["disease"])}, FILES))
    rows = files(
        *[
            (f"2021-08-{day:02d}", unit, f"d{n}", "2021-08-01T08:00", None)
            for n, (day, unit) in enumerate([(1, A), (2, A), (3, B), (20, A)])
        ]
    )
    east = [105.6800, 105.6810, 105.6820, 105.6800]
    ward.deliver(rows.with_columns(pl.Series("east", east), pl.Series("north", [18.67] * 4)))
    whole = {(unit, period): value for unit, _, period, breakdown, value, _ in ward.cells("clusters", "month") if breakdown == ""}
    # Two at A and one at B lie within 105 metres of each other on following days: a group of the province, of no commune.
    assert whole[PROVINCE, "2021-08"] == 1
    assert whole[A, "2021-08"] == 0


def test_rows_without_columns_for_their_place_are_where_their_geometry_is(store: Store) -> None:
    placed = {"name": "noi", "column": "place", "title": "Nơi", "type": "geojson"}
    located = by_month(schema={"fields": [*resource()["schema"]["fields"], placed], "primaryKey": ["ngay", "ma_xa", "benh"]})
    ward = Ward(store, contract({"clusters": function("clustered_count", {"radius_m": 500, "least": 3, "days": 2})}, located))
    rows = frame([("2021-08-01", A, f"d{n}", 1) for n in range(4)])
    points = [shapely.set_srid(shapely.Point(east, 18.67), 4326) for east in (105.680, 105.681, 105.682)]
    places = [*(str(shapely.to_wkb(point, hex=True, include_srid=True)) for point in points), None]
    ward.deliver(rows.with_columns(pl.Series("place", places)))
    assert ward.values("clusters", "month") == {(A, "2021-08"): 1, (PROVINCE, "2021-08"): 1}
