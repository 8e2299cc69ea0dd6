"""What a sample's table is, as far as it shows: types, units and agencies referred to, the key, the column of the delivery."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

import polars as pl

from control.new.sample import Sample
from control.new.sample_names import column_of, is_rate, names_a_thing, names_a_unit, personal, title_of, unit_of_measure
from control.new.sample_values import Guess, guess, missing_values, writes_decimal_comma
from datasets.model.calendar import ZONE
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Level
from datasets.model.period import period_of
from datasets.model.reference import Reference

MOST_CHOICES = 12
ROWS_A_CHOICE = 4
"""A text column with at most MOST_CHOICES values, each met this often, is taken for a list of allowed values."""
LONGEST_CHOICE = 40
LARGEST_KEY = 4
SURELY_CODES = 5
"""So many different five-digit codes of communes are no coincidence."""
LEVELS = (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE)
CALENDARS = (Calendar.DAY, Calendar.WEEK, Calendar.MONTH, Calendar.QUARTER, Calendar.YEAR)


@dataclass(frozen=True)
class Column:
    """One column of the sample."""

    header: str
    column: str
    title: str
    guess: Guess
    required: bool
    unit_level: Level | None = None
    agency: bool = False
    personal: Literal["none", "basic", "sensitive"] = "none"
    choices: tuple[str, ...] = ()
    unit: str | None = None
    total: bool = True
    not_negative: bool = False
    notes: tuple[str, ...] = ()
    """What a person has to decide or look at."""

    @property
    def type(self) -> str:
        return self.guess.type

    @property
    def is_number(self) -> bool:
        return self.type in ("integer", "number")

    @property
    def is_summable(self) -> bool:
        return self.is_number and self.total and self.personal == "none"


@dataclass(frozen=True)
class Table:
    """The sample's table."""

    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    key: tuple[str, ...]
    """Headers."""
    key_is_unique: bool
    dated: Column | None
    """Column whose day or year lies in the delivery's period."""
    calendar: Calendar | None
    """Calendar of the delivery: the shortest whose one period holds the whole sample; None when several periods are in it."""
    several_days: bool
    unknown_codes: tuple[str, ...] = field(default=())
    """Codes of units that are not valid on their row's day."""

    @property
    def unit(self) -> Column | None:
        return next((c for c in self.columns if c.unit_level is not None), None)


def table_of(sample: Sample, reference: Reference) -> Table:
    """Looks at every row of the sample."""
    values = {h: sample.rows[h].fill_null("").str.strip_chars(" \t\u00a0") for h in sample.headers}
    missing = [""]
    for series in values.values():
        missing += [v for v in missing_values(series.unique().to_list()) if v not in missing]
    present = {h: s.filter(~s.is_in(missing)) for h, s in values.items()}
    writing: Literal["comma", "point", "unknown"] = "point" if sample.is_workbook else "unknown"
    if not sample.is_workbook and writes_decimal_comma([s.unique().to_list() for s in present.values()]):
        writing = "comma"
    columns: list[Column] = []
    for header in sample.headers:
        distinct = sorted(present[header].unique().to_list())
        taken = [c.column for c in columns]
        found = guess(distinct, header, writing)
        if sample.is_workbook and found.type == "date" and found.format == "%Y-%m-%d":
            found = replace(found, format="%d/%m/%Y")  # cells are dates; a text in their place is written as people do
        whole = present[header].len() == sample.rows.height
        columns.append(_column(header, distinct, found, whole, present[header].len(), taken, reference))
    columns = _one_unit(columns)
    dated = next((c for c in columns if c.type in ("date", "datetime", "year") and c.required and c.personal == "none"), None)
    days = _days(dated, present) if dated else []
    key, unique = _key(columns, values, dated)
    columns = [replace(c, required=True) if c.header in key else c for c in columns]
    unit = next((c for c in columns if c.unit_level is not None), None)
    unknown = _unknown(unit, dated, values, present, reference) if unit else ()
    return Table(tuple(columns), tuple(missing), key, unique, dated, _calendar(dated, days), len(set(days)) > 1, unknown)


def _column(
    header: str, distinct: Sequence[str], found: Guess, whole: bool, rows: int, taken: Sequence[str], reference: Reference
) -> Column:
    """One column, its distinct values given."""
    about = personal(header, distinct)
    notes = [found.unsure] if found.unsure else []
    if about != "none":
        found = found if found.type in ("date", "year") else Guess()
        notes.append("looks personal: is it needed? Without it the data could be shared")
    level = _level(header, distinct, reference) if about == "none" else None
    agency = bool(distinct) and set(distinct) <= set(reference.agencies)
    if level or agency or (found.type == "integer" and names_a_thing(header)):
        found = Guess()
    unit = unit_of_measure(header)
    if found.type in ("integer", "number") and any("%" in value for value in distinct):
        unit = "%"
    choices: tuple[str, ...] = ()
    few = 2 <= len(distinct) <= MOST_CHOICES and rows >= ROWS_A_CHOICE * len(distinct)
    may_choose = found.type == "string" and not level and not agency and about == "none" and not names_a_thing(header)
    if may_choose and few and max(map(len, distinct)) <= LONGEST_CHOICE:
        choices = tuple(distinct)
        notes.append("are these all the values that may come?")
    number = found.type in ("integer", "number")
    return Column(
        header=header, column=column_of(header, taken), title=title_of(header), guess=found, required=whole, unit_level=level,
        agency=agency, personal=about, choices=choices, unit=unit if number else None, total=not is_rate(header, unit),
        not_negative=number and not any(value.startswith("-") for value in distinct), notes=tuple(notes),
    )  # fmt: skip


def _level(header: str, distinct: Sequence[str], reference: Reference) -> Level | None:
    """Level whose codes all of the values are. Short codes look like any number: the header has to say that they are codes."""
    says = names_a_thing(header) or names_a_unit(header)
    for level in LEVELS:
        if distinct and set(distinct) <= _codes(reference, level) and (says or (level is Level.COMMUNE and len(distinct) >= SURELY_CODES)):
            return level
    return None


def _codes(reference: Reference, level: Level) -> set[str]:
    return {unit.code for unit in reference.units if unit.level is level}


def _one_unit(columns: list[Column]) -> list[Column]:
    """A row is about one unit: the finest that is referred to; other codes stay text."""
    found = sorted((c for c in columns if c.unit_level is not None), key=lambda c: LEVELS.index(c.unit_level or Level.PROVINCE))
    note = "holds codes of units too; a row is about one unit, so these stay text"
    return [replace(c, unit_level=None, notes=(*c.notes, note)) if c in found[1:] else c for c in columns]


def _day(column: Column, value: str) -> date | None:
    if column.type == "year":
        return date(int(value), 1, 1)
    for form in (column.guess.format or "%Y-%m-%d", "%Y-%m-%d"):
        try:
            return datetime.strptime(value, form).date()  # noqa: DTZ007 - a day of the file
        except ValueError:
            continue
    return None


def _days(dated: Column, present: dict[str, pl.Series]) -> list[date]:
    found = (_day(dated, value) for value in present[dated.header].unique().to_list())
    return [day for day in found if day is not None]


def _calendar(dated: Column | None, days: Sequence[date]) -> Calendar | None:
    if dated is None or not days:
        return None
    choices = (Calendar.YEAR,) if dated.type == "year" else CALENDARS
    return next((c for c in choices if len({period_of(c, day) for day in days}) == 1), None)


def _key(columns: Sequence[Column], values: dict[str, pl.Series], dated: Column | None) -> tuple[tuple[str, ...], bool]:
    """The smallest set of columns that tells all rows apart, the delivery's column in it; numbers are no key.

    Without such a set, all columns that could be part of one, and False.
    """
    able = [
        c
        for c in columns
        if c.required and not (c.is_number and c.total and not c.header.casefold().startswith(("mã", "ma_", "id", "stt")))
    ]
    frame = pl.DataFrame(values)
    for size in range(1, LARGEST_KEY + 1):
        for chosen in itertools.combinations([c.header for c in able], size):
            if (dated is None or dated.header in chosen) and frame.select(chosen).n_unique() == frame.height:
                return chosen, True
    fallback = tuple(c.header for c in able) or (columns[0].header,)
    return fallback, False


def _unknown(
    unit: Column, dated: Column | None, values: dict[str, pl.Series], present: dict[str, pl.Series], reference: Reference
) -> tuple[str, ...]:
    """Codes that are no unit of that level on their row's day (today, when rows have none)."""
    if unit.unit_level is None:
        return ()
    pairs = {(code, None) for code in present[unit.header].unique().to_list()}
    if dated is not None:
        pairs = set(pl.DataFrame([values[unit.header].alias("code"), values[dated.header].alias("day")]).unique().iter_rows())
    wrong = set()
    for code, written in pairs:
        day = (_day(dated, written) if dated is not None and written else None) or datetime.now(ZONE).date()
        if reference.unit_index.resolve(code, unit.unit_level, day) is None:
            wrong.add(code)
    return tuple(sorted(wrong))
