"""Row rules of a contract: SQL conditions over the columns of one row."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from datasets.model.sql_text import SqlFault, can_parse, check_columns, one_expression
from datasets.model.table_schema import FieldType

EXAMPLE = "beds_occupied <= beds_available * 1.5"


def rule_fault(rule: str, columns: Mapping[str, FieldType]) -> str | None:
    """What is wrong with a rule and what to write; None when it is a condition over these columns, given with their types.

    An environment without sqlglot or polars (CKAN's) reads contracts that `ioc apply` has checked already; there the
    rule is taken as it is.
    """
    if not can_parse():
        return None
    from sqlglot import exp

    try:
        condition = one_expression(rule, EXAMPLE)
        forbidden = next(condition.find_all(exp.Query, exp.Window, exp.AggFunc, exp.Placeholder, exp.Parameter, exp.Command), None)
        if forbidden is not None:
            return f"uses {forbidden.sql(dialect='postgres')}; write a condition over one row, without queries, totals and parameters"
        if not isinstance(condition.unnest(), exp.Predicate | exp.Connector | exp.Not | exp.Between):
            return 'is a value, not a condition; compare it, like "positive <= tested"'
        if not check_columns(condition, columns):
            return f"uses no column; the columns are {', '.join(columns)}"
    except SqlFault as fault:
        return str(fault)
    return _computed(rule, columns)


def _computed(rule: str, columns: Mapping[str, FieldType]) -> str | None:
    """What keeps the harvest from computing the rule, if anything does: tried on a table without rows."""
    if find_spec("polars") is None:
        return None
    import polars as pl

    types = {"integer": pl.Int64, "year": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean, "date": pl.Date, "datetime": pl.Datetime}
    empty = pl.DataFrame(schema={column: types.get(kind, pl.String) for column, kind in columns.items()})
    try:
        computed = empty.select(pl.sql_expr(rule).alias("passes"))["passes"].dtype
    except pl.exceptions.PolarsError as error:
        return f'cannot be computed ({str(error).splitlines()[0]}); write one like "occupied <= beds * 1.5"'
    return None if computed == pl.Boolean else 'is a value, not a condition; compare it, like "positive <= tested"'
