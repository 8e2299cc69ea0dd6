"""States in the store are those of the pure function: the same events go into both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.types.json import Json

from datasets.model.calendar import ZONE
from datasets.model.supply_state import Event, ReportState, rates, state_of
from tests.store.conftest import Store
from tests.supply_events import random_events

DUE = datetime(2026, 3, 4, 17, tzinfo=ZONE)
REPORTS = 250
MOMENTS = [DUE + timedelta(hours=hours) for hours in (-130, -60, -24, -23, -3, 0, 3, 30, 61, 100, 200, 400)]
COLUMNS = "punctuality, quality, is_zero, received_at, excused_until, excused_by, is_expected, is_received, is_on_time"

OBLIGATION = """
INSERT INTO supply.obligation (obligation, contract, dataset, view_name, subsystem, agency, clause, calendar, due_rule, scope, access,
    steward, title, valid_from, first_seen)
VALUES ('health-bed-days@so-y-te', 'health', 'health-bed-days', 'bed_days', 'health', 'so-y-te', 'quy-che-ioc/dieu-12', 'day', '17:00',
    'period', 'open', 'so-y-te/thu-truong', 'Giường bệnh', '2026-03-04', '2026-03-04')
ON CONFLICT DO NOTHING
"""
REPORT = """
INSERT INTO supply.report (obligation, period, starts, ends, due_at) VALUES ('health-bed-days@so-y-te', %s, '2026-03-04', '2026-03-05', %s)
RETURNING report
"""
EVENT = """
INSERT INTO supply.event (report, at, kind, received_at, load_id, by, until, details) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


@pytest.fixture
def reports(store: Store) -> dict[int, list[Event]]:
    """Reports of the store, each with its events as they were recorded."""
    recorded: dict[int, list[Event]] = {}
    load = 0
    with psycopg.connect(store.owner) as conn:
        conn.execute(OBLIGATION)
        for seed in range(REPORTS):
            row = conn.execute(REPORT, [f"{seed}", DUE]).fetchone()
            assert row is not None
            recorded[row[0]] = random_events(seed, DUE)
            for event in recorded[row[0]]:
                load += 1
                delivered = event.kind in ("accepted", "zero")
                received = (event.received_at or event.at) if delivered else None
                details = Json({"rejected": event.rejected})
                conn.execute(EVENT, [row[0], event.at, event.kind, received, load, event.by, event.until, details])
    return recorded


def states(store: Store, query: str, *parameters: object) -> dict[int, ReportState]:
    return {row[0]: ReportState(*row[1:]) for row in store.ask(query, *parameters)}


def test_states_at_a_moment_are_those_of_the_events_up_to_it(store: Store, reports: dict[int, list[Event]]) -> None:
    for at in MOMENTS:
        found = states(store, f"SELECT report, {COLUMNS} FROM supply.states_at(%s)", at)
        assert {report: found[report] for report in reports} == {report: state_of(DUE, events, at) for report, events in reports.items()}


def test_the_states_of_now_are_those_of_all_events(store: Store, reports: dict[int, list[Event]]) -> None:
    last = max(event.at for events in reports.values() for event in events)
    for at in (last, last + timedelta(days=30)):
        with psycopg.connect(store.owner) as conn:
            conn.execute("INSERT INTO supply.clock (at) VALUES (%s) ON CONFLICT (is_set) DO UPDATE SET at = excluded.at", [at])
        found = states(store, f"SELECT report, {COLUMNS} FROM supply.state")
        wanted = {report: state_of(DUE, events, at) for report, events in reports.items()}
        assert {report: found[report] for report in reports} == wanted
        counted = rates(wanted.values())
        query = "SELECT sum(expected), sum(received), sum(on_time) FROM supply.rate WHERE dataset = 'health-bed-days' AND month = '2026-03'"
        assert [tuple(map(int, row)) for row in store.ask(query)] == [(counted.expected, counted.received, counted.on_time)]


def test_a_moment_that_went_back_is_recorded_as_the_one_before(store: Store, reports: dict[int, list[Event]]) -> None:
    report = next(report for report, events in reports.items() if events)
    early = datetime(2020, 1, 1, tzinfo=UTC)
    with psycopg.connect(store.owner) as conn:
        conn.execute(EVENT, [report, early, "refused", None, 999_999, None, None, Json({})])
    ((at,),) = store.ask("SELECT at FROM supply.event WHERE load_id = 999999")
    assert at == reports[report][-1].at
