"""Periods in SQL are those of the domain model, for every calendar and every day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from datasets.model.contract import Calendar
from datasets.model.period import period, period_of
from tests.store.conftest import Store

FIRST, LAST = date(2014, 1, 1), date(2036, 12, 31)

ALL_DAYS = """
SELECT d::date, ref.period_text(%s, s.starts), s.starts, ref.period_ends(%s, s.starts)
FROM generate_series(%s::date, %s::date, interval '1 day') d CROSS JOIN LATERAL (SELECT ref.period_starts(%s, d::date) AS starts) s
"""


@pytest.mark.parametrize("calendar", list(Calendar))
def test_each_day_lies_in_the_period_that_the_model_says(template: Store, calendar: Calendar) -> None:
    rows = template.ask(ALL_DAYS, calendar.value, calendar.value, FIRST, LAST, calendar.value)
    assert len(rows) == (LAST - FIRST + timedelta(days=1)).days
    for day, text, starts, ends in rows:
        expected = period(calendar, period_of(calendar, day))
        assert (text, starts, ends) == (expected.text, expected.starts, expected.ends), day


def test_a_calendar_that_does_not_exist_has_no_periods(template: Store) -> None:
    assert template.ask("SELECT ref.period_starts('moon', '2021-08-01'), ref.period_ends('moon', '2021-08-01')") == [(None, None)]
