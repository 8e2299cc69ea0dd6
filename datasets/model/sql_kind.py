"""What the value of an SQL expression is: what PostgreSQL could not compare or compute is refused before any row is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from datasets.model.sql_text import SqlFault
from datasets.model.table_schema import FieldType

if TYPE_CHECKING:
    from sqlglot import exp

Kind = Literal["number", "text", "boolean", "date", "datetime", "interval"]

KINDS: dict[FieldType, Kind] = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "year": "number",
}
CASTS: dict[str, Kind] = {
    "DATE": "date",
    "TIMESTAMPTZ": "datetime",
    "DECIMAL": "number",
    "INT": "number",
    "BIGINT": "number",
    "DOUBLE": "number",
    "TEXT": "text",
}
SUMS: dict[tuple[Kind, Kind], Kind] = {
    ("number", "number"): "number",
    ("date", "number"): "date",
    ("number", "date"): "date",
    ("datetime", "interval"): "datetime",
    ("interval", "datetime"): "datetime",
    ("interval", "interval"): "interval",
}
DIFFERENCES: dict[tuple[Kind, Kind], Kind] = {
    ("number", "number"): "number",
    ("date", "number"): "date",
    ("date", "date"): "number",
    ("datetime", "interval"): "datetime",
    ("datetime", "datetime"): "interval",
    ("interval", "interval"): "interval",
}


def kind_of(node: exp.Expr, columns: Mapping[str, FieldType]) -> Kind | None:
    """What the value of an expression is; None when it may be anything, as NULL. Raises SqlFault for parts that do not go together."""
    from sqlglot import exp

    def of(part: exp.Expr) -> Kind | None:
        return kind_of(part, columns)

    if isinstance(node, exp.Column):
        return KINDS[columns[node.name]]
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "number"
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.And | exp.Or | exp.Not | exp.Boolean | exp.Predicate | exp.Between):
        _check_condition(node, columns)
        return "boolean"
    if isinstance(node, exp.Paren | exp.Distinct | exp.Filter):
        if isinstance(node, exp.Filter):
            of(node.expression.this)
        return of(node.expressions[0] if isinstance(node, exp.Distinct) else node.this)
    if isinstance(node, exp.Add | exp.Sub):
        return _sum_kind(node, of(node.this), of(node.expression))
    if isinstance(node, exp.Case):
        return _same([part.args["true"] for part in node.args["ifs"]], node, columns)
    if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
        return _same([node.this, *node.expressions], node, columns)
    if isinstance(node, exp.Nullif):
        return _same([node.this, node.expression], node, columns)
    if isinstance(node, exp.Cast):
        return _cast_kind(node, of(node.this))
    if isinstance(node, exp.Interval):
        return "interval"
    if isinstance(node, exp.Upper | exp.Lower):
        _wanted(node.this, ("text",), node, columns)
        return "text"
    if isinstance(node, exp.Extract):
        _wanted(node.expression, ("date", "datetime", "interval"), node, columns)
        return "number"
    if isinstance(node, exp.Count | exp.Star):
        return "number"
    for part in (node.args.get("this"), node.args.get("expression")):  # arithmetic, ABS, ROUND and totals
        if isinstance(part, exp.Expression):
            _wanted(part, ("number",), node, columns)
    return "number"


def _wanted(part: exp.Expr, kinds: Sequence[Kind], whole: exp.Expr, columns: Mapping[str, FieldType]) -> None:
    found = kind_of(part, columns)
    if found is not None and found not in kinds:
        hint = "; write EXTRACT(EPOCH FROM …) / 3600 for hours" if found == "interval" else ""
        verb = "totals" if whole.key in ("sum", "avg", "min", "max") else "takes"
        raise SqlFault(f"{verb} a {found} in {_sql(whole)}, where a {' or '.join(kinds)} is needed{hint}")


def _check_condition(node: exp.Expr, columns: Mapping[str, FieldType]) -> None:
    from sqlglot import exp

    if isinstance(node, exp.And | exp.Or | exp.Not):
        for part in (node.this, node.args.get("expression")):
            if part is not None:
                _wanted(part, ("boolean",), node, columns)
    elif isinstance(node, exp.In):
        _comparable([node.this, *node.expressions], node, columns)
    elif isinstance(node, exp.Between):
        _comparable([node.this, node.args["low"], node.args["high"]], node, columns)
    elif isinstance(node, exp.Like | exp.ILike):
        for part in (node.this, node.expression):
            _wanted(part, ("text",), node, columns)
    elif isinstance(node, exp.Is):
        kind_of(node.this, columns)
    elif isinstance(node, exp.Binary):
        _comparable([node.this, node.expression], node, columns)


def _comparable(parts: Sequence[exp.Expr], whole: exp.Expr, columns: Mapping[str, FieldType]) -> None:
    kinds = {kind_of(part, columns) for part in parts if not _is_text(part)} - {None}
    if len(kinds) > 1:
        hint = "; write a moment as a day, like closed::date" if kinds == {"date", "datetime"} else ""
        raise SqlFault(f"compares a {' with a '.join(sorted(str(kind) for kind in kinds))} in {_sql(whole)}{hint}")
    for part in parts:
        if _is_text(part) and kinds:
            _check_text(part.unnest().name, next(iter(kinds)), whole)


def _check_text(text: str, kind: Kind | None, whole: exp.Expr) -> None:
    """A text in quotes is read as what it is compared with."""
    if kind == "text":
        return
    try:
        if kind == "date":
            date.fromisoformat(text)
            return
        if kind == "datetime" and datetime.fromisoformat(text).tzinfo is not None:
            return
    except ValueError:
        pass  # said below, as for what can be no text at all
    how = {"date": "'2026-01-31'", "datetime": "'2026-01-31 08:00+07:00'"}.get(str(kind), f"a {kind} without quotes")
    raise SqlFault(f"compares a {kind} with '{text}' in {_sql(whole)}; write {how}")


def _is_text(node: exp.Expr) -> bool:
    inner = node.unnest()
    return inner.key == "literal" and bool(inner.is_string)


def _same(parts: Sequence[exp.Expr], node: exp.Expr, columns: Mapping[str, FieldType]) -> Kind | None:
    default = node.args.get("default")
    for branch in node.args.get("ifs") or ():
        _wanted(branch.this, ("boolean",), node, columns)
    kinds = [kind_of(part, columns) for part in [*parts, *([default] if default is not None else [])]]
    known = list(dict.fromkeys(kind for kind in kinds if kind is not None))
    if len(known) > 1:
        raise SqlFault(f"gives a {' or a '.join(known)} in {_sql(node)}; write one kind of value")
    return known[0] if known else None


def _cast_kind(node: exp.Cast, given: Kind | None) -> Kind:
    kind = CASTS.get(node.to.this.name)
    if kind is None:
        raise SqlFault(f"casts to {node.to.sql(dialect='postgres')} in {_sql(node)}; write date, timestamptz, numeric, integer or text")
    if given == "text" and kind != "text" and not _is_text(node.this):
        raise SqlFault(f"casts a text in {_sql(node)}, which would stop a load where it is no {kind}; give the field the type that it has")
    if (
        kind != given
        and (kind, given) not in (("date", "datetime"), ("number", "boolean"))
        and kind != "text"
        and given not in (None, "text")
    ):
        raise SqlFault(f"casts a {given} to a {kind} in {_sql(node)}; write EXTRACT, or compare as it is")
    return kind


def _sum_kind(node: exp.Expr, left: Kind | None, right: Kind | None) -> Kind | None:
    subtracts = node.key == "sub"
    pair = (left or right or "number", right or left or "number")
    found = (DIFFERENCES if subtracts else SUMS).get(pair)
    if found is None:
        hint = "; a day and a number of days give a day, like day + 3" if "interval" in pair and "date" in pair else ""
        raise SqlFault(f"{'takes' if subtracts else 'adds'} a {pair[1]} {'from' if subtracts else 'to'} a {pair[0]} in {_sql(node)}{hint}")
    return found


def _sql(node: exp.Expr) -> str:
    return node.sql(dialect="postgres", comments=False)
