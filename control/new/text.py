"""The text of a first contract, with a comment wherever a person has to decide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from control.new.sample import Sample
from control.new.sample_table import Column, Table
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Level

DECIDE = "# decide:"
"""How a comment begins that asks for a decision."""
PLAIN = re.compile(r"^[A-Za-zÀ-ỹĐđ][\wÀ-ỹĐđ /%.+-]*$")
NO_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True)
class Words:
    """What is not in the sample."""

    subsystem: str
    resource: str
    title: str
    agency: str
    agency_given: bool
    steward: str
    legal_basis: str
    order: int
    example: str
    """Path of the example file in the contract's folder."""


def scalar(value: Any) -> str:
    """A value as YAML writes it in one line."""
    if isinstance(value, str) and PLAIN.match(value) and value.casefold() not in NO_TEXT and not value.endswith((" ", ":")):
        return value
    return json.dumps(value, ensure_ascii=False)


def flow(values: dict[str, Any]) -> str:
    """Keys and values in braces; a value that is a list or keys and values itself, likewise."""
    return "{" + ", ".join(f"{key}: {_inner(value)}" for key, value in values.items()) + "}"


def _inner(value: Any) -> str:
    if isinstance(value, dict):
        return flow(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inner(v) for v in value) + "]"
    text = scalar(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) and "," in text and not text.startswith('"') else text


def contract_text(sample: Sample, table: Table, words: Words) -> str:
    """The whole datapackage.yaml."""
    lines = [*_head(words), *_resource(sample, table, words), *_measures(table, words)]
    return "\n".join(lines) + "\n"


def _head(words: Words) -> Iterator[str]:
    yield f"# A first contract, written from {words.example.rsplit('/', 1)[-1]}. Look at every line that says {DECIDE[2:-1]},"
    yield "# then ./ioc check and ./ioc plan."
    yield "$schema: https://datapackage.org/profiles/2.0/datapackage.json"
    yield f"name: {words.subsystem}"
    yield "version: 1.0.0"
    yield f"title: {scalar(words.title)}"
    yield f"titles: {flow({'en': words.title})}                     {DECIDE} translate, and add fr"
    yield f"subsystem: {flow({'order': words.order, 'owner': words.agency})}     {DECIDE} its place among the subsystems" + (
        "" if words.agency_given else ", and who answers for it"
    )
    yield ""


def _resource(sample: Sample, table: Table, words: Words) -> Iterator[str]:
    yield "resources:"
    yield f"  - name: {words.resource}"
    yield f"    path: {scalar(words.example)}"
    yield f"    title: {scalar(words.title)}"
    yield f"    titles: {flow({'en': words.title})}                 {DECIDE} translate"
    yield f"    publishers: [{words.agency}]      {DECIDE} who delivers; the first owns the dataset"
    yield f"    steward: {words.steward}      {DECIDE} who answers for the data"
    if any(c.personal != "none" for c in table.columns):
        why = "some columns look personal, so only the publisher reads it; name other agencies here"
        yield f"    access: {{restricted: []}}      {DECIDE} {why}"
    else:
        yield f"    access: shared      {DECIDE} open (everyone), shared (all agencies), or {{restricted: [agencies]}}"
    yield f"    legal_basis: {words.legal_basis}      {DECIDE} the clause that the delivery rests on"
    dialect: dict[str, Any] = {} if sample.is_workbook or sample.delimiter == "," else {"delimiter": sample.delimiter}
    if sample.header_row != 1:
        dialect["headerRows"] = [sample.header_row]
    if dialect:
        yield f"    dialect: {flow(dialect)}"
    if not sample.is_workbook:
        yield f"    encoding: {sample.encoding}"
    yield from _delivery(table)
    yield "    schema:"
    yield "      fields:"
    for column in table.columns:
        yield f"        - {flow(_field(column, table))}{_notes(column)}"
    yield f"      missingValues: {_inner(list(table.missing))}"
    how = "tells the sample's rows apart; do these always?" if table.key_is_unique else "does not tell the sample's rows apart: what does?"
    yield f"      primaryKey: {_inner(list(table.key))}      {DECIDE} {how}"
    yield ""


def _delivery(table: Table) -> Iterator[str]:
    if table.dated is None or table.calendar is None:
        column = {"column": table.dated.header} if table.dated else {}
        why = "the sample holds several periods" if table.dated else "no column holds a date without gaps"
        yield f"    delivery: {flow({'scope': 'whole', **column})}      {DECIDE} {why}; whole replaces all that the agency delivered before"
        yield f'    obligation: {{calendar: month, due: "+5d 17:00"}}      {DECIDE} how often it is owed, and when'
        return
    calendar = table.calendar.value
    yield (
        f"    delivery: {flow({'scope': 'period', 'calendar': calendar, 'column': table.dated.header})}"
        f"      {DECIDE} the sample lies within one {calendar}; is that what one delivery covers?"
    )
    yield f'    obligation: {{calendar: {calendar}, due: "+5d 17:00"}}      {DECIDE} when it is due'


def _field(column: Column, table: Table) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.header, "column": column.column, "title": column.title, "type": column.type}
    if column.guess.format:
        field["format"] = column.guess.format
    if column.type == "number" and column.guess.decimal != ".":
        field["decimalChar"] = column.guess.decimal
    if column.is_number and column.guess.group:
        field["groupChar"] = column.guess.group
        if column.type == "integer" and column.guess.group == ".":
            field["decimalChar"] = ","  # an integer has no decimals, and the two marks must differ
    if column.unit_level is not None:
        field["refers"] = {"unit": column.unit_level.value, **({"on": table.dated.header} if table.dated else {})}
    if column.agency:
        field["refers"] = {"agency": True}
    if column.unit:
        field["unit"] = column.unit
    if column.is_number and not column.total:
        field["total"] = False
    if column.personal != "none":
        field["personal"] = column.personal
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.not_negative:
        constraints["minimum"] = 0
    if column.choices:
        constraints["enum"] = list(column.choices)
    if constraints:
        field["constraints"] = constraints
    return field


def _notes(column: Column) -> str:
    return f"      {DECIDE} {'; '.join(column.notes)}" if column.notes else ""


def _measures(table: Table, words: Words) -> Iterator[str]:
    """A measure for each number that can be summed, one indicator, and a dashboard with it."""
    summable = [c for c in table.columns if c.is_summable]
    if table.dated is None or not summable:
        yield f"{DECIDE} measures and indicators need a column with the day, and a number that can be summed (docs/reference)"
        return
    day = Calendar.YEAR if table.dated.type == "year" else Calendar.DAY
    calendar = day if table.several_days or table.calendar is None else table.calendar
    yield f"measures:      {DECIDE} how each adds up: sum for what happens in a period, last for what is there at its end"
    for column in summable:
        unit = "" if column.unit else f'unit: "{_unit(column)}", '
        yield (
            f"  {column.column}: {{of: {words.resource}, title: {_inner(column.title)}, value: SUM({column.column}), {unit}"
            f"calendar: {calendar.value}, over_time: sum, over_units: sum}}"
        )
    yield ""
    first = summable[0]
    name = f"{first.column.replace('_', '-')}-total"
    yield f"indicators:      {DECIDE} what leaders ask; a ratio is written like a / b * 100, with when_zero: missing"
    yield f"  {name}:"
    yield f"    title: {scalar(first.title)}"
    yield f"    titles: {flow({'en': first.title})}      {DECIDE} translate"
    yield f"    method: {flow({'vi': f'Tổng {first.title.lower()} trong kỳ', 'en': f'Sum of {first.column} in the period'})}"
    yield f"    unit: {scalar(_unit(first))}"
    yield f"    value: {first.column}"
    yield f"    direction: none      {DECIDE} up (more is better), down, or none; then add targets with what they rest on"
    yield "    decimals: 0"
    by = table.unit is not None
    yield f"    shown_by: [{'unit' if by else 'agency'}]"
    yield ""
    panels = [f"{{trend: {name}}}", f"{{ranking: {name}, by: {'unit' if by else 'agency'}}}"]
    yield "dashboard:"
    yield f"  first_row: [{name}]"
    yield "  rows:"
    yield f"    - [{', '.join(panels)}]"
    if table.unit is not None and table.unit.unit_level in (Level.COMMUNE, Level.DISTRICT):
        yield f"    - [{{map: {name}}}, {{table: {words.resource}}}]"
    else:
        yield f"    - [{{table: {words.resource}}}]"


def _unit(column: Column) -> str:
    return column.unit or "đơn vị"
