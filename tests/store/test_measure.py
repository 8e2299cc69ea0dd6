"""What a load does to measures, on figures worked by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl

from ckan_harvesters.load import withdraw
from tests.store.conftest import Store
from tests.store.contracts import UNITS, Row, frame, resource
from tests.store.measured import PROVINCE, Ward, by_month, contract, flow

A, B, C = UNITS
CALENDARS = ["week", "month", "administrative-month", "administrative-year"]


def test_a_flow_is_summed_by_day_week_month_and_administrative_month_right_to_the_day(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow(also=CALENDARS)}))
    ward.deliver([("2021-07-14", A, "soi", 1), ("2021-07-15", A, "soi", 2), ("2021-07-31", A, "soi", 4)], "so-y-te|2021-07")
    ward.deliver([("2021-08-01", A, "soi", 8), ("2021-08-14", A, "soi", 16), ("2021-08-14", A, "cum", 32), ("2021-08-15", A, "soi", 64)])

    days = {"2021-07-14": 1, "2021-07-15": 2, "2021-07-31": 4, "2021-08-01": 8, "2021-08-14": 48, "2021-08-15": 64}
    assert ward.values("new_cases") == {(A, day): value for day, value in days.items()}
    # Monday 12 July; 26 July to 1 August; 9 to 15 August.
    assert ward.values("new_cases", "week") == {(A, "2021-W28"): 3, (A, "2021-W30"): 12, (A, "2021-W32"): 112}
    assert ward.values("new_cases", "month") == {(A, "2021-07"): 7, (A, "2021-08"): 120}
    assert ward.values("new_cases", "administrative-month") == {(A, "2021-07A"): 1, (A, "2021-08A"): 62, (A, "2021-09A"): 64}
    assert ward.values("new_cases", "administrative-year") == {(A, "2021A"): 127}
    assert ward.cells("new_cases", "month")[1] == (A, "so-y-te", "2021-08", "", 120, 4)


def test_an_administrative_year_begins_on_15_december(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow(also=["year", "administrative-year"])}))
    ward.deliver([("2021-12-14", A, "soi", 1), ("2021-12-15", A, "soi", 2), ("2021-12-31", A, "soi", 4)], "so-y-te|2021-12")
    ward.deliver([("2022-01-01", A, "soi", 8)], "so-y-te|2022-01")
    assert ward.values("new_cases", "year") == {(A, "2021"): 7, (A, "2022"): 8}
    assert ward.values("new_cases", "administrative-year") == {(A, "2021A"): 1, (A, "2022A"): 14}


def test_a_correction_writes_only_the_cells_it_touches_and_the_edition_before_stays_readable(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow(also=["month"])}))
    first = ward.deliver([("2021-08-01", A, "soi", 1), ("2021-08-02", A, "soi", 2), ("2021-08-02", B, "soi", 5)])
    before = ward.versions()
    second = ward.deliver([("2021-08-01", A, "soi", 1), ("2021-08-02", A, "soi", 3), ("2021-08-02", B, "soi", 5)])

    assert (second.added, second.changed, second.removed) == (0, 1, 0)
    assert ward.versions() == before + 2
    assert store.ask("SELECT unit_id, calendar, period FROM measure.value WHERE load_id = %s ORDER BY calendar", second.load_id) == [
        (A, "day", "2021-08-02"),
        (A, "month", "2021-08"),
    ]
    assert ward.values("new_cases", "month") == {(A, "2021-08"): 4, (B, "2021-08"): 5}
    assert [cell[4] for cell in ward.cells("new_cases", "month", first.edition)] == [3, 5]
    assert [cell[4] for cell in ward.cells("new_cases", "month", second.edition)] == [4, 5]
    assert ward.cells("new_cases", "day", (first.edition or 0) - 1) == []


def test_the_same_file_again_writes_no_cell(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow()}))
    rows: list[Row] = [("2021-08-01", A, "soi", 1)]
    ward.deliver(rows, file="one")
    before = ward.versions()
    assert ward.deliver(rows, file="two").state == "done"
    assert ward.versions() == before


def test_a_missing_value_is_no_zero_and_a_missing_row_no_cell(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow(also=["month"]), "rows": flow("COUNT(*)")}))
    ward.deliver(
        [("2021-08-01", A, "soi", None), ("2021-08-02", A, "soi", 0), ("2021-08-03", B, "soi", None), ("2021-08-03", B, "cum", None)]
    )
    assert ward.values("new_cases") == {(A, "2021-08-01"): None, (A, "2021-08-02"): 0, (B, "2021-08-03"): None}
    assert ward.values("new_cases", "month") == {(A, "2021-08"): 0, (B, "2021-08"): None}
    assert ward.values("rows") == {(A, "2021-08-01"): 1, (A, "2021-08-02"): 1, (B, "2021-08-03"): 2}


def test_a_stock_takes_the_last_value_and_a_mean_the_mean_of_the_days_that_have_one(store: Store) -> None:
    longer = ["week", "month"]
    ward = Ward(store, contract({"open": flow(over_time="last", also=longer), "mean": flow(over_time="mean", also=longer)}))
    ward.deliver([("2021-08-02", A, "soi", 10), ("2021-08-04", A, "soi", 40), ("2021-08-05", A, "soi", None), ("2021-08-09", A, "soi", 7)])
    assert ward.values("open", "week") == {(A, "2021-W31"): 40, (A, "2021-W32"): 7}
    assert ward.values("open", "month") == {(A, "2021-08"): 7}
    assert ward.values("mean", "week") == {(A, "2021-W31"): 25, (A, "2021-W32"): 7}
    assert ward.values("mean", "month") == {(A, "2021-08"): 19}


def test_what_does_not_add_is_kept_for_the_units_above_and_each_calendar_from_the_rows(store: Store) -> None:
    kinds = flow("COUNT(DISTINCT disease)", over_time="none", over_units="none", also=["month"])
    ward = Ward(store, contract({"diseases": kinds}))
    ward.deliver([("2021-08-01", A, "soi", 1), ("2021-08-01", A, "cum", 1), ("2021-08-02", A, "soi", 1), ("2021-08-01", B, "soi", 1)])
    ward.deliver([("2021-08-01", B, "ho-ga", 1)], "benh-vien-san-nhi|2021-08")
    assert ward.cells("diseases") == [
        (A, "so-y-te", "2021-08-01", "", 2, 2),
        (A, "so-y-te", "2021-08-02", "", 1, 1),
        (B, "so-y-te", "2021-08-01", "", 2, 2),
        (PROVINCE, "so-y-te", "2021-08-01", "", 3, 4),
        (PROVINCE, "so-y-te", "2021-08-02", "", 1, 1),
    ]
    assert ward.values("diseases", "month") == {(A, "2021-08"): 2, (B, "2021-08"): 2, (PROVINCE, "2021-08"): 3}


def test_a_breakdown_is_kept_by_value_and_with_what_does_not_add_as_a_whole_too(store: Store) -> None:
    highest = flow("MAX(cases)", over_time="none", over_units="none", by=["disease"])
    ward = Ward(store, contract({"new_cases": flow(by=["disease"], also=["month"]), "highest": highest}))
    ward.deliver([("2021-08-01", A, "soi", 1), ("2021-08-02", A, "soi", 2), ("2021-08-01", A, 'cum "B", 5 %', 4)])
    broken = [(json.loads(cell[3])["disease"], cell[4]) for cell in ward.cells("new_cases", "month")]
    assert broken == [('cum "B", 5 %', 4), ("soi", 3)]
    assert [cell[3:5] for cell in ward.cells("highest") if cell[0] == PROVINCE and cell[2] == "2021-08-01"] == [
        ("", 4),
        ('{"disease": "cum \\"B\\", 5 %"}', 4),
        ('{"disease": "soi"}', 1),
    ]


def test_only_rows_that_fulfil_the_condition_are_counted(store: Store) -> None:
    ward = Ward(store, contract({"measles": flow(where="disease = 'soi' AND cases % 2 = 1")}))
    ward.deliver([("2021-08-01", A, "soi", 1), ("2021-08-01", A, "cum", 3), ("2021-08-02", A, "soi", 2)])
    assert ward.cells("measles") == [(A, "so-y-te", "2021-08-01", "", 1, 1)]


def test_each_agency_has_its_own_cells(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow()}))
    ward.deliver([("2021-08-01", A, "soi", 1)])
    ward.deliver([("2021-08-01", A, "cum", 2)], "benh-vien-san-nhi|2021-08")
    assert [cell[1:5] for cell in ward.cells("new_cases")] == [("benh-vien-san-nhi", "2021-08-01", "", 2), ("so-y-te", "2021-08-01", "", 1)]


def test_absent_means_zero_where_a_delivery_stands_and_missing_where_none_does(store: Store) -> None:
    by_day = resource()
    ward = Ward(store, contract({"counted": flow(absent="zero", also=["week"]), "known": flow()}, by_day))
    ward.deliver([("2025-08-04", A, "soi", 3)], "so-y-te|2025-08-04")

    zeros = ward.values("counted")
    assert len(zeros) == 130
    assert (zeros[A, "2025-08-04"], zeros[B, "2025-08-04"]) == (3, 0)
    assert ward.values("known") == {(A, "2025-08-04"): 3}
    assert ward.values("counted", "week")[A, "2025-W32"] == 3

    ward.deliver([("2025-08-04", B, "soi", 1)], "so-y-te|2025-08-04")
    zeros = ward.values("counted")
    assert (len(zeros), zeros[A, "2025-08-04"], zeros[B, "2025-08-04"]) == (130, 0, 1)
    assert {period for _, period in zeros} == {"2025-08-04"}


def test_zeros_are_of_the_units_valid_at_the_periods_end_and_of_each_day_of_the_delivery(store: Store) -> None:
    ward = Ward(store, contract({"counted": flow(absent="zero")}))
    ward.deliver([], "so-y-te|2025-06")
    ward.deliver([], "so-y-te|2025-07")
    assert store.ask(
        "SELECT starts::text, count(*) FROM measure.value WHERE starts IN ('2025-06-30', '2025-07-01') GROUP BY 1 ORDER BY 1"
    ) == [
        ("2025-06-30", 412),
        ("2025-07-01", 130),
    ]
    assert len({period for _, period in ward.values("counted")}) == 61


def test_a_withdrawn_delivery_takes_its_cells_and_its_zeros_along(store: Store) -> None:
    ward = Ward(store, contract({"counted": flow(absent="zero", also=["month"]), "known": flow()}, resource()))
    kept = ward.deliver([("2025-08-04", A, "soi", 3)], "so-y-te|2025-08-04", ckan_resource="r1")
    ward.deliver([("2025-08-05", A, "soi", 4)], "so-y-te|2025-08-05", ckan_resource="r2")
    assert ward.values("counted", "month")[A, "2025-08"] == 7
    withdraw(store.loader, "r2")
    assert {period for _, period in ward.values("counted")} == {"2025-08-04"}
    assert ward.values("counted", "month")[A, "2025-08"] == 3
    withdraw(store.loader, "r1")
    assert (ward.values("counted"), ward.values("counted", "month"), ward.values("known")) == ({}, {}, {})
    assert len(ward.cells("counted", "day", kept.edition)) == 130


def test_a_delivery_whose_period_was_corrected_takes_its_cells_along(store: Store) -> None:
    ward = Ward(store, contract({"counted": flow(absent="zero"), "known": flow()}, resource()))
    ward.deliver([("2025-08-04", A, "soi", 3)], "so-y-te|2025-08-04", ckan_resource="r1")
    ward.deliver([("2025-08-05", A, "soi", 3)], "so-y-te|2025-08-05", ckan_resource="r1")
    assert ward.values("known") == {(A, "2025-08-05"): 3}
    assert {period for _, period in ward.values("counted")} == {"2025-08-05"}


def test_a_late_population_changes_no_cell_of_the_cases(store: Store) -> None:
    people = {"of": "people", "value": "SUM(cases)", "calendar": "year", "over_time": "last", "over_units": "sum", "as_of": True}
    by_year = {**resource("people"), "delivery": {"scope": "period", "calendar": "year", "column": "ngay"}}
    ward = Ward(store, contract({"new_cases": flow(), "population": people}, by_month(), by_year))
    ward.deliver([("2021-08-01", A, "soi", 3)])
    cases = store.ask("SELECT * FROM measure.value ORDER BY 1, 2, 3, 4, 5")
    ward.deliver([("2021-12-31", A, "all", 50_000)], "cuc-thong-ke|2021", resource_name="people")
    assert ward.values("population", "year") == {(A, "2021"): 50_000}
    assert store.ask("SELECT * FROM measure.value WHERE measure = 'ward.new_cases' ORDER BY 1, 2, 3, 4, 5") == cases
    assert store.ask("SELECT DISTINCT measure, dataset, access FROM measure.value ORDER BY 1") == [
        ("ward.new_cases", "ward-cases", "open"),
        ("ward.population", "ward-people", "open"),
    ]


def test_a_row_lies_on_the_day_of_the_column_that_the_measure_names(store: Store) -> None:
    fields = [
        *resource()["schema"]["fields"],
        {"name": "luc", "column": "at", "title": "Lúc", "type": "datetime"},
        {"name": "nam", "column": "in_year", "title": "Năm", "type": "year", "total": False},
    ]
    by_moment = by_month(schema={"fields": fields, "primaryKey": ["ngay", "ma_xa", "benh"]})
    yearly = flow(on="in_year", calendar="year")
    ward = Ward(store, contract({"by_moment": flow(on="at"), "by_year": yearly}, by_moment))
    rows = frame([("2021-08-01", A, "soi", 1), ("2021-08-01", A, "cum", 2), ("2021-08-01", B, "soi", 4)]).with_columns(
        # 23:59 and midnight in Viet Nam, seven hours before UTC's; the third has no moment.
        pl.Series("at", [datetime(2021, 8, 3, 16, 59, tzinfo=UTC), datetime(2021, 8, 3, 17, 0, tzinfo=UTC), None]),
        pl.Series("in_year", [2020, 2021, 2021]),
    )
    ward.deliver(rows)
    assert ward.values("by_moment") == {(A, "2021-08-03"): 1, (A, "2021-08-04"): 2}
    assert ward.values("by_year", "year") == {(A, "2020"): 1, (A, "2021"): 2, (B, "2021"): 4}
