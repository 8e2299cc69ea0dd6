"""A year of 30 agencies by a clock that is set; the figures expected were worked out by hand (supply_year.yaml)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from ckan_harvesters import supply
from ckan_harvesters.load import refuse, withdraw
from ckan_harvesters.supply.excuse import end_excuse, excuse
from datasets.model.contract import Contract
from tests.store.conftest import Store, copied
from tests.store.contracts import contract
from tests.store.supplied import LOCAL, deliver, delivery, do, owed, set_clock

EXPECTED: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "supply_year.yaml").read_text())
MONTHS: dict[str, date] = EXPECTED["due"]["year-monthly"]
AGENCIES: dict[str, dict[str, Any]] = EXPECTED["agencies"]
POSITION = "so-khoa-hoc-va-cong-nghe/to-giup-viec-to-truong"
LETTERS = {("on_time", "accepted"): "o", ("late", "accepted"): "l", ("missing", "none"): "m", ("missing", "refused"): "r"}
COUNTED = """
SELECT dataset, agency, count(*) FILTER (WHERE is_expected), count(*) FILTER (WHERE is_received), count(*) FILTER (WHERE is_on_time)
FROM {states} GROUP BY 1, 2 HAVING count(*) FILTER (WHERE is_expected) > 0
"""

Figures = dict[str, dict[str, list[int]]]
"""[expected, received, on time] by dataset and agency."""


def moment(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}{LOCAL}")


def year_contract(without: int | None = None, version: str = "1.0.0") -> Contract:
    """The year's contract; all agencies but one are publishers of year-monthly."""
    monthly = [f"co-quan-{n:02d}" for n in range(1, 31) if n != without]
    return contract(
        owed("monthly", "month", "+3wd 17:00", publishers=monthly),
        owed("weekly", "week", "+2wd 17:00", publishers=["co-quan-01", "co-quan-02", "co-quan-03"]),
        owed("register", "quarter", "+10d 17:00", "whole", publishers=["co-quan-01", "co-quan-02"]),
        name="year",
        version=version,
    )


@dataclass
class Year:
    """The year as it goes by: acts at their moments, and the figures asked for on the way."""

    store: Store
    contract: Contract = field(default_factory=year_contract)
    acts: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    figures: dict[str, Figures] = field(default_factory=dict)
    jobs: list[Callable[[], object]] = field(default_factory=list)
    """Every job that a message brought, to be brought again."""

    def on(self, day: date, clock: str, act: Callable[[], object], is_job: bool = True) -> None:
        self.acts.append((moment(day, clock), act))
        if is_job:
            self.jobs.append(act)

    def brings(self, day: date, clock: str, name: str, scope: str, content: int | None = 1, **more: Any) -> None:
        """A delivery; `content` None is an empty file."""
        checked = delivery(self.contract, scope, content, name, **more)
        self.on(day, clock, lambda: deliver(self.store, checked, f"{name} {scope} {day} {clock}"))

    def refused(self, day: date, clock: str, scope: str) -> None:
        resource = self.contract.resource("monthly")
        agency, job = scope.split("|")[0], f"refused {scope}"
        given: dict[str, Any] = {"ckan_resource": f"monthly of {scope}", "scope": scope, "agency": agency, "job_id": job}
        self.on(day, clock, lambda: refuse(self.store.loader, self.contract, resource, "empty_file", {}, **given))

    def withdrawn(self, day: date, clock: str, scope: str) -> None:
        self.on(day, clock, lambda: withdraw(self.store.loader, f"monthly of {scope}"), is_job=False)

    def excused(self, day: date, clock: str, agency: str, period: str, until: datetime | None) -> None:
        def act() -> None:
            said: dict[str, Any] = {"by": POSITION, "reason": "Mưa lũ", "reference": self.store.reference}
            with psycopg.connect(self.store.owner) as conn:
                if until is None:
                    end_excuse(conn, f"year-monthly@{agency}", period, **said)
                else:
                    excuse(conn, f"year-monthly@{agency}", period, until=until, **said)

        self.on(day, clock, act, is_job=False)

    def look(self, text: str) -> None:
        self.figures[text] = counted(self.store)

    def go(self) -> None:
        """Lives through the acts in their order; beat ticks on each day on which something happens."""
        day = None
        for when, act in sorted(self.acts, key=lambda item: item[0]):
            set_clock(self.store, when)
            if when.date() != day:
                day = when.date()
                supply.tick(self.store.loader)
            act()


def month_of(year: Year, agency: str, month: str, due: date, what: str) -> None:
    """What an agency does about one month."""
    scope = f"{agency}|{month}"
    number, of = int(month[5:]), int(month[:4])
    next_month = date(of + number // 12, number % 12 + 1, 1)
    match what:
        case "steady":
            year.brings(due, "09:00:00", "monthly", scope)
        case "early":
            year.brings(next_month, "08:00:00", "monthly", scope)
        case "last":
            year.brings(due, "17:00:00", "monthly", scope)
        case "second":
            year.brings(due, "17:00:01", "monthly", scope)
        case "day-late":
            year.brings(due + timedelta(days=1), "09:00:00", "monthly", scope)
        case "zero":
            year.brings(due, "10:00:00", "monthly", scope, None, zero_by="Nguyễn Thị Hoa (hoa.nt)")
        case "fixed":
            year.brings(due, "09:00:00", "monthly", scope)
            year.brings(due + timedelta(days=5), "09:00:00", "monthly", scope, 2)
        case "refused":
            year.refused(due, "09:00:00", scope)
        case "mended":
            year.refused(due, "09:00:00", scope)
            year.brings(due + timedelta(days=1), "09:00:00", "monthly", scope)


def special_cases(year: Year) -> None:
    """What agencies 22 to 27 do besides, as the file of figures says."""
    april, until = date(2026, 4, 2), moment(date(2026, 4, 20), "17:00")
    for agency in ("co-quan-22", "co-quan-23"):
        year.withdrawn(date(2026, 4, 10), "09:00", f"{agency}|2026-03")
    year.brings(date(2026, 4, 20), "09:00", "monthly", "co-quan-23|2026-03")
    year.excused(date(2026, 9, 1), "08:00", "co-quan-24", "2026-08", moment(date(2026, 9, 18), "17:00"))
    year.brings(date(2026, 9, 17), "10:00", "monthly", "co-quan-24|2026-08")
    for agency in ("co-quan-25", "co-quan-26", "co-quan-27"):
        year.excused(april, "08:00", agency, "2026-03", until)
    year.brings(date(2026, 4, 21), "09:00", "monthly", "co-quan-26|2026-03")
    year.excused(date(2026, 4, 8), "09:00", "co-quan-27", "2026-03", None)
    year.brings(date(2026, 4, 14), "09:00", "monthly", "co-quan-27|2026-03")


def other_datasets(year: Year) -> None:
    """The weeks of agencies 01 to 03 and the registers of 01 and 02."""
    for week, due in EXPECTED["due"]["year-weekly"].items():
        sunday = date.fromisocalendar(2026, int(week[6:]), 7)
        year.brings(due, "09:00", "weekly", f"co-quan-01|{week}")
        year.brings(sunday + timedelta(days=2), "09:00", "weekly", f"co-quan-02|{week}")
        year.brings(sunday + timedelta(days=3), "09:00", "weekly", f"co-quan-03|{week}")
    for number, day in enumerate([date(2026, 4, 8), date(2026, 7, 8), date(2026, 10, 8), date(2027, 1, 8)]):
        year.brings(day, "09:00", "register", "co-quan-01", number)
    for day, clock, content in (
        (date(2026, 4, 9), "09:00", 1),
        (date(2026, 4, 9), "15:00", 2),
        (date(2026, 7, 15), "09:00", 3),
        (date(2026, 10, 9), "09:00", 3),
    ):
        year.brings(day, clock, "register", "co-quan-02", content)


def counted(store: Store, states: str = "supply.state", *parameters: Any) -> Figures:
    """What the store counts, of the year's datasets."""
    figures: Figures = {name: {} for name in EXPECTED["due"]}
    for dataset, agency, *numbers in store.ask(COUNTED.format(states=states), *parameters):
        if dataset in figures:
            figures[dataset][agency] = numbers
    return figures


@pytest.fixture(scope="module")
def year(template: Store) -> Iterator[Year]:
    with copied(template) as store:
        year = Year(store)
        for agency, does in AGENCIES.items():
            for (month, due), letter in zip(MONTHS.items(), does["year"], strict=True):
                what = does.get("but", {}).get(month, does["habit"])
                month_of(year, agency, month, due, "none" if letter == "-" else what)
        special_cases(year)
        other_datasets(year)
        year.on(date(2026, 1, 1), "00:00", partial(store.apply, year_contract(without=29)), is_job=False)
        year.on(date(2026, 7, 1), "08:00", partial(store.apply, year_contract(version="1.1.0")), is_job=False)
        year.on(date(2026, 10, 6), "08:00", partial(store.apply, year_contract(30, "1.2.0")), is_job=False)
        for text in EXPECTED["moments"]:
            year.acts.append((datetime.fromisoformat(text + LOCAL), partial(year.look, text)))
        year.go()
        yield year


def test_due_moments_are_those_of_the_calendar_on_the_wall(year: Year) -> None:
    query = "SELECT DISTINCT dataset, period, due_at FROM supply.state WHERE dataset = ANY (%s)"
    found = {(dataset, period): due for dataset, period, due in year.store.ask(query, list(EXPECTED["due"]))}
    for dataset, dues in EXPECTED["due"].items():
        wanted = {period: datetime.combine(day, time(17), moment(day, "17:00").tzinfo) for period, day in dues.items()}
        assert {period: found[dataset, period] for period in dues} == wanted


@pytest.mark.parametrize("text", EXPECTED["moments"])
def test_the_rates_are_those_worked_out_by_hand(year: Year, text: str) -> None:
    expected, found = EXPECTED["moments"][text], year.figures[text]
    monthly = [sum(numbers) for numbers in zip(*found["year-monthly"].values(), strict=True)]
    assert monthly == expected["year-monthly"]
    assert found["year-weekly"] == expected["year-weekly"]
    assert found["year-register"] == expected["year-register"]


@pytest.mark.parametrize("text", EXPECTED["moments"])
def test_the_events_alone_tell_the_same_of_a_moment_long_past(year: Year, text: str) -> None:
    assert counted(year.store, "supply.states_at(%s)", datetime.fromisoformat(text + LOCAL)) == year.figures[text]


def test_each_agency_has_the_states_and_rates_worked_out_by_hand(year: Year) -> None:
    query = """
    SELECT agency, period, punctuality, quality, is_zero FROM supply.state
    WHERE dataset = 'year-monthly' AND period BETWEEN '2026-01' AND '2026-12'
    """
    found = {(agency, period): (LETTERS[p, q], zero) for agency, period, p, q, zero in year.store.ask(query)}
    letters = {}
    for agency in AGENCIES:
        row = [found.get((agency, month), ("-", False)) for month in MONTHS]
        letters[agency] = "".join("z" if zero else letter for letter, zero in row)
    assert letters == {agency: does["year"] for agency, does in AGENCIES.items()}
    last = list(EXPECTED["moments"])[-1]
    assert year.figures[last]["year-monthly"] == {agency: does["end"] for agency, does in AGENCIES.items()}


@pytest.mark.parametrize(("dataset", "agency", "period", "text", "punctuality", "quality"), EXPECTED["states"])
def test_a_state_at_a_moment(year: Year, dataset: str, agency: str, period: str, text: str, punctuality: str, quality: str) -> None:
    query = "SELECT punctuality, quality FROM supply.states_at(%s) WHERE obligation = %s AND period = %s"
    found = year.store.ask(query, datetime.fromisoformat(text + LOCAL), f"{dataset}@{agency}", period)
    assert found == [(punctuality, quality)]


def test_rates_of_the_months_in_which_reports_were_due_add_up_to_the_year(year: Year) -> None:
    query = "SELECT sum(expected), sum(received), sum(on_time) FROM supply.rate WHERE dataset = 'year-monthly'"
    last = list(EXPECTED["moments"])[-1]
    assert [list(map(int, row)) for row in year.store.ask(query)] == [EXPECTED["moments"][last]["year-monthly"]]


def test_a_clock_that_moves_back_and_on_again_counts_nothing_twice(year: Year) -> None:
    """The last test of the year: every job is brought again by a clock that was set back, and by one that was set on."""
    before = year.store.ask("SELECT count(*), max(event) FROM supply.event")
    reports = year.store.ask("SELECT count(*) FROM supply.report")
    last = list(EXPECTED["moments"])[-1]
    for text in ("2026-05-01T12:00", last):
        set_clock(year.store, datetime.fromisoformat(text + LOCAL))
        supply.tick(year.store.loader)
        for job in year.jobs:
            job()
    assert year.store.ask("SELECT count(*), max(event) FROM supply.event") == before
    assert year.store.ask("SELECT count(*) FROM supply.report") == reports
    assert counted(year.store) == year.figures[last]

    set_clock(year.store, datetime.fromisoformat(f"2026-05-01T12:00{LOCAL}"))
    correction = delivery(year.contract, "co-quan-01|2026-12", 7, "monthly")
    deliver(year.store, correction, "a correction while the clock was wrong")
    do(year.store, "DELETE FROM supply.clock")
    set_clock(year.store, datetime.fromisoformat(last + LOCAL))
    assert counted(year.store) == year.figures[last]
    backwards = """
    SELECT count(*) FROM (SELECT at, lag(at) OVER (PARTITION BY report ORDER BY event) AS before FROM supply.event) e WHERE at < before
    """
    assert year.store.ask(backwards) == [(0,)]
