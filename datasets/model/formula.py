"""Indicators as formulas: which measures they rest on, and the SQL that gives them from the columns of a wide view."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from datasets.model.aggregate import Sign
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Contract, Resource
from datasets.model.explain import nearest
from datasets.model.formula_reading import MeasureRef, Reading, VersionFault, agreement, place_of, same_unit
from datasets.model.indicator import Indicator
from datasets.model.measure import Measure, OverTime
from datasets.model.measure_unit import measure_sign, measure_unit
from datasets.model.problem import ContractError, Fault
from datasets.model.same import Same
from datasets.model.share import Share, is_count, share_of
from datasets.model.sql_text import SqlFault, check_nodes, one_expression, write
from datasets.model.unit_of_measure import UNKNOWN, UnitPowers, unit_of
from datasets.model.yaml_document import YamlDocument, read_yaml

if TYPE_CHECKING:
    from sqlglot import exp

NODE_NAMES = "Column Identifier Literal Null Paren Add Sub Mul Div Neg Round Abs Greatest Least Case If EQ NEQ GT GTE LT LTE And Or Not Is"
NODES = frozenset(NODE_NAMES.split())
INSTEAD = "write measures and numbers with + - * /, brackets, ROUND, ABS, GREATEST, LEAST and CASE WHEN"
EXAMPLE = "beds_occupied / beds_available * 100"

Access = Literal["open", "shared", "restricted"]
STRICTNESS: tuple[Access, ...] = ("open", "shared", "restricted")


@dataclass(frozen=True)
class Formula:
    """What an indicator is computed by."""

    indicator: str
    measures: tuple[MeasureRef, ...]
    """All of them, indicators within it expanded, in order of appearance."""
    metric: str
    """SQL over the wide view's columns; null where it is not to be shown."""
    divisor: str | None
    """SQL of the number that min_n is compared with."""
    access: Access
    """The strictest of its measures."""
    calendars: tuple[Calendar, ...]
    """Calendars it is shown by, the dashboard's first."""
    share: Share | None = None
    """What is counted, of an indicator that is a share of counts, a rate of cases, or a count."""


def metric_name(indicator_name: str) -> str:
    """How an indicator is written in SQL: bed_occupancy."""
    return indicator_name.replace("-", "_")


def measure_of(ref: MeasureRef, contracts: Sequence[Contract]) -> tuple[Contract, Measure, Resource]:
    """The measure with its contract and resource. Raises KeyError."""
    for contract in contracts:
        if contract.name == ref.subsystem and ref.name in contract.measures:
            measure = contract.measures[ref.name]
            return contract, measure, contract.resource(measure.of)
    raise KeyError(ref.full)


def measure_metric(measure: Measure, column: str) -> str:
    """SQL that makes one number of a column of the wide view, whatever units and periods its rows are of."""
    name = f'"{column}"'
    if not measure.adds:
        return f"measure.broadest({name}, period_starts, breadth)"
    if measure.as_of or measure.over_time is OverTime.LAST:
        return f"measure.sum_of_last({name}, period_starts)"
    if measure.over_time is OverTime.MEAN:
        return f"(SUM({name}) / NULLIF(COUNT(DISTINCT period_starts) FILTER (WHERE {name} IS NOT NULL), 0))"
    return f"SUM({name})"


def valid_when(from_: dt.date, to: dt.date | None, then: str) -> str:
    """Branch of a CASE for what is valid when the last of the periods begins."""
    until = f" AND MAX(period_starts) < DATE '{to}'" if to else ""
    return f"WHEN MAX(period_starts) >= DATE '{from_}'{until} THEN {then}"


def formulas(contract: Contract, contracts: Sequence[Contract] = ()) -> dict[str, Formula]:
    """Formulas of a contract's indicators by name; `contracts` are those whose measures it may use beside its own.

    Raises ContractError with every indicator that cannot be computed.
    """
    found, faults = analyse(contract, [c for c in contracts if c.name != contract.name])
    if faults:
        source = contract.source
        document = read_yaml(source, f"datasets/{contract.name}/datapackage.yaml") if source else YamlDocument(contract.name, {}, {})
        raise ContractError([document.problem(*fault) for fault in faults])
    return found


def analyse(contract: Contract, others: Sequence[Contract] | None) -> tuple[dict[str, Formula], list[Fault]]:
    """Formulas of the indicators that can be computed, and what is wrong with the others (key, value, message).

    With `others` None, measures of other contracts are taken as they are named: then there are no formulas of indicators that use them.
    """
    found, faults = _analysed(Same(contract), None if others is None else tuple(map(Same, others)))
    return dict(found), list(faults)


@lru_cache(maxsize=256)  # store, dashboards, supply and the start page each ask for all formulas of all contracts
def _analysed(of: Same[Contract], beside: tuple[Same[Contract], ...] | None) -> tuple[dict[str, Formula], list[Fault]]:
    reader = _Reader(of.of, None if beside is None else [other.of for other in beside])
    found: dict[str, Formula] = {}
    faults: list[Fault] = []
    for name, indicator in of.of.indicators.items():
        try:
            read = reader.read(name)
        except SqlFault as fault:
            path, text = place_of(fault, name, indicator)
            faults.append((("indicators", name, *path), text, f'"{text}" {fault}'))
            continue
        faults += [(("indicators", name, *path), value, message) for path, value, message in agreement(indicator, read)]
        if all(ref in reader.known for ref in read.measures):
            found[name] = reader.formula(name, indicator, read)
    return found, faults


class _UnitNotKnown(Exception):
    """A measure is not at hand or is itself wrong: nothing can be said of units then."""


class _Reader:
    def __init__(self, contract: Contract, others: Sequence[Contract] | None) -> None:
        self.contract, self.others = contract, others
        self.all = [contract, *(others or ())]
        self.known: dict[MeasureRef, tuple[Contract, Measure, Resource]] = {}
        self.indicators = {metric_name(name): name for name in contract.indicators}
        self.done: dict[str, Reading] = {}
        self.path: list[str] = []

    def read(self, name: str) -> Reading:
        if name in self.done:
            return self.done[name]
        if name in self.path:
            circle = " → ".join([*self.path[self.path.index(name) :], name])
            raise SqlFault(f"goes in a circle: {circle}; write one of them over measures only")
        self.path.append(name)
        try:
            indicator = self.contract.indicators[name]
            read = self._part(indicator.value)
            for number, version in enumerate(indicator.versions):
                try:
                    part = self._part(version.value)
                    same_unit(part, read)
                except SqlFault as fault:
                    raise VersionFault(name, number, version.value, fault) from fault
                read.measures |= part.measures
                read.zero += part.zero
        finally:
            self.path.pop()
        self.done[name] = read
        return read

    def _part(self, text: str) -> Reading:
        expression = one_expression(text, EXAMPLE)
        check_nodes(expression, NODES, INSTEAD)
        read = Reading(expression)
        self._parts(read)
        return read

    def _parts(self, read: Reading) -> None:
        from sqlglot import exp

        for column in read.expression.find_all(exp.Column, bfs=False):
            target = self._resolve(column)
            read.measures.update({target: None} if isinstance(target, MeasureRef) else self.read(target).measures)
        if not read.measures:
            raise SqlFault(f"uses no measure; {self._choice()}")
        for division in read.expression.find_all(exp.Div, bfs=False):
            if division.expression.find(exp.Column):
                read.divisors.append(division.expression)
            if self._sign(division.expression) != "positive":
                read.zero.append(division.expression.unnest().sql(dialect="postgres"))
        with suppress(_UnitNotKnown):
            read.unit = unit_of(read.expression, self._unit)

    def _resolve(self, column: exp.Column) -> MeasureRef | str:
        """The measure, or the name of the indicator."""
        written = column.sql(dialect="postgres", comments=False).replace('"', "")
        subsystem, _, name = written.rpartition(".")
        if not subsystem or subsystem == self.contract.pg_schema:
            if name in self.contract.measures:
                return self._remember(MeasureRef(self.contract.name, name))
            if name in self.indicators and not subsystem:
                return self.indicators[name]
            near = nearest(name, [*self.contract.measures, *self.indicators])
            raise SqlFault(f"uses {written}, which is no measure here; {f'write {near}' if near else self._choice()}")
        other = next((c for c in self.others or () if c.pg_schema == subsystem), None)
        if self.others is None:
            return MeasureRef(subsystem, name)
        if other is None:
            near = nearest(subsystem, [c.pg_schema for c in self.others])
            hint = f"write {near}.{name}" if near else "write subsystem.measure of a contract that is there"
            raise SqlFault(f"uses {written}, and no contract is called {subsystem}; {hint}")
        if name not in other.measures:
            near = nearest(name, other.measures)
            choice = f"write {subsystem}.{near}" if near else f"its measures are {', '.join(other.measures) or 'none'}"
            raise SqlFault(f"uses {written}, which is no measure of {other.name}; {choice}")
        return self._remember(MeasureRef(other.name, name))

    def _remember(self, ref: MeasureRef) -> MeasureRef:
        try:
            self.known[ref] = measure_of(ref, self.all)
        except KeyError as error:
            raise SqlFault(f"uses {ref.name}, whose resource {error} is not there") from error
        return ref

    def _choice(self) -> str:
        return f"the measures are {', '.join(self.contract.measures)}" if self.contract.measures else "write measures first"

    def _sign(self, node: exp.Expr) -> Sign:
        from sqlglot import exp

        if isinstance(node, exp.Paren):
            return self._sign(node.this)
        if isinstance(node, exp.Literal):
            return "positive" if float(node.this) > 0 else "not negative"
        if isinstance(node, exp.Add | exp.Mul | exp.Div):
            signs = {self._sign(node.this), self._sign(node.expression)}
            least: Sign = "positive" if isinstance(node, exp.Add) else "not negative"
            return "any" if "any" in signs else least if least in signs else next(iter(signs))
        if not isinstance(node, exp.Column):
            return "any"
        target = self._resolve(node)
        if isinstance(target, str):
            return self._sign(self.read(target).expression)
        # Without the other contract at hand nothing can be said against it.
        return measure_sign(*self.known[target][1:]) if target in self.known else "positive"

    def _unit(self, column: exp.Column) -> UnitPowers:
        target = self._resolve(column)
        if isinstance(target, str):
            unit_there = self.read(target).unit
            if unit_there is None:
                raise _UnitNotKnown
            return unit_there
        if target not in self.known:
            raise _UnitNotKnown
        _, measure, resource = self.known[target]
        try:
            unit = measure_unit(measure, resource)
        except SqlFault as fault:
            raise _UnitNotKnown from fault
        # A function without a unit gives a plain number; an aggregate without one does not say its unit.
        return ((unit or UNKNOWN, 1),) if unit is not None or measure.function is None else ()

    def formula(self, name: str, indicator: Indicator, read: Reading) -> Formula:
        refs = tuple(read.measures)
        parts = [self.known[ref] for ref in refs]
        access = max((resource.access_class for _, _, resource in parts), key=STRICTNESS.index)
        divisor = self._sql(read.divisors[0]) if read.divisors else None
        flow = next((m for _, m, _ in parts if not m.as_of), parts[0][1])
        calendars = tuple(indicator.calendars) or (flow.calendar,)
        return Formula(name, refs, self._metric(name), divisor, access, calendars, self._share(indicator, read))

    def _share(self, indicator: Indicator, read: Reading) -> Share | None:
        from sqlglot import exp

        targets = [self._resolve(column) for column in read.expression.find_all(exp.Column)]
        counted = all(isinstance(target, MeasureRef) and is_count(*self.known[target][1:]) for target in targets)
        return share_of(read.expression, indicator.unit, self._sql) if counted else None

    def _metric(self, name: str) -> str:
        """The expression that is valid when the last of the periods begins."""
        indicator, read = self.contract.indicators[name], self.done[name]
        own = self._guarded(indicator, read)
        if not indicator.versions and indicator.from_ is None:
            return own
        cases = [valid_when(v.from_, v.to, self._guarded(indicator, self._part(v.value))) for v in indicator.versions]
        first = indicator.from_ or dt.date(1, 1, 1)
        return f"CASE {' '.join([*cases, valid_when(first, None, own)])} END"

    def _guarded(self, indicator: Indicator, read: Reading) -> str:
        metric = self._sql(read.expression)
        if isinstance(indicator.when_zero, float | int):
            zero = " OR ".join(f"{self._sql(divisor)} = 0" for divisor in read.divisors)
            metric = f"CASE WHEN {zero} THEN {_number(indicator.when_zero)} ELSE {metric} END" if zero else metric
        if indicator.min_n is not None and read.divisors:
            metric = f"CASE WHEN {self._sql(read.divisors[0])} >= {indicator.min_n} THEN {metric} END"
        return metric

    def _sql(self, expression: exp.Expr) -> str:
        from sqlglot import exp

        def replaced(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column):
                return node
            target = self._resolve(node)
            if isinstance(target, str):
                return exp.Var(this=f"({self._metric(target)})")
            return exp.Var(this=measure_metric(self.known[target][1], target.column(self.contract.name)))

        return write(expression.copy().transform(replaced))


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
