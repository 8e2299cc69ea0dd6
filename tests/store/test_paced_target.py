"""A target of a whole year, as the store answers it for each period: the part for the days that have passed."""

from __future__ import annotations

import datetime as dt

import pytest

from datasets.model.calendar_name import Calendar
from datasets.model.indicator import Indicator
from datasets.model.period import periods
from datasets.model.target import elapsed_share, target_metric
from tests.store.conftest import Store

INDICATOR = Indicator.model_validate(
    {
        **{
            "title": "Giải ngân",
            "titles": {"en": "Disbursed"},
            "method": {"vi": "Giải ngân"},
            "unit": "%",
            "value": "paid",
            "direction": "up",
        },
        "targets": [{"value": 95, "paced": True, "from": "2022-01-01", "basis": {"kind": "proposed"}}],
    }
)
ASKED = "SELECT {metric}::float FROM (VALUES (%s::date)) AS asked (period_starts)"


@pytest.mark.parametrize("calendar", list(Calendar), ids=lambda calendar: calendar.value)
def test_the_store_and_the_calendar_agree_on_the_share_of_the_year(store: Store, calendar: Calendar) -> None:
    metric = target_metric(INDICATOR, calendar) or ""
    first = dt.date(2023, 12, 10) if calendar is not Calendar.DAY else dt.date(2024, 2, 20)
    last = dt.date(2026, 1, 20) if calendar is not Calendar.DAY else dt.date(2024, 3, 10)
    wrong = []
    for period in periods(calendar, first, last):
        [(found,)] = store.ask(ASKED.format(metric=metric), period.starts)
        if found != pytest.approx(95 * elapsed_share(calendar, period.starts)):
            wrong.append((period.text, found))
    assert not wrong


def test_a_month_is_held_against_the_days_up_to_its_end(store: Store) -> None:
    metric = target_metric(INDICATOR, Calendar.MONTH) or ""
    assert store.ask(ASKED.format(metric=metric), dt.date(2026, 10, 1)) == [(pytest.approx(95 * 304 / 365),)]
    assert store.ask(ASKED.format(metric=metric), dt.date(2026, 12, 1)) == [(95.0,)]
