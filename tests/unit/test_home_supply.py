"""What the home page says of figures whose data are late, incomplete or of a period that runs, and what is read for charts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from datasets.model.calendar import ZONE
from superset_ioc.home_cards import cards
from superset_ioc.home_figure import Figure, Headline, Period, figure_of
from superset_ioc.home_store import Found
from superset_ioc.home_supply import Covered, Judged, Supply
from superset_ioc.supply.facts import read_facts

pytestmark = pytest.mark.unit
NOW = dt.datetime(2026, 11, 23, 18, 0, tzinfo=ZONE)
WEEK = dt.date(2026, 11, 9)
INDICATOR = "health.bed-occupancy"


def report(**more: Any) -> dict[str, Any]:
    """A last due report as the store gives it."""
    found = {
        "dataset": "health-bed-days",
        "agency": "so-y-te",
        "agency_title": "Sở Y tế",
        "agency_title_en": None,
        "agency_title_fr": None,
        "calendar": "day",
        "period": "2026-11-22",
        "starts": "2026-11-22",
        "due_at": "2026-11-22T10:00:00+00:00",
        "received_at": None,
        "excused_until": None,
        "punctuality": "missing",
        "quality": "none",
        "is_zero": False,
        "is_expected": True,
        "is_received": False,
        "is_on_time": False,
    }
    return {**found, **more}


def source(**more: Any) -> dict[str, Any]:
    loaded = "2026-11-22T09:00:00+00:00"
    titles = {"title": "Giường bệnh", "title_en": "Bed days", "title_fr": None}
    return {
        "dataset": "health-bed-days",
        **titles,
        "simulated": True,
        "loaded_at": loaded,
        "edition": 7,
        "calendar": "day",
        "is_owed": True,
        **more,
    }


def facts(
    last: Sequence[dict[str, Any]] = (), periods: Sequence[list[Any]] = (), audience: str = "aud_leader", **of_source: Any
) -> dict[str, Any]:
    """The facts that are made of these rows."""
    asked: list[str] = []

    def ask(query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        asked.append(query)
        rows = [["health-bed-days", *row] for row in periods]
        return [(NOW, [[INDICATOR, "health-bed-days", False]], list(last), rows, [source(**of_source)])]

    told = read_facts(ask, audience, "health")
    assert ("state__open" in asked[0]) == (audience == "aud_public")
    return told


def test_the_public_is_told_from_the_view_of_open_data() -> None:
    assert facts(audience="aud_public")["datasets"]["health-bed-days"]["supply"] == "none"


@pytest.mark.parametrize(
    ("more", "word", "missing", "overdue"),
    [
        ({}, "missing", 1, 1),
        ({"quality": "refused"}, "refused", 1, 1),
        ({"punctuality": "excused", "excused_until": "2026-11-30T10:00:00+00:00"}, "excused", 1, 0),
        ({"punctuality": "late", "received_at": "2026-11-23T01:00:00+00:00"}, "late", 0, 0),
        ({"punctuality": "on_time", "received_at": "2026-11-22T01:00:00+00:00"}, "ok", 0, 0),
    ],
)
def test_the_word_for_a_dataset_is_that_of_its_last_due_report(more: dict[str, Any], word: str, missing: int, overdue: int) -> None:
    told = facts([report(**more)])["datasets"]["health-bed-days"]
    assert (told["supply"], told["missing"], told["overdue"], len(told["last"])) == (word, missing, overdue, missing)


def test_the_worst_report_speaks_and_stands_first() -> None:
    told = facts(
        [
            report(agency_title="A"),
            report(agency_title="B", quality="refused"),
            report(punctuality="on_time", received_at="2026-11-22T01:00:00+00:00"),
        ]
    )
    last = told["datasets"]["health-bed-days"]["last"]
    assert told["datasets"]["health-bed-days"]["supply"] == "refused"
    assert [one["agency"]["vi"] for one in last] == ["B", "A"]
    assert last[0]["due_at"] == "2026-11-22T17:00+07:00"


@pytest.mark.parametrize(("days", "word"), [(1, "none"), (3, "stale")])
def test_what_nobody_owes_is_judged_by_its_age(days: int, word: str) -> None:
    loaded = (NOW - dt.timedelta(days=days)).isoformat()
    assert facts(is_owed=False, loaded_at=loaded)["datasets"]["health-bed-days"]["supply"] == word


HEADLINE = Headline(INDICATOR, {"vi": "Công suất giường", "en": "Bed occupancy", "fr": "Lits"}, "%", 1, "week", "open")


def judged(told: dict[str, Any], starts: dt.date = WEEK, calendar: str = "week") -> Judged:
    return Supply(told).judge(INDICATOR, calendar, starts)


def figure(told: dict[str, Any], value: int = 80, starts: dt.date = WEEK) -> Figure:
    return figure_of(HEADLINE, [Period(starts, Decimal(value))], Supply(told))


def test_a_figure_is_judged_by_its_reports() -> None:
    whole, part = (["2026-11-09", "2026-11-16", 3, received, 3, None, None, None] for received in (3, 2))
    assert figure(facts(periods=[whole])).state.reason == "no_direction"
    assert figure(facts(periods=[part])).state.reason == "incomplete"
    assert figure(facts([report()], periods=[whole])).state.reason == "late_data"
    assert figure(facts(), starts=dt.date(2026, 11, 23)).state.reason == "period_running"


def test_what_lacks_most_is_told_of_reports_and_of_localities_in_them() -> None:
    days = [[f"2026-11-{day:02}", f"2026-11-{day + 1:02}", 1, 1, 1, None, 129, 130] for day in range(9, 16)]
    assert judged(facts(periods=days)).covered == Covered(129, 130, "localities")
    days[0][3] = 0
    assert judged(facts(periods=days)).covered == Covered(6, 7, "periods_day")


def test_a_period_is_over_when_all_of_its_reports_are_past_due() -> None:
    today = ["2026-11-23", "2026-11-24", 3, 3, 3, None, None, None]
    assert judged(facts(periods=[today]), dt.date(2026, 11, 23), "day").over
    assert not judged(facts(periods=[[*today[:4], 2, *today[5:]]]), dt.date(2026, 11, 23), "day").over


def test_what_stands_for_this_moment_is_judged_while_its_period_runs() -> None:
    told = facts(periods=[["2026-11-09", "2026-11-16", 3, 3, 3, None, None, None]])
    told["indicators"] = {INDICATOR: [["health-bed-days", True]]}
    found = judged(told, dt.date(2026, 11, 23))
    assert (found.over, found.stands) == (True, True)
    assert not judged(told).stands, "of a past week it is what it was then"


def test_a_card_says_that_data_are_late_and_which_figure_is_not_judged() -> None:
    found = Found("health", 4, {"vi": "Y tế", "en": "Health", "fr": "Santé"}, 6, NOW, visible=6, loaded=6, overdue=2)
    whole = ["2026-11-09", "2026-11-16", 3, 3, 3, None, None, None]
    found.figures = [figure(facts([report()], periods=[whole])), figure(facts(periods=[whole]), 81)]
    (card,) = cards([], [found], "vi", "aud_leader", {"health"}, NOW.date())
    assert (card.state, card.state_words, card.is_late) == ("live", "Chậm số liệu", True)
    assert card.facts[0] == "2 báo cáo quá hạn"
    assert [(one.state, one.verdict, one.why) for one in card.figures] == [("grey", "Chưa đánh giá", "Chậm số liệu"), ("neutral", "", "")]
