"""What contracts oblige to: obligations and expected reports on apply, by the tick, when a contract changes, and when it goes."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from ckan_harvesters import supply
from ckan_harvesters.supply.oblige import oblige_since
from control.compile.store import plan_store
from control.compile.store.removal import remove_contract
from datasets.model.calendar import DayOff, WorkCalendar
from tests.store.cluster import SECRET
from tests.store.conftest import Store
from tests.store.contracts import INDICATORS, measured
from tests.store.supplied import at, deliver, delivery, do, events, owed, owing, periods, set_clock, state

MONTHLY: dict[str, Any] = {"calendar": "month", "due": "+3wd 17:00"}


def dues(store: Store, obligation: str = "owing-cases@so-y-te") -> dict[str, str]:
    """Due moments by period, as a person in the province writes them."""
    query = """
    SELECT period, to_char(due_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI') FROM supply.report
    WHERE obligation = %s ORDER BY starts
    """
    return dict(store.ask(query, obligation))


def planned(store: Store, *contracts: Any) -> list[str]:
    """What a plan says of supply."""
    with psycopg.connect(store.owner) as conn:
        lines = plan_store(conn, list(contracts), store.reference, SECRET).changes().made
    return [line for line in lines if "obligation" in line or "due moment" in line or "rest" in line]


def test_each_publisher_owes_its_own_from_the_day_on_which_apply_saw_the_dataset(store: Store) -> None:
    set_clock(store, "2026-01-20 08:00")
    store.apply(owing(**MONTHLY))

    found = store.ask(
        "SELECT obligation, agency, clause, scope, steward, valid_from, valid_to FROM supply.obligation WHERE contract = 'owing'"
    )
    said = ("quy-che-ioc/dieu-12", "period", "so-y-te/chanh-van-phong", date(2026, 1, 20), None)
    agencies = ("benh-vien-san-nhi", "so-y-te")
    assert sorted(found) == [(f"owing-cases@{agency}", agency, *said) for agency in agencies]
    # The period that holds the day is the first; those that begin within 40 days are made: 1 February, and 1 March on the fortieth day.
    assert dues(store) == {"2026-01": "2026-02-04 17:00", "2026-02": "2026-03-04 17:00", "2026-03": "2026-04-03 17:00"}
    assert planned(store, owing(**MONTHLY)) == []


def test_since_and_the_clause_say_when_it_begins(store: Store) -> None:
    set_clock(store, "2026-01-20 08:00")
    store.apply(owing(**MONTHLY, since="2025-11-15"))
    assert periods(store) == ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
    before_the_regulation = owing(**MONTHLY, since="2024-01-01", version="1.1.0")
    store.apply(before_the_regulation)
    assert periods(store)[0] == "2025-07"


def test_the_tick_makes_reports_ahead_once_and_looks_at_no_report_when_there_is_nothing_to_make(store: Store) -> None:
    set_clock(store, "2026-01-20 08:00")
    store.apply(owing(**MONTHLY))
    supply.tick(store.loader)
    assert supply.tick(store.loader) == 0

    read = "SELECT sum(seq_scan + idx_scan) FROM pg_stat_user_tables WHERE schemaname = 'supply' AND relname = 'report'"
    do(store, "SELECT pg_stat_force_next_flush()")
    before = store.ask(read)
    assert supply.tick(store.loader) == 0
    do(store, "SELECT pg_stat_force_next_flush()")
    assert store.ask(read) == before

    set_clock(store, "2026-02-20 08:00")
    # April begins on the fortieth day: one report for each of two publishers, and what the small contract owes by day.
    daily = len(store.ask("SELECT 1 FROM supply.obligation WHERE contract = 'clinic' AND coalesce(made_until, valid_from) <= '2026-04-01'"))
    assert daily == 0
    assert supply.tick(store.loader) == 2
    assert (supply.tick(store.loader), periods(store)[-1]) == (0, "2026-04")


def test_a_changed_rule_moves_only_due_moments_that_lie_ahead_and_makes_nobody_late(store: Store) -> None:
    set_clock(store, "2026-01-20 08:00")
    store.apply(owing(**MONTHLY))
    set_clock(store, "2026-03-04 16:00")
    supply.tick(store.loader)
    # February is due in an hour; by the new rule it would have been due on 28 February.
    sooner = owing(calendar="month", due="17:00", version="1.1.0")
    assert planned(store, sooner) == [
        "obligation owing-cases@so-y-te is changed: due_rule +3wd 17:00 → 17:00",
        "obligation owing-cases@benh-vien-san-nhi is changed: due_rule +3wd 17:00 → 17:00",
        "4 due moments to come move",
    ]
    store.apply(sooner)
    expected = {"2026-01": "2026-02-04", "2026-02": "2026-03-04", "2026-03": "2026-03-31", "2026-04": "2026-04-30"}
    assert dues(store) == {period: f"{day} 17:00" for period, day in expected.items()}
    assert state(store, "2026-02") == ("due_soon", "none")
    assert planned(store, sooner) == []


def test_a_day_off_that_the_government_decides_moves_what_is_to_come(store: Store) -> None:
    set_clock(store, "2026-01-20 08:00")
    store.apply(owing(**MONTHLY))
    settings = store.reference.calendar.settings
    off = DayOff(day=date(2026, 3, 4), title="Nghỉ", basis="Quyết định")
    kept = store.reference.__dict__["calendar"]
    try:
        store.reference.__dict__["calendar"] = WorkCalendar(settings.model_copy(update={"days_off": [*settings.days_off, off]}))
        assert planned(store, owing(**MONTHLY)) == ["2 due moments to come move"]
        store.apply(owing(**MONTHLY))
        assert dues(store)["2026-02"] == "2026-03-05 17:00"
        assert planned(store, owing(**MONTHLY)) == []
    finally:
        store.reference.__dict__["calendar"] = kept


def test_another_calendar_begins_with_the_period_that_runs_and_leaves_what_was_due(store: Store) -> None:
    set_clock(store, "2026-01-20 08:00")
    store.apply(owing(**MONTHLY))
    set_clock(store, "2026-02-10 08:00")
    weekly = owing(calendar="week", due="17:00", version="1.1.0")
    store.apply(weekly)
    # January was due on 4 February and stays; February, not due, is owed by week now, from the week that runs.
    assert periods(store)[:3] == ["2026-01", "2026-W07", "2026-W08"]
    assert "2026-02" not in periods(store)
    assert planned(store, weekly) == []
    store.apply(weekly)
    supply.tick(store.loader)
    assert periods(store)[:3] == ["2026-01", "2026-W07", "2026-W08"]


def test_who_is_no_publisher_any_more_owes_what_was_due_and_nothing_further(store: Store) -> None:
    set_clock(store, "2026-01-20 08:00")
    store.apply(owing(**MONTHLY))
    set_clock(store, "2026-02-10 08:00")
    one = owing(owed("cases", "month", "+3wd 17:00", publishers=["so-y-te"]), version="1.1.0")
    store.apply(one)
    other = "owing-cases@benh-vien-san-nhi"
    assert store.ask("SELECT valid_to FROM supply.obligation WHERE obligation = %s", other) == [(date(2026, 2, 10),)]
    assert (periods(store, other), state(store, "2026-01", other)) == (["2026-01"], ("missing", "none"))
    set_clock(store, "2026-06-10 08:00")
    supply.tick(store.loader)
    assert periods(store, other) == ["2026-01"]
    # Back in summer: owed from then on, nothing of the months between.
    store.apply(owing(**MONTHLY, version="1.2.0"))
    assert periods(store, other) == ["2026-01", "2026-06", "2026-07"]


def test_a_clause_that_is_to_end_and_then_is_not_leaves_no_hole(store: Store) -> None:
    set_clock(store, "2026-01-20 08:00")
    store.apply(owing(**MONTHLY))
    clauses = store.reference.clauses
    clause = clauses["quy-che-ioc/dieu-12"]
    try:
        clauses["quy-che-ioc/dieu-12"] = clause.model_copy(update={"valid_to": date(2026, 2, 15)})
        store.apply(owing(**MONTHLY))
        supply.tick(store.loader)
        assert periods(store) == ["2026-01", "2026-02"]
    finally:
        clauses["quy-che-ioc/dieu-12"] = clause
    store.apply(owing(**MONTHLY))
    assert periods(store) == ["2026-01", "2026-02", "2026-03"]
    assert planned(store, owing(**MONTHLY)) == []


def test_what_had_been_delivered_before_counts_when_it_came(store: Store) -> None:
    """An installation that is brought up to date, and a demonstration that owes since some weeks."""
    set_clock(store, "2026-03-20 08:00")
    contract = owing()
    store.apply(contract)
    do(store, "DELETE FROM supply.clock")
    for number, (day, hour) in enumerate((("2026-03-10", "16:00"), ("2026-03-11", "18:00"), ("2026-03-12", "16:00"))):
        deliver(store, delivery(contract, f"so-y-te|{day}", number, uploaded_at=at(f"{day} {hour}")), f"job {number}")
    assert (store.ask("SELECT count(*) FROM supply.event"), periods(store)[0]) == ([(0,)], "2026-03-20")

    set_clock(store, "2026-03-20 08:00")
    with psycopg.connect(store.owner) as conn:
        oblige_since(conn, {"owing-cases": date(2026, 3, 10)}, [contract], store.reference)
    assert periods(store)[0] == "2026-03-10"
    states = [state(store, day)[0] for day in ("2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13", "2026-03-20")]
    assert states == ["on_time", "late", "on_time", "missing", "due_soon"]
    assert planned(store, contract) == []
    with psycopg.connect(store.owner) as conn:
        oblige_since(conn, {"owing-cases": date(2026, 3, 15)}, [contract], store.reference)
    assert (periods(store)[0], events(store, "2026-03-10")) == ("2026-03-10", ["accepted"])


def test_an_indicator_says_which_datasets_it_rests_on(store: Store) -> None:
    store.apply(measured())
    found = store.ask("SELECT indicator, dataset, as_of FROM supply.rests_on ORDER BY 1, 2")
    assert found == [
        ("clinic.beds-there", "clinic-beds", False),
        ("clinic.cases", "clinic-cases", False),
        ("clinic.cases-per-head", "clinic-cases", False),
        ("clinic.cases-per-head", "clinic-population", True),
    ]
    less = measured("1.2.0", indicators={"cases": INDICATORS["cases"]})
    assert "what clinic.beds-there, clinic.cases-per-head rest on is noted" in planned(store, less)
    store.apply(less)
    assert store.ask("SELECT indicator, dataset FROM supply.rests_on") == [("clinic.cases", "clinic-cases")]
    assert store.ask("SELECT * FROM supply.rests_on__open", url=store.audience("aud_public")) == []


def test_a_removed_contract_leaves_nothing_owed(store: Store) -> None:
    set_clock(store, "2026-03-02 08:00")
    store.apply(owing(), measured())
    deliver(store, delivery(owing(), "so-y-te|2026-03-02"), "job 1")
    with psycopg.connect(store.owner) as conn:
        done = remove_contract(conn, "owing")
    assert any("2 obligations go with their" in line for line in done.changes.made)
    assert store.ask("SELECT DISTINCT contract FROM supply.obligation") == [("clinic",)]
    orphans = """
    SELECT (SELECT count(*) FROM supply.report WHERE obligation LIKE 'owing%'), (SELECT count(*) FROM supply.event)
    """
    assert store.ask(orphans) == [(0, 0)]
    assert store.ask("SELECT count(*) FROM supply.rests_on") == [(4,)]


@pytest.mark.parametrize("role", ["aud_official", "aud_leader", "aud_agency_so_tai_chinh"])
def test_officials_read_the_states_of_every_agency_and_write_none(store: Store, role: str) -> None:
    url = store.audience(role)
    assert store.ask("SELECT count(DISTINCT agency) FROM supply.state WHERE contract = 'clinic'", url=url) == [(2,)]
    with psycopg.connect(url) as conn, pytest.raises(psycopg.Error):
        conn.execute("SET default_transaction_read_only = off")
        conn.execute("INSERT INTO supply.clock (at) VALUES (now())")


def test_only_the_owner_sets_the_clock_and_nobody_changes_an_event(store: Store) -> None:
    set_clock(store, "2026-03-02 08:00")
    store.apply(owing())
    deliver(store, delivery(owing(), "so-y-te|2026-03-02"), "job 1")
    for statement in ("UPDATE supply.clock SET at = now()", "DELETE FROM supply.event", "UPDATE supply.report SET quality = 'accepted'"):
        with psycopg.connect(store.loader) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(statement.encode())
    with pytest.raises(psycopg.errors.RaiseException, match="appended, never changed"):
        do(store, "UPDATE supply.event SET kind = 'refused'")


def test_the_public_reads_states_of_open_datasets_without_persons_and_reasons(store: Store) -> None:
    set_clock(store, "2026-03-02 08:00")
    store.apply(owing(owed("cases", "day", "17:00"), owed("secret", "day", "17:00", access="shared")))
    public = store.audience("aud_public")
    assert store.ask("SELECT DISTINCT dataset FROM supply.state__open WHERE contract = 'owing'", url=public) == [("owing-cases",)]
    names = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'supply' AND table_name = 'state__open'"
    shown = {row[0] for row in store.ask(names)}
    assert not shown & {"steward", "zero_by", "excused_by", "excuse_reason", "refused_code"}
    for table in ("state", "report", "event", "obligation", "rests_on", "rate"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            store.ask(f"SELECT * FROM supply.{table}", url=public)
