"""Codes of periods in words, as the store says them in tables of rows: the same words as on charts."""

from __future__ import annotations

from datetime import date

import psycopg

from control.compile.superset.period_words import period_words
from datasets.model.calendar_name import Calendar
from datasets.model.period import bounds, period_of
from superset_ioc import words
from tests.store.conftest import Store

DAYS = [date(2026, 11, 22), date(2027, 1, 1), date(2026, 1, 20), date(2025, 12, 15), date(2024, 2, 29)]


def test_a_period_of_every_calendar_is_said_as_charts_say_it(store: Store) -> None:
    codes = {
        period_of(known, day): words.period(known.value, bounds(known, period_of(known, day))[0], "vi")
        for known in Calendar
        for day in DAYS
    }
    assert said(store, list(codes)) == codes


def test_what_is_no_period_stays_as_it_is(store: Store) -> None:
    assert said(store, ["2026-W", "tháng 11", "", "20261-01"]) == {one: one for one in ("2026-W", "tháng 11", "", "20261-01")}


def said(store: Store, codes: list[str]) -> dict[str, str]:
    with psycopg.connect(store.owner) as conn:
        # The expression is put into a query as Superset does; it holds no input.
        query = f"SELECT code, {period_words('code')} FROM unnest(%s::text[]) AS given (code)"
        return {str(code): str(shown) for code, shown in conn.execute(query.encode(), (codes,))}
