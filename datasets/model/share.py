"""Shares of counts: what stands above and below the line of an expression, so that a small number can be told from a large one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasets.model.aggregate import SqlFault, parse_aggregate
from datasets.model.contract import Resource
from datasets.model.measure import Measure
from datasets.model.measure_unit import ANY_MOMENT

if TYPE_CHECKING:
    from sqlglot import exp

LEAST_RATE = 1000
"""A rate by at least so many (people) is read as a share of them: cases per 100,000."""


@dataclass(frozen=True)
class Share:
    """SQL over the columns of a wide view, each null where nothing is known."""

    numerator: str
    """What is counted."""
    denominator: str | None
    """Out of how many; None for a plain count."""
    scale: float
    """Value of the indicator when both are equal: 100 for a percentage, 100,000 for cases per 100,000."""


def share_of(expression: exp.Expr, unit: str, write: Callable[[exp.Expr], str]) -> Share | None:
    """What an expression over counts is a share of; None for another form, as a mean.

    `unit` is the unit of measure of the result, `write` makes SQL of a part.
    """
    from sqlglot import exp

    if isinstance(expression.unnest(), exp.Column):
        return Share(write(expression), None, 1)
    parts = division(expression)
    if parts is None or (unit != "%" and parts.scale < LEAST_RATE):
        return None
    if not parts.numerator.find(exp.Column) or not parts.denominator.find(exp.Column):
        return None
    return Share(write(parts.numerator), write(parts.denominator), parts.scale)


@dataclass(frozen=True)
class Division:
    """An expression of the form numerator / denominator * scale."""

    numerator: exp.Expr
    denominator: exp.Expr
    scale: float


def division(expression: exp.Expr) -> Division | None:
    """The one division of an expression and the numbers that it is multiplied by; None for any other form.

    A number within the brackets of the divisor stays there: `doses / (children / 12) * 100` is a share of a twelfth of the children.
    """
    from sqlglot import exp

    node, scale = expression.unnest(), 1.0
    while isinstance(node, exp.Mul | exp.Div):
        left, right = node.this.unnest(), node.expression.unnest()
        if isinstance(right, exp.Literal) and right.is_number:
            number = float(right.this)
            if number == 0:
                return None
            node, scale = left, scale * number if isinstance(node, exp.Mul) else scale / number
        elif isinstance(node, exp.Mul) and isinstance(left, exp.Literal) and left.is_number:
            node, scale = right, scale * float(left.this)
        elif isinstance(node, exp.Div):
            numerator, more = _without_numbers(left)
            return Division(numerator, right, scale * more)
        else:
            return None
    return None


def _without_numbers(expression: exp.Expr) -> tuple[exp.Expr, float]:
    """The expression without the numbers that it is multiplied by, and those: `passed * 100` is `passed` and 100."""
    from sqlglot import exp

    node, scale = expression.unnest(), 1.0
    while isinstance(node, exp.Mul):
        left, right = node.this.unnest(), node.expression.unnest()
        if isinstance(right, exp.Literal) and right.is_number:
            node, scale = left, scale * float(right.this)
        elif isinstance(left, exp.Literal) and left.is_number:
            node, scale = right, scale * float(left.this)
        else:
            break
    return node, scale


def is_count(measure: Measure, resource: Resource) -> bool:
    """Whether a measure counts: rows, or whole numbers of columns that are added. What has decimals, as most money has, is measured."""
    from sqlglot import exp

    from datasets.model.sql_text import one_expression

    if measure.value is None:
        return False
    try:
        columns = parse_aggregate(measure.value, resource, ANY_MOMENT).columns
        expression = one_expression(measure.value, measure.value).unnest()
    except SqlFault:
        return False  # the measure itself is named as wrong
    total = expression.this.unnest() if isinstance(expression, exp.Filter) else expression
    if isinstance(total, exp.Count):
        return True
    kinds = {field.column: field.type for field in resource.value_fields}
    # SUM(on_time + late) adds counts as SUM(on_time) does; a product or a difference of days does not count anything.
    added = isinstance(total, exp.Sum) and all(
        isinstance(node, exp.Column | exp.Add | exp.Paren | exp.Identifier) for node in total.this.walk()
    )
    return added and all(kinds.get(column) == "integer" for column in columns)
