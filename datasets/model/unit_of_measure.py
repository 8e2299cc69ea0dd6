"""Units of measure of an expression: what is added must have one unit, and a percentage is of like by like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from datasets.model.sql_text import SqlFault

if TYPE_CHECKING:
    from sqlglot import exp

UnitPowers = tuple[tuple[str, int], ...]
"""Units with their powers: giường/người is (("giường", 1), ("người", -1)); a pure number is ()."""

UNKNOWN = "?"
"""Stands for the unit of a measure that does not say one."""


def unit_of(node: exp.Expr, unit_of_name: Callable[[exp.Column], UnitPowers | None]) -> UnitPowers | None:
    """Unit of an indicator's expression; None for a bare number, which goes with any. Raises SqlFault for a mixture."""
    from sqlglot import exp

    def of(part: exp.Expr) -> UnitPowers | None:
        return unit_of(part, unit_of_name)

    if isinstance(node, exp.Column):
        return unit_of_name(node)
    if isinstance(node, exp.Paren | exp.Neg | exp.Abs | exp.Round):
        return of(node.this)
    if isinstance(node, exp.Mul | exp.Div):
        return _product(of(node.this), of(node.expression), -1 if isinstance(node, exp.Div) else 1)
    if isinstance(node, exp.Add | exp.Sub):
        return _same([of(node.this), of(node.expression)], node)
    if isinstance(node, exp.Greatest | exp.Least):
        return _same([of(part) for part in [node.this, *node.expressions]], node)
    if isinstance(node, exp.Case):
        parts = [part.args["true"] for part in node.args["ifs"]]
        parts += [node.args["default"]] if node.args.get("default") is not None else []
        for condition in (part.this for part in node.args["ifs"]):
            of(condition)
        return _same([of(part) for part in parts], node)
    if isinstance(node, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
        return _same([of(node.this), of(node.expression)], node)
    if isinstance(node, exp.And | exp.Or):
        of(node.this)
        of(node.expression)
    return None


def shown_unit(unit: UnitPowers | None) -> str:
    """The unit as it is written: giường/người."""
    over = [name for name, power in unit or () for _ in range(power)]
    under = [name for name, power in unit or () for _ in range(-power)]
    return "/".join(["·".join(over) or "1", *under]) if under else "·".join(over) or "a pure number"


def _product(left: UnitPowers | None, right: UnitPowers | None, sign: int) -> UnitPowers | None:
    if left is None and right is None:
        return None
    powers = Counter(dict(left or ()))
    for name, power in right or ():
        powers[name] += sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _same(units: list[UnitPowers | None], node: exp.Expr) -> UnitPowers | None:
    known = list(dict.fromkeys(unit for unit in units if unit is not None))
    if len(known) > 1:
        shown = node.sql(dialect="postgres", comments=False)
        if any(name == UNKNOWN for unit in known for name, _ in unit):
            raise SqlFault(f"mixes a measure with a unit of measure and one without in {shown}; write unit: on the measure that has none")
        raise SqlFault(
            f"mixes units of measure, {' and '.join(shown_unit(unit) for unit in known)}, in {shown}; add and compare what has one unit"
        )
    return known[0] if known else None
