"""What a contract says of an indicator: an expression over measures, and the targets it is held against."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from datasets.model.calendar_name import Calendar
from datasets.model.table_schema import ColumnName, Strict, Translations


class Basis(Strict):
    """What a target rests on."""

    kind: Literal["law", "plan", "proposed"]
    """law: a legal text that was read; plan: the province's plan; proposed: nobody has decided it yet, and it is shown as proposed."""
    clause: str | None = None
    """Document and clause, as in `legal_basis` of a resource."""
    note: str | None = None
    """A word on the source, in Vietnamese, shown beside the target."""


class Target(Strict):
    """A value to reach or to stay under, while it is valid."""

    value: float
    """The value to reach, or to stay under when lower is better."""
    amber: float | None = None
    """Where the amber band begins, on the good side of the target: from here (which is still good) to the target it is met, but
    nearly missed."""
    paced: bool = False
    """Whether the value is that of a whole year: a period is held against the part of it for the days of the year that have passed at the
    period's end, and so is amber."""
    from_: dt.date = Field(alias="from")
    """First day on which it is valid."""
    to: dt.date | None = None
    """First day on which it is no longer valid."""
    unit: str | None = None
    """Code of the administrative unit it is set for; without one, the whole province."""
    basis: Basis
    """What it rests on."""


class FormulaVersion(Strict):
    """Another expression that an indicator was, or will be, computed by: rules change."""

    from_: dt.date = Field(alias="from")
    """First day on which it is valid."""
    to: dt.date
    """First day on which it is no longer valid."""
    value: str
    """The expression then, written as the indicator's own."""
    basis: Basis
    """What it rests on."""


class FigureLevel(Strict):
    """One of the few values that an indicator can have, and what it is called."""

    value: int
    """The value."""
    label: str
    """What it is called in Vietnamese: "Cấp 2"."""
    labels: Translations | None = None
    """What it is called in English and French."""
    meaning: str | None = None
    """What it means in a few Vietnamese words, shown beside it: "Nguy cơ trung bình"."""
    meanings: Translations | None = None
    """What it means in English and French."""
    state: Literal["good", "watch", "bad"]
    """How a tile judges it."""
    colour: Literal["green", "yellow", "orange", "red"] | None = None
    """Its colour on a map and in a ranking; without one, that of its state: green, yellow or red."""


class Indicator(Strict):
    """An expression over measures, computed when it is read."""

    title: str
    """Title in Vietnamese."""
    titles: Translations
    """Title in English and French."""
    short: str | None = None
    """Shorter title for tiles, at most 32 letters."""
    method: dict[Literal["vi", "en", "fr"], str]
    """How it is computed and what it means, Vietnamese first."""
    unit: str
    """Unit of measure of the result: "%", "ca/100.000 dân"."""
    value: str
    """Expression over measures and other indicators of this contract (`bed-occupancy` is written `bed_occupancy`), or
    `subsystem.measure` of another: + - * /, numbers, brackets, ROUND, ABS, GREATEST, LEAST, CASE WHEN."""
    from_: dt.date | None = Field(default=None, alias="from")
    """First day for which it is computed; without one, whatever its measures know."""
    versions: list[FormulaVersion] = Field(default_factory=list)
    """Expressions that hold instead of `value` while they are valid: a period is computed by the rules of its first day."""
    basis: Basis | None = None
    """What the expression `value` itself rests on, where it follows a rule that somebody set."""
    levels: list[FigureLevel] = Field(default_factory=list, max_length=6)
    """The few whole values that it can have, lowest first: charts show their labels and colours, and a tile is judged by them."""
    when_zero: Literal["missing"] | float | None = None
    """The value when a divisor is zero: missing, or a number."""
    calendars: list[Calendar] = Field(default_factory=list)
    """Calendars it is shown by, the dashboard's first; without any, that of its first flow."""
    direction: Literal["up", "down", "none"]
    """up: higher is better; down: lower is better; none: context, never coloured."""
    decimals: int = Field(default=1, ge=0, le=4)
    """Digits after the decimal sign when it is shown."""
    min_n: int | None = Field(default=None, ge=1)
    """Least value of the divisor (files, people, tests) below which it is not shown."""
    targets: list[Target] = Field(default_factory=list)
    """What it is held against, each while it is valid."""
    shown_by: list[Literal["unit", "agency"] | ColumnName] = Field(default_factory=lambda: ["unit"])
    """What it may be grouped by: unit, agency, or a column that all of its measures are broken down by."""
