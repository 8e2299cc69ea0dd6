"""A measure of a contract as SQL: where its rows are, on which day each lies, what one cell is computed by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from datasets.model.aggregate import parse_aggregate, parse_condition
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Contract, Resource
from datasets.model.measure import Measure, OverTime
from datasets.model.table_schema import FieldType

ZONE = "Asia/Ho_Chi_Minh"

DAYS: dict[FieldType, str] = {
    "date": "{column}",
    "datetime": "({column} AT TIME ZONE {zone})::date",
    "year": "CASE WHEN {column} BETWEEN 1 AND 9999 THEN make_date({column}, 1, 1) END",
}
"""The day of a row, by the type of the column that says it."""

# Comparisons of the bare column, so that its index serves them. `first` is a day and `ends` the first day after.
BETWEEN: dict[FieldType, str] = {
    "date": "{column} >= {first} AND {column} < {ends}",
    "datetime": "{column} >= {first}::timestamp AT TIME ZONE {zone} AND {column} < {ends}::timestamp AT TIME ZONE {zone}",
    "year": "{column} > extract(year FROM {first} - 1)::integer AND {column} <= extract(year FROM {ends} - 1)::integer",
}


@dataclass(frozen=True)
class OnColumn:
    """The column that says on which day a row lies."""

    name: str
    type: FieldType

    def day(self, prefix: str) -> sql.Composed:
        """The row's day as a date."""
        return sql.SQL(DAYS[self.type]).format(column=sql.Identifier(prefix, self.name), zone=sql.Literal(ZONE))

    def between(self, prefix: str, first: sql.Composable, ends: sql.Composable) -> sql.Composed:
        """Whether the row's day is `first` or later and before `ends`."""
        return sql.SQL(BETWEEN[self.type]).format(column=sql.Identifier(prefix, self.name), first=first, ends=ends, zone=sql.Literal(ZONE))


@dataclass(frozen=True)
class Declared:
    """One measure with the contract and the resource that it belongs to."""

    contract: Contract
    resource: Resource
    name: str
    measure: Measure

    @property
    def full_name(self) -> str:
        """`health.new_cases`, as the store writes it."""
        return f"{self.contract.name}.{self.name}"

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier(self.contract.pg_schema, self.contract.table(self.resource))

    @property
    def table_text(self) -> str:
        """`health.bed_days__v1`, as the ledger writes it."""
        return f"{self.contract.pg_schema}.{self.contract.table(self.resource)}"

    @property
    def on(self) -> OnColumn | None:
        """None for a snapshot, whose rows all lie in today's period."""
        if self.measure.tick is not None:
            return None
        schema = self.resource.schema_
        if self.measure.on is not None:
            declared = next(f for f in schema.fields if f.column == self.measure.on)
        else:
            declared = schema.field(self.resource.delivery.column or "")
        return OnColumn(declared.column, declared.type)

    @property
    def from_rows(self) -> tuple[Calendar, ...]:
        """Calendars whose cells are computed from the rows."""
        whole = self.measure.over_time is OverTime.NONE or self.measure.function is not None
        return tuple(self.measure.calendars) if whole else (self.measure.calendar,)

    @property
    def from_cells(self) -> tuple[Calendar, ...]:
        """Longer calendars, whose cells are computed from those of the finest."""
        return tuple(c for c in self.measure.calendars if c not in self.from_rows)

    @property
    def of_ancestors(self) -> bool:
        """Whether there are cells of the units above too: what does not add cannot be summed when it is read."""
        return not self.measure.adds

    @property
    def has_zeros(self) -> bool:
        return self.measure.absent == "zero"

    def value(self, now: datetime) -> sql.SQL:
        """The aggregate over the rows of a cell."""
        clock = now if self.measure.tick else None
        return _checked(parse_aggregate(self.measure.value or "", self.resource, clock).sql)

    def where(self, now: datetime) -> sql.Composable:
        """The condition that a counted row fulfils."""
        if self.measure.where is None:
            return sql.SQL("true")
        clock = now if self.measure.tick else None
        return _checked(parse_condition(self.measure.where, self.resource, clock))

    def breakdown(self) -> sql.Composable:
        """Columns and values that a cell is broken down by, as text."""
        if not self.measure.by:
            return sql.Literal("")
        pairs = [part for column in self.measure.by for part in (sql.Literal(column), sql.Identifier(column))]
        return sql.SQL("jsonb_build_object({})::text").format(sql.SQL(", ").join(pairs))

    def breakdowns(self) -> list[sql.Composable]:
        """The breakdowns whose cells are kept: with what does not add, the whole too."""
        broken = self.breakdown()
        return [broken, sql.Literal("")] if self.of_ancestors and self.measure.by else [broken]

    def agency(self) -> sql.Composable:
        """Whose cell a row counts for: what does not add is the owner's, since cells of several agencies could not be added."""
        return sql.Literal(self.resource.owner) if self.of_ancestors else sql.Identifier("t", "agency")


def declared(contract: Contract, resource: Resource) -> list[Declared]:
    """The measures over a resource, in the contract's order."""
    return [Declared(contract, resource, name, m) for name, m in contract.measures.items() if m.of == resource.name]


def one(contract: Contract, name: str) -> Declared:
    """The measure of that name. Raises KeyError."""
    measure = contract.measures[name]
    return Declared(contract, contract.resource(measure.of), name, measure)


def _checked(expression: str) -> sql.SQL:
    """SQL that the contract's parser has kept to its allowlist and quoted."""
    return sql.SQL(expression)


def literals(values: Sequence[Any]) -> sql.Composed:
    """Values as members of a list."""
    return sql.SQL(", ").join(map(sql.Literal, values))
