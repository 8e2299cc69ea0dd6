"""What must agree in a contract's indicators, and between them and the measures of other contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from datasets.model.calendar_name import Calendar
from datasets.model.consistency_versions import level_faults, version_faults
from datasets.model.contract import Contract, Level, Resource
from datasets.model.explain import nearest
from datasets.model.formula import Formula, analyse, measure_of, metric_name
from datasets.model.formula_reading import MeasureRef
from datasets.model.indicator import Indicator, Target
from datasets.model.measure import Measure
from datasets.model.problem import Fault, KeyPath
from datasets.model.sql_text import can_parse

if TYPE_CHECKING:
    from datasets.model.reference import Reference

MAX_SHORT = 32


def indicator_faults(contract: Contract, reference: Reference | None) -> Iterator[Fault]:
    """Everything that does not agree in the contract's own indicators; measures of other contracts are taken as named."""
    named: dict[str, str] = {}
    for name, indicator in contract.indicators.items():
        at: KeyPath = ("indicators", name)
        yield from _name_faults(at, name, contract, named)
        named.setdefault(metric_name(name), name)
        if "vi" not in indicator.method:
            yield (*at, "method"), indicator.method, "write the text in Vietnamese too: {vi: …, en: …, fr: …}"
        if indicator.short is not None and len(indicator.short) > MAX_SHORT:
            message = f"the short title has {len(indicator.short)} letters; write at most {MAX_SHORT}"
            yield (*at, "short"), indicator.short, message
        yield from _target_faults(at, indicator, reference)
        yield from version_faults(at, indicator)
        yield from level_faults(at, indicator)
    if can_parse():
        found, faults = analyse(contract, None)
        yield from faults
        for name, formula in found.items():
            yield from _shown_faults(("indicators", name), contract.indicators[name], formula, [contract])


def faults_between(contract: Contract, contracts: Sequence[Contract]) -> Iterator[Fault]:
    """What does not agree between a contract's indicators and the measures of the others; its own faults are said by `indicator_faults`."""
    if not can_parse():
        return
    alone, own_faults = analyse(contract, None)
    others = [other for other in contracts if other.name != contract.name]
    together, faults = analyse(contract, others)
    yield from (fault for fault in faults if fault not in own_faults)
    for name, formula in together.items():
        if name not in alone:
            yield from _shown_faults(("indicators", name), contract.indicators[name], formula, [contract, *others])
            yield from _column_faults(("indicators", name, "value"), contract, formula, others)


def _column_faults(path: KeyPath, contract: Contract, formula: Formula, others: Sequence[Contract]) -> Iterator[Fault]:
    """Measures of others become columns of this contract's view too: none may stand there twice."""
    broken_down = {column for measure in contract.measures.values() for column in measure.by}
    for ref in formula.measures:
        if ref.subsystem != contract.name:
            measure = measure_of(ref, others)[1]
            taken = [name for name in (ref.column(contract.name), *measure.by) if name in contract.measures]
            taken += [name for name in (ref.column(contract.name),) if name in broken_down]
            for name in taken:
                yield (
                    path,
                    ref.full,
                    f"{ref.full} brings the column {name}, which is a measure or a breakdown here; write another name for that",
                )


def _name_faults(at: KeyPath, name: str, contract: Contract, named: dict[str, str]) -> Iterator[Fault]:
    written = metric_name(name)
    if written in contract.measures:
        yield at, name, f"the measure {written} has this name already; write another, like {name}-rate or {name}-count"
    if written in named:
        yield at, name, f'"{name}" and "{named[written]}" are both written {written} in expressions; write another name'
    if written.startswith("target_"):
        yield (
            at,
            name,
            f"target_ begins the names of targets; write another name, like {name.removeprefix('target-').removeprefix('target_')}",
        )


def _target_faults(at: KeyPath, indicator: Indicator, reference: Reference | None) -> Iterator[Fault]:
    for index, target in enumerate(indicator.targets):
        here: KeyPath = (*at, "targets", index)
        if indicator.direction == "none":
            yield (*at, "direction"), "none", "an indicator with a target has a better side; write direction: up or direction: down"
        if target.to is not None and target.to <= target.from_:
            yield (*here, "to"), str(target.to), f"the target ends on {target.to}, before its first day {target.from_}; write a later day"
        if target.amber is not None and (target.amber - target.value) * (1 if indicator.direction == "up" else -1) < 0:
            side = "at least" if indicator.direction == "up" else "at most"
            message = f"amber begins before the target is missed; write {side} {_plain(target.value)}"
            yield (*here, "amber"), target.amber, message
        if target.basis.kind == "law" and not target.basis.clause:
            message = "a target that rests on a law names it; write clause: document/article, or kind: proposed"
            yield (*here, "basis", "clause"), None, message
        if reference is not None and target.unit is not None and not _is_unit(target.unit, reference):
            yield (*here, "unit"), target.unit, f'"{target.unit}" is no unit of the province; write the code of a commune, like "16681"'
        for other in indicator.targets[:index]:
            if other.unit == target.unit and _overlap(other, target):
                message = f"the target of {_plain(other.value)} is valid then too; write to: {target.from_} there, or a later from here"
                yield (*here, "from"), str(target.from_), message


def _overlap(one: Target, other: Target) -> bool:
    return (one.to is None or other.from_ < one.to) and (other.to is None or one.from_ < other.to)


def _is_unit(code: str, reference: Reference) -> bool:
    return any(u.code == code and u.level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE) for u in reference.units)


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _shown_faults(at: KeyPath, indicator: Indicator, formula: Formula, contracts: Sequence[Contract]) -> Iterator[Fault]:
    """Calendars and groupings that the measures do not have."""
    parts = {ref: measure_of(ref, contracts) for ref in formula.measures}
    for index, calendar in enumerate(indicator.calendars):
        if calendar in indicator.calendars[:index]:
            yield (*at, "calendars", index), calendar.value, f"{calendar.value} is written twice; remove one"
    for index, calendar in enumerate(formula.calendars):
        for ref, (contract, measure, _) in parts.items():
            if not kept_for(measure, calendar):
                path: KeyPath = (*at, "calendars", index) if indicator.calendars else (*at, "calendars")
                message = (
                    f"{ref.name} is kept for {', '.join(c.value for c in measure.calendars)}, not for {calendar.value}; "
                    f"write also: [{calendar.value}] on the measure{f' of {contract.name}' if contract is not contracts[0] else ''}, "
                    "or another calendar here"
                )
                yield path, calendar.value, message
    yield from _grouping_faults(at, indicator, parts)


def kept_for(measure: Measure, calendar: Calendar) -> bool:
    """Whether there is a value for the calendar's periods: kept, or that of a stock as of the period."""
    return measure.as_of or calendar in measure.calendars


def _grouping_faults(at: KeyPath, indicator: Indicator, parts: dict[MeasureRef, tuple[Contract, Measure, Resource]]) -> Iterator[Fault]:
    for index, group in enumerate(indicator.shown_by):
        here: KeyPath = (*at, "shown_by", index)
        if group in indicator.shown_by[:index]:
            yield here, group, f"{group} is written twice; remove one"
        elif group == "agency":
            publishers = {frozenset(resource.publishers) for _, _, resource in parts.values()}
            if len(publishers) > 1:
                yield here, group, "its measures are delivered by different agencies, so that no agency has them all; remove agency"
        elif group != "unit":
            without = [ref.name for ref, (_, measure, _) in parts.items() if group not in measure.by]
            if without:
                common = set.intersection(*(set(measure.by) for _, measure, _ in parts.values()))
                near = nearest(group, ["unit", "agency", *common])
                hint = f"write {near}" if near else f"write by: [{group}] on the measure, or remove it"
                yield here, group, f"{' and '.join(without)} {'is' if len(without) == 1 else 'are'} not broken down by {group}; {hint}"


def ended_targets(contract: Contract, today: dt.date) -> list[Fault]:
    """Indicators whose last target ended on or before today, for the whole province or for a unit, with nothing after it.

    It is no fault of a contract by itself: `ioc plan` refuses it where a contract is new or changed, and warns of it elsewhere.
    """
    faults: list[Fault] = []
    for name, indicator in contract.indicators.items():
        for unit in dict.fromkeys(target.unit for target in indicator.targets):
            numbered = [(n, target) for n, target in enumerate(indicator.targets) if target.unit == unit]
            if any(target.to is None or target.to > today for _, target in numbered):
                continue
            index, last = max(numbered, key=lambda pair: pair[1].to or dt.date.min)
            ended = f"the target of {_plain(last.value)} ended on {last.to} and none follows"
            message = f"{ended}; add the next one, write a later to, or take all of them out"
            faults.append((("indicators", name, "targets", index, "to"), str(last.to), message))
    return faults
