"""Loads that run at once, and whatever order they come in: cells are always those that the rows give."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import psycopg

from ckan_harvesters import ledger, measure
from ckan_harvesters.load import load, withdraw
from ckan_harvesters.measure import lock
from tests.store.conftest import Store
from tests.store.contracts import UNITS, Row, resource
from tests.store.measured import PROVINCE, Ward, contract, flow

A, B, C = UNITS
BY_WEEK = {**resource(), "delivery": {"scope": "period", "calendar": "week", "column": "ngay"}}


PUBLISHING = 7402011
"""The lock that a load takes last, to get its edition: whoever holds it keeps loads that have computed their cells from committing."""

Delivered = tuple[list[Row], str]


def both_compute_before_either_commits(ward: Ward, *deliveries: Delivered) -> None:
    """Loads them in threads, and lets them go on only when each has come as far as it can."""
    with psycopg.connect(ward.store.loader) as holder, ThreadPoolExecutor(len(deliveries)) as pool:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (PUBLISHING,))
        loading = []
        for number, (rows, scope) in enumerate(deliveries, start=1):
            loading.append(pool.submit(load, ward.store.loader, ward.checked(rows, scope), f"at once {number}"))
            _wait_for_locks(ward.store, number)
        holder.rollback()
        assert [done.result(30).state for done in loading] == ["done"] * len(deliveries)


def test_two_agencies_at_once_leave_a_cell_that_does_not_add_with_the_rows_of_both(store: Store) -> None:
    ward = Ward(store, contract({"highest": flow("MAX(cases)", over_time="none", over_units="none")}))
    ward.deliver([("2021-08-01", A, "soi", 9)], "so-y-te|2021-08")
    ward.deliver([("2021-08-01", A, "cum", 9), ("2021-08-01", B, "cum", 1)], "benh-vien-san-nhi|2021-08")
    # Neither alone takes the 9 away, so that neither would write the cell if it did not wait for the other's rows.
    first: Delivered = ([("2021-08-01", A, "soi", 3)], "so-y-te|2021-08")
    second: Delivered = ([("2021-08-01", A, "cum", 4), ("2021-08-01", B, "cum", 1)], "benh-vien-san-nhi|2021-08")
    both_compute_before_either_commits(ward, first, second)
    assert ward.values("highest") == {(A, "2021-08-01"): 4, (B, "2021-08-01"): 1, (PROVINCE, "2021-08-01"): 4}


def test_two_weeks_of_one_month_at_once_are_both_in_the_month(store: Store) -> None:
    ward = Ward(store, contract({"stock": flow(over_time="last", also=["month"])}, BY_WEEK))
    ward.deliver([("2021-08-03", A, "soi", 10)], "so-y-te|2021-W31")
    ward.deliver([("2021-08-10", A, "soi", 20)], "so-y-te|2021-W32")
    # The month's stock falls back to the first week's, which the other load changes and does not see as the month's.
    first: Delivered = ([("2021-08-10", B, "soi", 1)], "so-y-te|2021-W32")
    second: Delivered = ([("2021-08-03", A, "soi", 15)], "so-y-te|2021-W31")
    both_compute_before_either_commits(ward, first, second)
    assert ward.values("stock", "month") == {(A, "2021-08"): 15, (B, "2021-08"): 1}


def test_loads_over_several_years_in_any_order_end_without_a_deadlock(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow(also=["year"])}, BY_WEEK))
    deliveries: list[Delivered] = []
    for n in range(4):
        years = [2019, 2020, 2021, 2022][n:] + [2019, 2020, 2021, 2022][:n]
        deliveries.append(([(f"{year}-08-0{n + 1}", A, f"d{n}", 1) for year in years], f"so-y-te|2021-W{31 + n}"))
    both_compute_before_either_commits(ward, *deliveries)
    assert ward.values("new_cases", "year") == {(A, str(year)): 4 for year in (2019, 2020, 2021, 2022)}
    assert store.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == [(0,)]


def test_a_load_waits_for_the_cells_of_its_years_only(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow(also=["month"])}, BY_WEEK))
    with psycopg.connect(store.loader) as holder, ThreadPoolExecutor(2) as pool:
        lock.cells(holder, [("ward.cases__v1", "2021")])
        this_year = pool.submit(ward.deliver, [("2021-08-03", A, "soi", 1)], "so-y-te|2021-W31")
        other_year = pool.submit(ward.deliver, [("2022-08-02", A, "soi", 1)], "so-y-te|2022-W31")
        assert other_year.result(30).state == "done"
        _wait_for_locks(store, 1)
        assert not this_year.done()
        holder.rollback()
        assert this_year.result(30).state == "done"


def test_a_load_that_began_before_a_contract_was_applied_has_the_measure_that_came_with_it(store: Store) -> None:
    ward = Ward(store, contract({"rows": flow("COUNT(*)")}, BY_WEEK))
    later = contract({"rows": flow("COUNT(*)"), "new_cases": flow()}, BY_WEEK, version="1.1.0")
    rows_are_written, go_on = threading.Event(), threading.Event()

    def hold(_conn: psycopg.Connection[Any], _load_id: int) -> None:
        rows_are_written.set()
        assert go_on.wait(30)

    with ThreadPoolExecutor(2) as pool:
        old = ward.checked([("2021-08-03", A, "soi", 5)], "so-y-te|2021-W31")
        loading = pool.submit(load, store.loader, old, "one", hold)
        assert rows_are_written.wait(30)
        applying = pool.submit(store.apply, later)
        _wait_for_locks(store, 1)
        go_on.set()
        loading.result(30)
        applying.result(30)
    assert ward.values("new_cases") == {(A, "2021-08-03"): 5}
    # A file that was checked under the contract before: what counts is the one that is applied.
    load(store.loader, ward.checked([("2021-08-10", B, "soi", 7)], "so-y-te|2021-W32", ckan_resource="r2"), "two")
    assert ward.values("new_cases") == {(A, "2021-08-03"): 5, (B, "2021-08-10"): 7}


MIXED = {
    "total": flow(also=["week", "month", "administrative-month", "year"]),
    "by_disease": flow(by=["disease"], also=["month", "quarter"]),
    "stock": flow(over_time="last", also=["week", "month"]),
    "mean": flow("AVG(cases)", over_time="mean", over_units="none", also=["administrative-quarter"]),
    "kinds": flow("COUNT(DISTINCT disease)", over_time="none", over_units="none", by=["disease"], also=["week", "month"]),
    "counted": flow(absent="zero", where="disease <> 'cum'", also=["month"]),
    "spread": {
        "of": "cases",
        "function": "reproduction_number",
        "with": {"cases": "cases", "serial_interval_mean": 4, "serial_interval_sd": 2, "window": 5, "least_cases": 2},
        "calendar": "day",
        "also": ["week"],
        "over_time": "none",
        "over_units": "none",
        "by": ["disease"],
    },
    "open_now": flow("COUNT(*)", over_time="last", tick="hour", where="cases > 3"),
}


def test_after_any_loads_and_withdrawals_every_cell_is_what_all_rows_give(store: Store) -> None:
    ward = Ward(store, contract(MIXED, BY_WEEK))
    chance = random.Random(4)
    monday = date(2021, 11, 29)
    for _ in range(25):
        week, agency = chance.randrange(5), chance.choice(["so-y-te", "benh-vien-san-nhi"])
        first = monday + timedelta(days=7 * week)
        scope = f"{agency}|{first.isocalendar().year}-W{first.isocalendar().week:02d}"
        if chance.random() < 0.2:
            withdraw(store.loader, f"resource of {scope}")
            continue
        rows: dict[tuple[str, str, str], int | None] = {}
        for _ in range(chance.randrange(12)):
            day = (first + timedelta(days=chance.randrange(7))).isoformat()
            # Each agency has its own diseases, so that no key is open from another delivery.
            disease = chance.choice({"so-y-te": ["soi", "cum"], "benh-vien-san-nhi": ["ho-ga", "sot"]}[agency])
            rows[day, chance.choice(UNITS), disease] = chance.choice([None, 0, 1, 5, 9])
        ward.deliver([(*key, cases) for key, cases in rows.items()], scope)
    assert ward.versions() > 500
    assert {name: ward.recompute(name) for name in MIXED} == dict.fromkeys(MIXED, 0)
    assert ward.recompute("total", used=contract({"total": flow("SUM(cases) + 1")}, BY_WEEK)) > 0


def test_a_measure_that_goes_is_closed_and_so_are_calendars_that_it_is_no_longer_kept_for(store: Store) -> None:
    ward = Ward(store, contract({"total": flow(also=["month"])}, BY_WEEK))
    ward.deliver([("2021-08-03", A, "soi", 1)], "so-y-te|2021-W31")
    assert ward.recompute("total", used=contract({"total": flow()}, BY_WEEK)) == 1
    assert (len(ward.cells("total")), ward.cells("total", "month")) == (1, [])
    with psycopg.connect(store.loader) as conn:
        assert measure.close(conn, "ward.total", ledger.next_load(conn)) == 1
    assert ward.cells("total") == []


def _wait_for_locks(store: Store, count: int) -> None:
    pause = threading.Event()
    for _ in range(400):
        if store.ask("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")[0][0] >= count:
            return
        pause.wait(0.05)
    raise AssertionError(f"fewer than {count} came to wait")
