"""What the values of one column are: every value that was seen must have the type, or it stays text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DATES = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%m/%d/%Y")
MOMENTS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")
MISSING = ("-", "--", "–", "—", "..", "...", "…", "n/a", "N/A", "NA", "null", "NULL", "#N/A", "không có", "x", "X")
"""Ways of writing that there is no value; a letter only where all other values of the column are numbers or dates."""
LETTERS = ("x", "X", "NA")
FORMS = ((".", None), (",", None), (",", "."), (".", ","), (",", " "))
"""Marks before decimals and between thousands."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
CODE = re.compile(r"^0\d+$")
PLAIN = re.compile(r"^[+-]?\d{1,18}$")

Writing = Literal["comma", "point", "unknown"]
"""The mark before decimals in the file: a comma, as Vietnamese programs write; a point, as a workbook's cells have; or it does not show."""


@dataclass(frozen=True)
class Guess:
    """Type of a column, and how it is written."""

    type: str = "string"
    format: str | None = None
    decimal: str = "."
    group: str | None = None
    unsure: str = ""
    """What a person has to look at, empty when nothing."""


def guess(values: Collection[str], header: str, writing: Writing = "unknown") -> Guess:
    """The type that all of these values (none of them missing) have."""
    found = list(values)
    if not found:
        return Guess(unsure="the sample has no value here")
    for kind, formats in (("date", DATES), ("datetime", MOMENTS)):
        form = _moment(found, formats)
        if form:
            return _with_doubt(kind, form, found)
    if any(CODE.match(value) for value in found):
        return Guess()
    if all(PLAIN.match(value) for value in found):
        return _whole(found, header)
    if all(value.casefold() in ("true", "false") for value in found):
        return Guess("boolean")
    return _number(found, writing) or Guess()


def missing_values(values: Sequence[str]) -> list[str]:
    """Which of a column's distinct values stand for a missing one."""
    found = [value for value in values if value in MISSING and value not in LETTERS]
    others = [value for value in values if value not in MISSING]
    if others and guess(others, "").type != "string":
        found += [value for value in values if value in LETTERS]
    return found


def _moment(values: Sequence[str], formats: Sequence[str]) -> str | None:
    return next((form for form in formats if all(_has(form, value) for value in values)), None)


def _has(form: str, value: str) -> bool:
    try:
        when = datetime.strptime(value, form)  # noqa: DTZ007 - only the way of writing is looked at
    except ValueError:
        return False
    return FIRST_YEAR <= when.year <= LAST_YEAR


def _with_doubt(kind: str, form: str, values: Sequence[str]) -> Guess:
    both = form.startswith("%d/%m") and all(_has(form.replace("%d/%m", "%m/%d"), value) for value in values)
    return Guess(kind, form, unsure="day before month? no day of the sample is above 12" if both else "")


def _whole(values: Sequence[str], header: str) -> Guess:
    numbers = [int(value) for value in values]
    words = re.split(r"[^a-zà-ỹ]+", header.casefold())
    is_year = all(FIRST_YEAR <= number <= LAST_YEAR for number in numbers) and bool({"nam", "năm", "year"} & set(words))
    return Guess("year" if is_year else "integer")


def writes_decimal_comma(columns: Iterable[Collection[str]]) -> bool:
    """Whether some column of a text file can only be numbers with a comma before decimals: 12,5."""
    surely = re.compile(r"^[+-]?\d+,(\d{1,2}|\d{4,})\s*%?$")
    whole = _shape(",", None)
    return any(values and all(whole.match(v) for v in values) and any(surely.match(v) for v in values) for values in columns)


def _number(values: Sequence[str], writing: Writing) -> Guess | None:
    """A number with decimals or groups of thousands; what could be both is decided by how the rest of the file is written."""
    forms = FORMS if writing != "comma" else (FORMS[1], FORMS[2], FORMS[0], FORMS[4], FORMS[3])
    fitting = [(d, g) for d, g in forms if all(_shape(d, g).match(value) for value in values)]
    if not fitting:
        return None
    decimal, group = fitting[0]
    if any("%" in value for value in values):
        return Guess("number", decimal=decimal, group=group)
    if writing != "point":
        for mark, other in ((".", ","), (",", ".")):
            in_threes = re.compile(rf"^[+-]?\d{{1,3}}(\{mark}\d{{3}})*$")
            if any(mark in value for value in values) and all(in_threes.match(value) for value in values):
                if mark == "," and writing == "comma":
                    return Guess("number", decimal=mark, unsure='is "," before decimals, or between thousands?')
                return Guess("integer", decimal=other, group=mark, unsure=f'is "{mark}" between thousands, or before decimals?')
    return Guess("number", decimal=decimal, group=group)


def _shape(decimal: str, group: str | None) -> re.Pattern[str]:
    whole = r"\d+" if group is None else rf"(?:\d+|\d{{1,3}}(?:{re.escape(group)}\d{{3}})+)"
    return re.compile(rf"^[+-]?{whole}(?:{re.escape(decimal)}\d+)?\s*%?$")
