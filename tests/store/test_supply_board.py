"""What the supply board asks of the store: counts, codes and rights, with reports and events as loads write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import psycopg
import psycopg.errors
import pytest

from datasets.model.calendar import ZONE
from superset_ioc.home_supply_card import read_late
from superset_ioc.supply import board_store
from superset_ioc.supply.board_store import Read, read_board
from superset_ioc.supply.filters import Filters
from superset_ioc.supply.kept import KeptBoards
from superset_ioc.supply.matrix import board
from superset_ioc.supply.obligation import read_report
from tests.store.conftest import Store

NOW = "2026-11-23 11:00+07"

OBLIGATION = """
INSERT INTO supply.obligation (obligation, contract, dataset, view_name, subsystem, agency, clause, calendar, due_rule, scope, access,
    steward, title, valid_from, first_seen)
VALUES (%(dataset)s || '@' || %(agency)s, 'trial', %(dataset)s, 'trial.x', %(subsystem)s, %(agency)s, 'quy-che-ioc/dieu-12', 'day', '17:00',
    'period', 'restricted', %(agency)s || '/thu-truong', %(dataset)s, '2026-01-01', '2026-01-01')
"""
REPORT = """
INSERT INTO supply.report (obligation, period, starts, ends, due_at)
VALUES (%(obligation)s, %(day)s::text, %(day)s::text::date, %(day)s::text::date + 1, (%(day)s::text || ' 17:00+07')::timestamptz)
"""
EVENT = """
INSERT INTO supply.event (report, at, kind, received_at, load_id, ckan_resource, by, until, note, details)
VALUES (%(report)s, %(at)s, %(kind)s, %(received_at)s, %(load_id)s, 'abc', %(by)s, %(until)s, %(note)s, %(details)s)
"""


class Supply:
    """A store in which nothing is owed but what a test says, at a moment that stands still."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._loads = 0
        with psycopg.connect(store.owner) as conn:
            conn.execute("TRUNCATE supply.event, supply.report, supply.obligation")
            conn.execute("INSERT INTO supply.clock (at) VALUES (%s)", (NOW,))

    def owes(self, agency: str, dataset: str, *days: str, subsystem: str = "health") -> None:
        with psycopg.connect(self.store.owner) as conn:
            conn.execute(OBLIGATION, {"dataset": dataset, "agency": agency, "subsystem": subsystem})
            for day in days:
                conn.execute(REPORT, {"obligation": f"{dataset}@{agency}", "day": day})

    def event(self, obligation: str, day: str, kind: str, at: str, **more: Any) -> None:
        self._loads += 1
        received_at = at if kind in ("accepted", "zero") else None
        told = {"at": at, "kind": kind, "received_at": received_at, "load_id": self._loads, "by": None, "until": None, "note": None}
        with psycopg.connect(self.store.owner) as conn:
            found = conn.execute("SELECT report FROM supply.report WHERE obligation = %s AND period = %s", (obligation, day)).fetchone()
            assert found is not None
            conn.execute(EVENT, {**told, "report": found[0], "details": "{}", **more})

    def ask(self, query: str, parameters: Mapping[str, Any], role: str = "aud_leader") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.store.audience(role), autocommit=True) as conn:
            return conn.execute(query.encode(), parameters or None).fetchall()

    def set_clock(self, moment: str) -> None:
        with psycopg.connect(self.store.owner) as conn:
            conn.execute("UPDATE supply.clock SET at = %s", (moment,))

    def read(self, **asked: str) -> Read:
        return read_board(self.ask, Filters.of(asked), ZONE)

    def codes(self, **asked: str) -> dict[str, list[str]]:
        return {row["obligation"]: row["codes"] for row in self.read(**asked).rows}


@pytest.fixture
def supply(store: Store) -> Supply:
    return Supply(store)


def test_each_state_has_its_code(supply: Supply) -> None:
    days = [f"2026-11-{day}" for day in range(15, 25)]
    supply.owes("so-y-te", "beds", *days)
    one = "beds@so-y-te"
    supply.event(one, days[0], "accepted", "2026-11-15 16:00+07", details='{"accepted": 5, "rejected": 0}')
    supply.event(one, days[1], "accepted", "2026-11-18 20:00+07", details='{"accepted": 5, "rejected": 2}')
    supply.event(one, days[2], "zero", "2026-11-17 09:00+07", by="Nguyễn Văn An")
    supply.event(one, days[3], "refused", "2026-11-18 09:00+07", details='{"refused_code": "header"}')
    supply.event(one, days[4], "excused", NOW, by="so-y-te/thu-truong", until="2026-11-30 17:00+07", note="Mưa lũ")
    supply.event(one, days[6], "accepted", "2026-11-21 16:00+07")
    supply.event(one, days[6], "withdrawn", "2026-11-22 16:00+07")
    read = supply.read()
    # The 24th has not begun and is not shown.
    assert read.rows[0]["codes"] == ["oa.", "lr.51", "oaz", "mf.114", "e-.", "m-.66", "m-.42", "m-.18", "s-."]
    (counted,) = read.counts
    assert {name: counted[name] for name in ("reports", "expected", "received", "on_time", "overdue", "excused", "returned")} == {
        "reports": 9, "expected": 7, "received": 3, "on_time": 2, "overdue": 4, "excused": 1, "returned": 1,
    }  # fmt: skip


def test_filters_narrow_counts_and_rows(supply: Supply) -> None:
    supply.owes("so-y-te", "beds", "2026-11-20")
    supply.owes("so-tai-chinh", "budget", "2026-11-20", subsystem="socioeconomic")
    supply.event("budget@so-tai-chinh", "2026-11-20", "accepted", "2026-11-20 12:00+07")
    assert set(supply.codes()) == {"beds@so-y-te", "budget@so-tai-chinh"}
    assert set(supply.codes(agency="so-y-te")) == {"beds@so-y-te"}
    assert set(supply.codes(subsystem="socioeconomic")) == {"budget@so-tai-chinh"}
    assert set(supply.codes(late="now")) == {"beds@so-y-te"}
    assert supply.codes(calendar="week") == {}
    assert {row["agency"] for row in supply.read(late="now").counts} == {"so-y-te", "so-tai-chinh"}  # rates stay those of all


def test_rows_received_late_are_shown_when_they_are_asked_for(supply: Supply) -> None:
    supply.owes("so-y-te", "beds", "2026-11-20")
    supply.event("beds@so-y-te", "2026-11-20", "accepted", "2026-11-21 08:00+07")
    assert supply.codes(late="now") == {}
    assert supply.codes(late="any") == {"beds@so-y-te": ["la.15"]}


def test_what_is_late_of_earlier_periods_is_counted_beside(supply: Supply) -> None:
    supply.owes("so-y-te", "beds", "2026-08-01", "2026-08-02", "2026-11-20")
    supply.event("beds@so-y-te", "2026-08-02", "accepted", "2026-08-03 08:00+07")
    assert supply.read().older == [{"subsystem": "health", "agency": "so-y-te", "overdue": 1}]
    assert board(supply.read(), "vi", {})["totals"]["overdue"] == 2
    assert supply.read(**{"from": "2026-11"}).older == [{"subsystem": "health", "agency": "so-y-te", "overdue": 1}]


def test_of_more_obligations_than_are_shown_agencies_are_counted(supply: Supply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_store, "MOST_ROWS", 2)
    for number in range(3):
        supply.owes("so-y-te", f"set-{number}", "2026-11-20", "2026-11-21")
    supply.event("set-1@so-y-te", "2026-11-20", "accepted", "2026-11-20 12:00+07")
    read = supply.read()
    assert read.rows == []
    assert [
        (row["period"], row["reports"], row["received"], row["overdue"]) for row in sorted(read.by_period, key=lambda r: r["period"])
    ] == [
        ("2026-11-20", 3, 1, 2),
        ("2026-11-21", 3, 0, 3),
    ]
    assert read.counts[0]["obligations"] == 3
    late = supply.read(late="now")
    assert [row["obligation"] for row in late.rows] == ["set-0@so-y-te", "set-2@so-y-te"]  # the latest two of three
    assert {row["of_all"] for row in late.rows} == {3}


def test_a_report_is_told_with_its_events_in_order(supply: Supply) -> None:
    supply.owes("so-y-te", "beds", "2026-11-20")
    supply.event("beds@so-y-te", "2026-11-20", "refused", "2026-11-20 09:00+07")
    supply.event("beds@so-y-te", "2026-11-20", "accepted", "2026-11-20 10:00+07")
    found = read_report(supply.ask, "beds@so-y-te", "2026-11-20")
    assert found is not None
    state, events = found
    assert (state["punctuality"], state["steward"]) == ("on_time", "so-y-te/thu-truong")
    assert [event["kind"] for event in events] == ["refused", "accepted"]
    assert dt.datetime.fromisoformat(state["moment"]) == dt.datetime.fromisoformat(f"{NOW}:00")
    assert read_report(supply.ask, "beds@so-y-te", "2026-11-21") is None
    assert read_report(supply.ask, "x'; DROP TABLE supply.event; --", "2026-11-20") is None


def test_what_was_read_stands_a_few_seconds_and_no_longer_than_until_something_happens(supply: Supply) -> None:
    supply.owes("so-y-te", "beds", "2026-11-20", "2026-11-23")
    kept = KeptBoards()

    def read() -> Read:
        return kept.of(supply.ask, "aud_leader", Filters(), ZONE)

    def codes() -> list[str]:
        return list(read().rows[0]["codes"])

    first = read()
    assert read() is first
    assert kept.of(supply.ask, "aud_leader", Filters(agency="so-y-te"), ZONE) is not first
    assert kept.of(supply.ask, "aud_official", Filters(), ZONE) is not first
    assert codes() == ["m-.66", "s-."]
    supply.event("beds@so-y-te", "2026-11-20", "accepted", "2026-11-20 18:00+07")
    assert codes() == ["la.1", "s-."]
    supply.set_clock("2026-11-23 17:00:01+07")  # later: it is late now
    assert codes() == ["la.1", "m-.0"]
    supply.set_clock("2026-11-23 09:00+07")  # a clock that moved back
    assert codes() == ["la.1", "s-."]


def test_the_home_page_counts_what_is_late_now_for_officials_only(supply: Supply) -> None:
    assert read_late(supply.ask, "aud_leader") is None
    supply.owes("so-y-te", "beds", "2026-08-01", "2026-11-20")
    late = read_late(supply.ask, "aud_leader")
    assert late is not None
    assert (late.reports, late.agencies) == (2, 1)
    # Only the report of 20 November was due in the last 35 days.
    assert [(titles["vi"], expected, received) for titles, expected, received in late.by_agency] == [("Sở Y tế", 1, 0)]
    assert read_late(supply.ask, "aud_public") is None


@pytest.mark.parametrize("role", ["aud_official", "aud_operator", "aud_agency_so_y_te", "aud_locality_xa_kim_lien"])
def test_every_official_reads_the_states_of_all_agencies(supply: Supply, role: str) -> None:
    supply.owes("so-tai-chinh", "budget", "2026-11-20")
    read = read_board(lambda query, parameters: supply.ask(query, parameters, role), Filters(), ZONE)
    assert read.counts[0]["overdue"] == 1


def test_the_public_is_refused_by_the_store_itself(supply: Supply) -> None:
    supply.owes("so-y-te", "beds", "2026-11-20")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        read_board(lambda query, parameters: supply.ask(query, parameters, "aud_public"), Filters(), ZONE)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        read_report(lambda query, parameters: supply.ask(query, parameters, "aud_public"), "beds@so-y-te", "2026-11-20")
