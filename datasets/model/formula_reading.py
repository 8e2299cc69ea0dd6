"""What one expression of an indicator says, and what must agree between it, the expressions before it and the indicator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datasets.model.indicator import Indicator
from datasets.model.problem import Fault, KeyPath
from datasets.model.sql_text import SqlFault
from datasets.model.unit_of_measure import UnitPowers, shown_unit

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class MeasureRef:
    """A measure of some subsystem."""

    subsystem: str
    """Name of the contract."""
    name: str

    @property
    def full(self) -> str:
        """Name in the store: health.new_cases."""
        return f"{self.subsystem}.{self.name}"

    def column(self, contract_name: str) -> str:
        """Column of the contract's wide view: new_cases, for another contract's measure health_new_cases."""
        return self.name if self.subsystem == contract_name else f"{self.subsystem.replace('-', '_')}_{self.name}"


@dataclass
class Reading:
    """One expression of an indicator: that of now, or one that it had before."""

    expression: exp.Expr
    measures: dict[MeasureRef, None] = field(default_factory=dict)
    zero: list[str] = field(default_factory=list)
    """Divisors that can be zero, as they are written."""
    divisors: list[exp.Expr] = field(default_factory=list)
    unit: UnitPowers | None = None
    """None when it is not known."""


def agreement(indicator: Indicator, read: Reading) -> list[Fault]:
    """What the indicator's other keys say otherwise than its expression; paths are within the indicator."""
    faults: list[Fault] = []
    if read.zero and indicator.when_zero is None:
        message = (
            f"{' and '.join(dict.fromkeys(read.zero))} can be zero and is divided by; write when_zero: missing, or the value it has then"
        )
        faults.append((("when_zero",), None, message))
    if indicator.unit == "%" and read.unit and read.unit != (("%", 1),):
        message = f'"{indicator.value}" is {shown_unit(read.unit)}, not %; divide what has one unit of measure, or write another unit'
        faults.append((("unit",), indicator.unit, message))
    if indicator.min_n is not None and not read.divisors:
        message = "min_n is the least divisor, and nothing is divided here; remove it"
        faults.append((("min_n",), indicator.min_n, message))
    return faults


class VersionFault(SqlFault):
    """What is wrong with an expression that an indicator had before."""

    def __init__(self, indicator: str, number: int, text: str, fault: SqlFault) -> None:
        super().__init__(str(fault))
        self.indicator = indicator
        self.number = number
        self.text = text


def place_of(fault: SqlFault, name: str, indicator: Indicator) -> tuple[KeyPath, str]:
    """Key within the indicator, and text, of the expression that is wrong: its own, or that of one of its versions."""
    if isinstance(fault, VersionFault) and fault.indicator == name:
        return ("versions", fault.number, "value"), fault.text
    return ("value",), indicator.value


def same_unit(version: Reading, now: Reading) -> None:
    """Raises SqlFault when an earlier expression has another unit of measure: its years would be on the same axis."""
    if version.unit is not None and now.unit is not None and version.unit != now.unit:
        raise SqlFault(f"is {shown_unit(version.unit)} and the value is {shown_unit(now.unit)}; write what has one unit of measure")
