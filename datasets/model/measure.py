"""What a contract says of a measure: a number over one resource by unit, agency, period and breakdown, and how it adds."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from datasets.model.calendar_name import Calendar
from datasets.model.table_schema import ColumnName, Slug, Strict, Translations


class OverTime(StrEnum):
    """How values of several periods make that of a longer one."""

    SUM = "sum"
    """A flow: cases, files received."""
    LAST = "last"
    """A stock: the value of the last period that has one."""
    MEAN = "mean"
    """The mean of the periods that have one."""
    NONE = "none"
    """It does not add (a median, a share): it is computed from the rows for every calendar that is shown."""


class OverUnits(StrEnum):
    """How values of several units make that of a larger one."""

    SUM = "sum"
    NONE = "none"
    """It does not add: it is computed from the rows and stored for every level, from the unit in the file up to the province."""


class Measure(Strict):
    """A number over one resource, kept for each unit, agency, period and breakdown."""

    of: Slug
    """Resource whose rows it is computed from."""
    title: str | None = None
    """Name in Vietnamese; without one, the title of the only column that it sums."""
    titles: Translations | None = None
    """Name in English and French."""
    value: str | None = None
    """SQL aggregate over the resource's columns: SUM, COUNT, MIN, MAX or AVG, also with FILTER."""
    function: Slug | ColumnName | None = None
    """Name of a function instead of `value`, for what an aggregate cannot say."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """Arguments of the function."""
    where: str | None = None
    """SQL condition over the resource's columns: only rows that fulfil it are counted."""
    calendar: Calendar
    """Calendar of the finest period that it is kept for."""
    also: list[Calendar] = Field(default_factory=list)
    """Longer calendars that it is kept for too."""
    on: ColumnName | None = None
    """Column with the day that says which period a row belongs to; without one, the column of the resource's delivery."""
    by: list[ColumnName] = Field(default_factory=list)
    """Columns of the breakdown: facility, disease, office."""
    over_time: OverTime
    """How values of several periods make one: sum, last, mean, or none when they do not."""
    over_units: OverUnits
    """How values of several units make one: sum, or none when they do not."""
    unit: str | None = None
    """Unit of measure; without one, that of the column it sums."""
    as_of: bool = False
    """A stock that stands until the next value, such as population: every later period takes the last value that began before its end."""
    absent: Literal["missing", "zero"] = "missing"
    """What it means that a delivered period has no row of a unit: nothing is known, or there were none."""
    tick: Literal["hour", "day"] | None = None
    """How often a snapshot that the clock changes ("overdue now") is computed anew over all rows; NOW() and TODAY() may be used then."""

    @property
    def calendars(self) -> list[Calendar]:
        """Every calendar that it is kept for, the finest first."""
        return [self.calendar, *self.also]

    @property
    def adds(self) -> bool:
        """Whether values of units add up."""
        return self.over_units is OverUnits.SUM and self.over_time is not OverTime.NONE
