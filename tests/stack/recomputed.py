"""Totals, last values, shares and percentiles by period, worked out in plain Python: nothing of the product's model is used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.stack.delivered_rows import Row

Key = tuple[str, str | None]
"""A period and what the figure is of: a commune, an agency, a disease; None for the whole province."""
Figures = dict[Key, float | None]
Count = Callable[[Row], float | None]


def period_of(calendar: str, moment: dt.date) -> str:
    """The period that a day or moment lies in, as the store writes it."""
    day = moment.date() if isinstance(moment, dt.datetime) else moment
    # An administrative month runs from the 15th to the 14th and has the name of the month that it ends in.
    ends = day if day.day < 15 or not calendar.startswith("administrative") else (day.replace(day=1) + dt.timedelta(days=32))
    year, month = ends.year, ends.month
    iso = day.isocalendar()
    autumn = day.year if day.month >= 8 else day.year - 1
    return {
        "day": day.isoformat(),
        "week": f"{iso.year}-W{iso.week:02}",
        "month": f"{year}-{month:02}",
        "quarter": f"{year}-Q{(month + 2) // 3}",
        "year": f"{year}",
        "administrative-month": f"{year}-{month:02}A",
        "administrative-year": f"{year}A",
        "school-year": f"{autumn}-{autumn + 1}",
    }[calendar]


def column(name: str, *known: str) -> Count:
    """The column's value, in rows where the other columns are known too."""
    return lambda row: row[name] if all(row[other] is not None for other in known) else None


def where(condition: Callable[[Row], bool]) -> Count:
    """1 for a row that fulfils the condition, 0 for another: how many do."""
    return lambda row: int(condition(row))


def total(rows: Iterable[Row], on: str, calendar: str, by: str | None, count: Count) -> Figures:
    """The sum by the period of `on` and the value of `by`; None where no row says a number."""
    found: Figures = {}
    for row in rows:
        if row[on] is None:
            continue
        key = (period_of(calendar, row[on]), row[by] if by else None)
        value, so_far = count(row), found.setdefault(key, None)
        if value is not None:
            found[key] = value + (so_far or 0)
    return found


def last(rows: Sequence[Row], on: str, calendar: str, by: str | None, count: Count) -> Figures:
    """The sum of the last day of each period that has rows: a stock."""
    days: dict[Key, dt.date] = {}
    keyed = [((period_of(calendar, row[on]), row[by] if by else None), row) for row in rows]
    for key, row in keyed:
        days[key] = max(days.get(key, dt.date.min), row[on])
    return total([row for key, row in keyed if row[on] == days[key]], on, calendar, by, count)


def share(counted: Figures, of: Figures, scale: float = 100, least: float = 0) -> Figures:
    """Counted / of * scale; None without a divisor or with one below the least number."""
    return {key: _part(counted.get(key), of.get(key), scale, least) for key in counted.keys() | of.keys()}


def _part(counted: float | None, of: float | None, scale: float, least: float) -> float | None:
    return counted / of * scale if counted is not None and of and of >= least else None


def plus(*parts: Figures) -> Figures:
    """The sum of figures, a missing one counting as 0."""
    return {key: sum(part.get(key) or 0 for part in parts) for key in set().union(*parts)}


def percentile(rows: Iterable[Row], on: str, calendar: str, share_of_rows: float, value: Callable[[Row], Sequence[float]]) -> Figures:
    """The number that a share of the values does not exceed, linear between the two nearest; a row may stand for several values or none."""
    values: dict[Key, list[float]] = {}
    for row in rows:
        if row[on] is not None and (given := value(row)):
            values.setdefault((period_of(calendar, row[on]), None), []).extend(given)
    return {key: _percentile(sorted(found), share_of_rows) for key, found in values.items()}


def _percentile(values: Sequence[float], share_of_rows: float) -> float:
    place = (len(values) - 1) * share_of_rows
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def differences(expected: Mapping[Key, float | None], found: Mapping[Key, float | None]) -> list[str]:
    """What is not the same, in words; zero where nothing was expected is the same, since a contract may say that none is 0."""
    lines = []
    for key in sorted(expected.keys() | found.keys(), key=str):
        mine, theirs = expected.get(key), found.get(key)
        if mine is None and theirs in (None, 0):
            continue
        if mine is None or theirs is None or abs(mine - theirs) > 1e-6 * max(1, abs(mine)):
            lines.append(f"{key}: {mine} by hand, {theirs} in the store")
    return lines
