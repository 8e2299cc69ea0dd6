"""SQL expressions that contracts hold: read as PostgreSQL reads them, kept to what is allowed, written with quoted names.

sqlglot is imported where it is used: an environment without it (CKAN's) reads contracts that `ioc apply` has checked already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from datasets.model.explain import nearest

if TYPE_CHECKING:
    from sqlglot import exp

TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Whose day TODAY() is."""


class SqlFault(ValueError):
    """What is wrong with an expression and what to write, to follow "…" of the expression itself."""


def can_parse() -> bool:
    """Whether this environment has the parser."""
    return find_spec("sqlglot") is not None


def one_expression(text: str, example: str) -> exp.Expr:
    """The expression that the text is. Raises SqlFault for anything more or less than one; `example` is what to write."""
    from sqlglot.errors import SqlglotError

    if any(mark in text for mark in (";", "--", "/*")):
        raise SqlFault(f'holds a semicolon or a comment; write one like "{example}"')
    try:
        statement = _parsed(text).copy()
    except SqlglotError as error:
        raise SqlFault(f'is not an SQL expression; write one like "{example}"') from error
    given = {key for key, value in statement.args.items() if value} - {"expressions", "kind"}
    if given or len(statement.expressions) != 1 or type(statement.expressions[0]).__name__ != "Paren":
        raise SqlFault(f'is more than one expression; write one like "{example}"')
    found: exp.Expr = statement.expressions[0].this
    return found


@lru_cache(maxsize=8192)
def _parsed(text: str) -> exp.Expr:
    """The statement that selects the text's expression, to be copied before it is changed: the same texts are asked for again and again."""
    import sqlglot

    return sqlglot.parse_one(f"SELECT ({text}\n)", read="postgres")


def check_nodes(expression: exp.Expr, allowed: Collection[str], instead: str) -> None:
    """Every part must be one of the allowed classes of sqlglot, by name. Raises SqlFault; `instead` says what may be written."""
    for node in expression.walk():
        if type(node).__name__ not in allowed:
            shown = node.sql(dialect="postgres", comments=False)
            raise SqlFault(f"uses {shown if len(shown) <= 60 else shown[:59] + '…'}, which is not allowed here; {instead}")


def check_columns(expression: exp.Expr, known: Collection[str]) -> tuple[str, ...]:
    """Columns that it uses, in order of appearance. Raises SqlFault for one that is not known."""
    from sqlglot import exp

    used: dict[str, None] = {}
    for column in expression.find_all(exp.Column, bfs=False):
        name = column.sql(dialect="postgres", comments=False).replace('"', "")
        if name not in known:
            near = nearest(name, known)
            hint = f"write {near}" if near else f"the columns are {', '.join(known)}"
            raise SqlFault(f"uses {name}, which is no column here; {hint}")
        used[name] = None
    return tuple(used)


def with_clock(expression: exp.Expr, clock: datetime | None) -> exp.Expr:
    """The expression with NOW() and TODAY() replaced by a moment and its day. Raises SqlFault when there is no clock."""
    from sqlglot import exp

    def replaced(node: exp.Expr) -> exp.Expr:
        moment = isinstance(node, exp.CurrentTimestamp)
        day = isinstance(node, exp.CurrentDate) or (isinstance(node, exp.Anonymous) and str(node.this).upper() == "TODAY")
        if not moment and not day:
            return node
        if clock is None:
            raise SqlFault(f"uses {'NOW()' if moment else 'TODAY()'}, which only a measure with tick may; write tick: hour or tick: day")
        local = clock.astimezone(TIME_ZONE)
        text = local.isoformat() if moment else local.date().isoformat()
        return exp.cast(exp.Literal.string(text), "TIMESTAMPTZ" if moment else "DATE", dialect="postgres")

    return expression.transform(replaced)


def write(expression: exp.Expr, is_moment: Callable[[exp.Expr], bool] | None = None) -> str:
    """PostgreSQL text with every name quoted; a division gives a fraction, and null when the divisor is zero.

    An `exp.Var` stands as it is written: a fractional number that the caller has put there. `is_moment` says whether a part is a
    timestamp with time zone: the day and the hour of one are those of TIME_ZONE, whatever the session's time zone is.
    """
    from sqlglot import exp

    def local(node: exp.Expr) -> exp.Expr:
        return exp.AtTimeZone(this=exp.paren(node), zone=exp.Literal.string(str(TIME_ZONE)))

    def safe(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return exp.column(node.name, quoted=True)
        if isinstance(node, exp.Cast) and node.to.this.name == "DATE" and is_moment is not None and is_moment(node.this):
            return exp.cast(local(node.this), "DATE", dialect="postgres")
        if isinstance(node, exp.Extract) and is_moment is not None and is_moment(node.expression) and node.name != "EPOCH":
            return exp.Extract(this=node.this, expression=local(node.expression))
        if isinstance(node, exp.Div | exp.Mod):
            whole = isinstance(node, exp.Div) and node.this.find(exp.Var) is None
            dividend = exp.cast(node.this, "NUMERIC", dialect="postgres") if whole else node.this
            divisor = node.expression if _is_number(node.expression) else exp.Nullif(this=node.expression, expression=exp.Literal.number(0))
            return type(node)(this=dividend, expression=divisor, typed=True, safe=False)
        return node

    return _bottom_up(expression.copy(), safe).sql(dialect="postgres", comments=False)


def _bottom_up(node: exp.Expr, change: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    for child in list(node.iter_expressions()):
        changed = _bottom_up(child, change)
        if changed is not child:
            child.replace(changed)
    return change(node)


def _is_number(node: exp.Expr) -> bool:
    """Whether it is a number other than zero, as it is written."""
    from sqlglot import exp

    inner = node.unnest()
    return isinstance(inner, exp.Literal) and not inner.is_string and float(inner.this) != 0
