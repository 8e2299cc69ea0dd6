"""Measures' aggregates and conditions: SQL over the columns of one resource, kept to what a measure may say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from datasets.model.contract import Resource
from datasets.model.same import Same
from datasets.model.sql_kind import kind_of
from datasets.model.sql_text import SqlFault, check_columns, check_nodes, one_expression, with_clock, write
from datasets.model.table_schema import FieldType

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["Aggregate", "SqlFault", "columns_of", "parse_aggregate", "parse_condition"]

AGGREGATES = frozenset({"Sum", "Count", "Min", "Max", "Avg"})
VALUE_NODES = """
Column Identifier Literal Boolean Null Paren Add Sub Mul Div Mod Neg EQ NEQ GT GTE LT LTE And Or Not In Between Like ILike Is
NullSafeEQ NullSafeNEQ Case If Coalesce Nullif Abs Round Greatest Least Upper Lower Extract Var Cast DataType Interval
"""
VALUES = frozenset(VALUE_NODES.split())
"""Parts of an expression over one row, as sqlglot calls them."""
OVER_ROWS = VALUES | AGGREGATES | {"Star", "Distinct", "Filter", "Where"}

WRITE_VALUE = "write SUM, COUNT, MIN, MAX or AVG over columns, with + - * /, CASE WHEN, COALESCE, NULLIF, ABS, ROUND, EXTRACT and FILTER"
WRITE_CONDITION = "write a comparison of columns, with AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL, CASE WHEN and EXTRACT"
EXAMPLE_VALUE = "SUM(beds_occupied)"
EXAMPLE_CONDITION = "vaccine = 'soi-rubella' AND dose = 1"

Sign = Literal["positive", "not negative", "any"]


@dataclass(frozen=True)
class Aggregate:
    """What one value of a measure is computed by."""

    sql: str
    """PostgreSQL expression over the rows of a cell, columns quoted. A percent sign stands for itself: double it to bind parameters."""
    columns: tuple[str, ...]
    """Columns of the store that it reads, in order of appearance; `unit_id` for the unit."""
    can_be_zero: bool
    """Whether a cell that has rows may have the value 0."""
    unit: str | None
    """Unit of measure of the result; None when the columns do not say it."""
    sign: Sign = "any"


def columns_of(resource: Resource) -> dict[str, FieldType]:
    """Columns that a measure may use, by their names in the store: all but geometries, and `unit_id`."""
    return {"unit_id": "string", **{f.column: f.type for f in resource.value_fields if f.type != "geojson"}}


def parse_aggregate(text: str, resource: Resource, clock: datetime | None = None) -> Aggregate:
    """The aggregate that `value` of a measure says, such as `SUM(beds) FILTER (WHERE ward = 'hoi-suc')`.

    With a clock (of a measure with a tick) NOW() is that moment and TODAY() its day in Viet Nam. Raises SqlFault.
    """
    return _aggregate(text, Same(resource), clock)


@lru_cache(maxsize=4096)
def _aggregate(text: str, of: Same[Resource], clock: datetime | None) -> Aggregate:
    """Every use of a measure in an indicator, a chart or a view asks for it: some ten thousand times in a plan."""
    from sqlglot import exp

    resource = of.of
    columns = columns_of(resource)
    expression = with_clock(one_expression(text, EXAMPLE_VALUE), clock)
    check_nodes(expression, OVER_ROWS, WRITE_VALUE)
    used = check_columns(expression, columns)
    totals = [node for node in expression.find_all(exp.AggFunc) if type(node).__name__ in AGGREGATES]
    if not totals:
        raise SqlFault(f'has no total; write one like "{EXAMPLE_VALUE}"')
    for node in totals:
        _check_total(node, columns)
    for column in expression.find_all(exp.Column):
        if column.find_ancestor(exp.AggFunc, exp.Filter) is None:
            raise SqlFault(f"uses {column.name} outside of a total; write SUM({column.name})")
    for condition in expression.find_all(exp.Where):
        _check_condition(condition.this, columns)
    if kind_of(expression, columns) != "number":
        raise SqlFault("is not a number; a measure is one, like COUNT(*)")
    sign = _sign(expression, resource)
    return Aggregate(_written(expression, columns), used, sign != "positive", _unit(expression, resource), sign)


def parse_condition(text: str, resource: Resource, clock: datetime | None = None) -> str:
    """PostgreSQL condition over one row, columns quoted: what `where` of a measure says. Raises SqlFault."""
    columns = columns_of(resource)
    expression = with_clock(one_expression(text, EXAMPLE_CONDITION), clock)
    check_nodes(expression, VALUES, WRITE_CONDITION)
    if not check_columns(expression, columns):
        raise SqlFault(f"uses no column; the columns are {', '.join(columns)}")
    _check_condition(expression, columns)
    return _written(expression, columns)


def _written(expression: exp.Expr, columns: dict[str, FieldType]) -> str:
    return write(expression, lambda part: kind_of(part, columns) == "datetime")


def _check_condition(expression: exp.Expr, columns: dict[str, FieldType]) -> None:
    if kind_of(expression, columns) != "boolean":
        raise SqlFault(f'uses {expression.sql(dialect="postgres")} as a condition, which is a value; compare it, like "dose = 1"')


def _check_total(node: exp.Expr, columns: dict[str, FieldType]) -> None:
    from sqlglot import exp

    shown, inner = node.sql(dialect="postgres"), node.this
    if inner.find(exp.AggFunc):
        raise SqlFault(f"has a total within a total: {shown}; write one total of a row's values")
    if isinstance(node, exp.Count):
        if isinstance(inner, exp.Distinct) and len(inner.expressions) != 1:
            raise SqlFault(f"counts several columns in {shown}; write COUNT(DISTINCT column) with one")
        return
    if isinstance(inner, exp.Distinct | exp.Star):
        raise SqlFault(f"writes {shown}; DISTINCT and * are for COUNT only")
    kind_of(node, columns)


def _sign(node: exp.Expr, resource: Resource) -> Sign:
    """What is known of the value where there is one, from the constraints of its columns."""
    from sqlglot import exp

    if isinstance(node, exp.Filter):
        inner = _sign(node.this, resource)
        return "not negative" if isinstance(node.this, exp.Count) else inner
    if isinstance(node, exp.Count):
        counted = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
        if isinstance(counted, exp.Star):
            return "positive"
        field = next((f for f in resource.schema_.fields if f.stored_as == counted.name), None)
        return "positive" if field is not None and (field.constraints.required or field.is_unit) else "not negative"
    if isinstance(node, exp.Sum | exp.Min | exp.Max | exp.Avg | exp.Paren):
        return _sign(node.this, resource)
    if isinstance(node, exp.Column):
        return _column_sign(node.name, resource)
    if isinstance(node, exp.Literal) and not node.is_string:
        value = float(node.this)
        return "positive" if value > 0 else "not negative"
    if isinstance(node, exp.Add):
        signs = {_sign(node.this, resource), _sign(node.expression, resource)}
        return "any" if "any" in signs else "positive" if "positive" in signs else "not negative"
    if isinstance(node, exp.Mul | exp.Div):
        signs = {_sign(node.this, resource), _sign(node.expression, resource)}
        return "any" if "any" in signs else "not negative" if "not negative" in signs else "positive"
    return "any"


def _column_sign(name: str, resource: Resource) -> Sign:
    low = next((f.constraints.minimum for f in resource.value_fields if f.column == name), None)
    if not isinstance(low, int | float):
        return "any"
    return "positive" if low > 0 else "not negative" if low == 0 else "any"


def _unit(node: exp.Expr, resource: Resource) -> str | None:
    """Unit of measure of the value; None when nothing says it. Raises SqlFault for a sum of two units."""
    from sqlglot import exp

    if isinstance(node, exp.Filter | exp.Sum | exp.Min | exp.Max | exp.Avg | exp.Paren | exp.Neg | exp.Abs | exp.Round | exp.Nullif):
        return _unit(node.this, resource)
    if isinstance(node, exp.Column):
        return next((f.unit for f in resource.value_fields if f.column == node.name), None)
    parts: list[exp.Expr] = []
    if isinstance(node, exp.Add | exp.Sub):
        parts = [node.this, node.expression]
    elif isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
        parts = [node.this, *node.expressions]
    elif isinstance(node, exp.Case):
        parts = [part.args["true"] for part in node.args["ifs"]]
        parts += [node.args["default"]] if node.args.get("default") is not None else []
    elif isinstance(node, exp.Mul | exp.Div) and isinstance(node.expression.unnest(), exp.Literal):
        return _unit(node.this, resource)
    elif isinstance(node, exp.Mul) and isinstance(node.this.unnest(), exp.Literal):
        return _unit(node.expression, resource)
    units = {unit for part in parts if (unit := _unit(part, resource)) is not None}
    if len(units) > 1:
        raise SqlFault(f"mixes units of measure, {' and '.join(sorted(units))}, in {node.sql(dialect='postgres')}; add what has one unit")
    return next(iter(units), None)
