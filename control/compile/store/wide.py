"""The wide views: one column for each measure that a contract's indicators need, for each calendar they are shown by.

Rows are sparse: each comes from one cell and fills one column, so that a metric is Σ part / Σ part at any grouping and nothing is pivoted.
A flow's rows are its cells at the view's calendar. A stock that stands until its next value (`as_of`) has a row for each period of the
view's calendar, from its last cell that begins before the period's end, for units that are valid on the period's last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import psycopg
from psycopg import sql

from control.compile.store.roles import Grant, grant_steps
from control.compile.store.step import Step
from control.compile.store.tables import AS_OF_SUFFIX, existing_columns
from control.compile.store.views import ZONE, comment_on, digest_of
from datasets.model.audience import OPEN, SHARED
from datasets.model.contract import Calendar, Contract
from datasets.model.figure_status import FigureStatus
from datasets.model.formula import formulas, measure_of

PREFIX = "indicators_"
OPEN_SUFFIX = "__open"
MARK = "wide view "
"""How the comment of a wide view begins; no other view is ever dropped as one."""

FIXED = (
    "unit_id",
    "unit_code",
    "unit_name",
    "unit_level",
    "agency",
    "agency_title",
    "measure",
    "breadth",
    "period",
    "period_starts",
    "figure_status",
)

LONGEST_DAYS = {Calendar.DAY: 1, Calendar.WEEK: 7, Calendar.MONTH: 31, Calendar.ADMINISTRATIVE_MONTH: 31}
"""Days of the longest period; of other calendars 366 will do. It bounds the periods that are looked up for a stock's cell."""

# One branch a measure, whose name is a constant of the branch: a chart's filter on `measure` leaves out the other branches when the query
# is planned, and what is left is looked up by equality, which the planner estimates well.
FLOW = """
SELECT {columns}
FROM {cells} v{editions}
LEFT JOIN ref.unit u ON u.unit_id = v.unit_id
LEFT JOIN ref.agency a ON a.agency = v.agency{named}
WHERE {visible} AND v.calendar = {calendar} AND v.measure = {measure}
"""

# `p.starts` is bounded too, which the rest implies, because ref.period is indexed by it.
STOCK = """
SELECT {columns}
FROM (
    SELECT v.unit_id, v.agency, v.breakdown, v.value, v.status, v.starts,
        lead(v.starts, 1, 'infinity'::date) OVER (PARTITION BY v.unit_id, v.agency, v.breakdown ORDER BY v.starts) AS until
    FROM {cells} v{editions}
    WHERE {visible} AND v.calendar = {own} AND v.measure = {measure}
) v
JOIN ref.period p ON p.calendar = {calendar} AND p.ends > v.starts AND p.ends <= v.until AND p.starts <= {today}
    AND p.starts > v.starts - {longest} AND p.starts < v.until
JOIN ref.unit u ON u.unit_id = v.unit_id AND u.valid_from < p.ends AND coalesce(u.valid_to, 'infinity') >= p.ends
LEFT JOIN ref.agency a ON a.agency = v.agency{named}
"""

NAMED = """
LEFT JOIN ref.agency {agency} ON {agency}.agency = nullif(v.breakdown, '')::jsonb ->> {column}"""

# Open and closed cells have an index each.
EVERY_CELL = """(
    SELECT * FROM measure.value WHERE closed_by IS NULL UNION ALL SELECT * FROM measure.value WHERE closed_by IS NOT NULL
)"""
EDITIONS = """
JOIN ledger.edition began ON began.load_id = v.load_id AND began.edition <= $1
LEFT JOIN ledger.edition ended ON ended.load_id = v.closed_by AND ended.edition <= $1"""

TODAY = "(now() AT TIME ZONE '{zone}')::date"
TODAY_OF_EDITION = "(SELECT (max(e.committed_at) AT TIME ZONE '{zone}')::date FROM ledger.edition e WHERE e.edition <= $1)"

BREADTH = "CASE u.level WHEN 'country' THEN 0 WHEN 'province' THEN 10 WHEN 'district' THEN 20 ELSE 30 END + (v.breakdown <> '')::integer"

ALWAYS = {
    "unit_id": sql.SQL("v.unit_id"),
    "unit_code": sql.SQL("u.code"),
    "unit_name": sql.SQL("u.name"),
    "unit_level": sql.SQL("u.level"),
    "agency": sql.SQL("v.agency"),
    "agency_title": sql.SQL("a.title"),
    "breadth": sql.SQL(BREADTH),
}
"""Columns that every branch has."""
NO_TEXT, NO_NUMBER = sql.SQL("NULL::text"), sql.SQL("NULL::numeric")

THERE = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'v'
AND starts_with(obj_description(c.oid, 'pg_class'), %s) ORDER BY 1
"""


@dataclass(frozen=True)
class WideColumn:
    """A measure as a column of a wide view."""

    name: str
    """`new_cases`, of another contract `health_population`."""
    measure: str
    """Full name in the store: `health.new_cases`."""
    access: Literal["open", "shared", "restricted"]
    own_calendar: Calendar
    as_of: bool
    by: tuple[str, ...]
    agencies: tuple[str, ...] = ()
    """Columns of `by` that hold agencies' names."""
    status: FigureStatus | None = "official"
    """How firm all of its values are; None when each cell says it."""


@dataclass(frozen=True)
class Wide:
    """One wide view."""

    schema: str
    calendar: Calendar
    measures: tuple[WideColumn, ...]
    open_only: bool = False
    """Whether it holds the measures of open datasets only, for everyone."""

    @property
    def name(self) -> str:
        """`indicators_week`, `indicators_administrative_month__open`."""
        return PREFIX + self.calendar.value.replace("-", "_") + (OPEN_SUFFIX if self.open_only else "")

    @cached_property
    def breakdown(self) -> list[str]:
        """Columns of the measures' breakdowns, each once."""
        return list(dict.fromkeys(column for measure in self.measures for column in measure.by))

    @cached_property
    def agency_titles(self) -> dict[str, str]:
        """Columns of the breakdowns that hold an agency's name, and what the column with its title is called: `office`, `office_title`."""
        return {column: f"{column}_title" for column in self.breakdown if any(column in m.agencies for m in self.measures)}

    @cached_property
    def titled_agencies(self) -> dict[str, str]:
        """The same the other way round: `office_title`, `office`."""
        return {title: column for column, title in self.agency_titles.items()}

    @property
    def columns(self) -> list[str]:
        """Every column, as a new view has them in order."""
        return [*FIXED, *self.breakdown, *self.agency_titles.values(), *(m.name for m in self.measures)]

    @property
    def reader(self) -> str:
        """Group that the view is granted to; which rows it then sees is for the policies on measure.value."""
        return OPEN if self.open_only else SHARED


def wides(contract: Contract, contracts: Sequence[Contract] = ()) -> list[Wide]:
    """The wide views of a contract, by calendar in the calendars' order; `contracts`: where measures of other contracts are looked up.

    Raises ContractError when an indicator cannot be computed.
    """
    by_calendar: dict[Calendar, dict[str, WideColumn]] = {}
    others = [contract, *(c for c in contracts if c.name != contract.name)]
    for formula in formulas(contract, others).values():
        for calendar in formula.calendars:
            columns = by_calendar.setdefault(calendar, {})
            for ref in formula.measures:
                _, measure, resource = measure_of(ref, others)
                column = WideColumn(
                    ref.column(contract.name),
                    ref.full,
                    resource.access_class,
                    measure.calendar,
                    measure.as_of,
                    tuple(measure.by),
                    tuple(f.column for f in resource.value_fields if f.column in measure.by and f.refers and f.refers.agency),
                    resource.same_status,
                )
                columns.setdefault(column.name, column)
    found: list[Wide] = []
    for calendar in Calendar:
        columns = by_calendar.get(calendar, {})
        if columns:
            found.append(Wide(contract.pg_schema, calendar, tuple(columns.values())))
        if shown := tuple(c for c in columns.values() if c.access == "open"):
            found.append(Wide(contract.pg_schema, calendar, shown, open_only=True))
    return found


def clashes(wide: Wide) -> list[str]:
    """Columns that two things of the view would have."""
    columns = wide.columns
    return sorted({c for c in columns if columns.count(c) > 1})


def wide_query(wide: Wide, order: Sequence[str], as_of: bool = False) -> sql.Composed:
    """The view's query with its columns in this order; `as_of`: over the rows of edition `$1`."""
    return sql.SQL("UNION ALL").join(_branch(wide, measure, order, as_of) for measure in wide.measures)


def _branch(wide: Wide, measure: WideColumn, order: Sequence[str], as_of: bool) -> sql.Composed:
    today = (TODAY_OF_EDITION if as_of else TODAY).format(zone=ZONE)
    return sql.SQL(STOCK if measure.as_of else FLOW).format(
        columns=sql.SQL(", ").join(_selected(wide, c, measure) for c in order),
        cells=sql.SQL(EVERY_CELL if as_of else "measure.value"),
        editions=sql.SQL(EDITIONS if as_of else ""),
        visible=sql.SQL("ended.load_id IS NULL" if as_of else "v.closed_by IS NULL"),
        calendar=sql.Literal(wide.calendar.value),
        named=sql.SQL("").join(
            sql.SQL(NAMED).format(agency=sql.Identifier(f"a_{column}"), column=sql.Literal(column)) for column in measure.agencies
        ),
        own=sql.Literal(measure.own_calendar.value),
        measure=sql.Literal(measure.measure),
        today=sql.SQL(today),
        longest=sql.Literal(LONGEST_DAYS.get(wide.calendar, 366)),
    )


def _selected(wide: Wide, column: str, measure: WideColumn) -> sql.Composable:
    """One column of the branch of one measure."""
    expression = _expression(wide, column, measure)
    if expression is NO_TEXT or expression is NO_NUMBER:
        return _nothing(column, expression.as_string())
    return sql.SQL("{} AS {}").format(expression, sql.Identifier(column))


@lru_cache(maxsize=4096)
def _nothing(column: str, null: str) -> sql.SQL:
    """A column that a branch leaves empty: most are, some fifty thousand in the views of all contracts."""
    return sql.SQL(f"{null} AS {sql.Identifier(column).as_string()}")


def _expression(wide: Wide, column: str, measure: WideColumn) -> sql.Composable:
    """What the branch of one measure has in a column."""
    if column in ALWAYS:
        return ALWAYS[column]
    if column in ("period", "period_starts"):
        return sql.SQL(("p." if measure.as_of else "v.") + column.replace("period_", ""))
    if column == "measure":
        return sql.SQL("{}::text").format(sql.Literal(measure.measure))
    if column == "figure_status":
        return sql.SQL("v.status") if measure.status is None else sql.SQL("{}::text").format(sql.Literal(measure.status))
    if column in wide.breakdown:
        return sql.SQL("nullif(v.breakdown, '')::jsonb ->> {}").format(sql.Literal(column)) if column in measure.by else NO_TEXT
    if column in wide.titled_agencies:
        of = wide.titled_agencies[column]
        return sql.Identifier(f"a_{of}", "title") if of in measure.agencies else NO_TEXT
    return sql.SQL("v.value") if column == measure.name else NO_NUMBER


def wide_steps(conn: psycopg.Connection[Any], schema: str, views: Sequence[Wide]) -> list[Step]:
    """Steps that make a schema's wide views, their functions and grants what they should be; views that nothing needs any more go."""
    there = {row[0] for row in conn.execute(THERE, (f'"{schema}"', MARK))}
    steps: list[Step] = []
    for wide in views:
        steps += _view_steps(conn, wide, wide.name in there)
        there.discard(wide.name)
    for name in sorted(there):
        steps += _drop(schema, name, f"view {schema}.{name} goes; no indicator is shown by its calendar")
    return steps


def _view_steps(conn: psycopg.Connection[Any], wide: Wide, is_there: bool) -> list[Step]:
    before = list(existing_columns(conn, wide.schema, wide.name)) if is_there else []
    in_place = bool(before) and set(before) <= set(wide.columns)
    order = [*before, *(c for c in wide.columns if c not in before)] if in_place else wide.columns
    query, body = wide_query(wide, order), wide_query(wide, order, as_of=True)
    mark = MARK + digest_of(conn, sql.SQL("{}; {}").format(query, body))
    view, text = sql.Identifier(wide.schema, wide.name), f"{wide.schema}.{wide.name}"
    steps: list[Step] = []
    if comment_on(conn, "to_regclass", "pg_class", f'"{wide.schema}"."{wide.name}"') != mark:
        if before and not in_place:
            steps += _drop(wide.schema, wide.name, "")
        added = [c for c in wide.columns if c not in before]
        more = f"view {text} gets {', '.join(added)}" if added and in_place else f"view {text} is defined anew"
        create = sql.SQL("CREATE OR REPLACE VIEW {} WITH (security_invoker = true) AS {}").format(view, query)
        steps.append(Step(more if before else f"view {text} is made", create, kind="changed" if before else "made"))
        if not wide.open_only:
            steps.append(_function(conn, wide, body))
        steps.append(Step("", sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(mark))))
    fresh = not before or not in_place
    name = f'"{wide.schema}"."{wide.name}"'
    steps += grant_steps(conn, "TABLE", name, view, {Grant(wide.reader, "SELECT")}, fresh)
    if not wide.open_only:
        function = f'"{wide.schema}"."{wide.name}{AS_OF_SUFFIX}"(bigint)'
        target = sql.SQL("{}(bigint)").format(sql.Identifier(wide.schema, wide.name + AS_OF_SUFFIX))
        steps += grant_steps(conn, "FUNCTION", function, target, {Grant(wide.reader, "EXECUTE")}, fresh)
    return steps


def _function(conn: psycopg.Connection[Any], wide: Wide, body: sql.Composed) -> Step:
    create = sql.SQL("CREATE OR REPLACE FUNCTION {}(edition bigint) RETURNS SETOF {} LANGUAGE sql STABLE AS {}").format(
        sql.Identifier(wide.schema, wide.name + AS_OF_SUFFIX),
        sql.Identifier(wide.schema, wide.name),
        sql.Literal(body.as_string(conn)),
    )
    return Step("", create)


def _drop(schema: str, name: str, text: str) -> list[Step]:
    function = sql.SQL("DROP FUNCTION IF EXISTS {}(bigint)").format(sql.Identifier(schema, name + AS_OF_SUFFIX))
    drop = sql.SQL("DROP VIEW {}").format(sql.Identifier(schema, name))
    return [Step("", function), Step(text, drop, kind="dropped")]
