"""Example files against their contracts: each is decoded and checked as the harvest would take it, and nothing is delivered.

An example shows an agency how its file is written, and the forms and tests are made from it, so one that would be rejected misleads both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from ckan_harvesters.applied import Places
from ckan_harvesters.check import check
from ckan_harvesters.check.columns import check_columns
from ckan_harvesters.check.figure_status import with_status
from ckan_harvesters.check.findings import Findings
from ckan_harvesters.decode import decode
from ckan_harvesters.decode.decoded import Decoded
from ckan_harvesters.delivery import TIME_ZONE, DeliveryScope, scope_of
from ckan_harvesters.desk.example import Examples
from ckan_harvesters.errors import Refused, Rejected, TerminalError
from ckan_harvesters.reading import as_warning, is_geographic, read
from control.contracts import file_of
from datasets.model.contract import Contract, Resource, Scope
from datasets.model.messages import say
from datasets.model.period import period_of
from datasets.model.problem import ContractProblem, shown_path
from datasets.model.reference import Reference

LANGUAGE = "en"
LISTED = 20
"""Problems of one file that are listed; the others are counted."""


@dataclass
class ExamplesChecked:
    """What is wrong with examples, and what the harvest would only remark on."""

    problems: list[ContractProblem] = field(default_factory=list)
    warnings: list[ContractProblem] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """One example as the harvest would judge it. `examples` makes values that would be right; None of a map or an unreadable file."""

    rejected: list[Rejected]
    warnings: list[Rejected]
    refused: Refused | None = None
    examples: Examples | None = None


def check_examples(contracts: Sequence[Contract], reference: Reference) -> ExamplesChecked:
    """The example of each dataset whose contract was read from a folder. Problems name file, line, column, value, and what to write."""
    places = places_of(reference)
    checked = ExamplesChecked()
    for contract in contracts:
        for resource in contract.resources:
            if contract.folder is None:
                continue
            path = contract.folder / resource.path
            try:
                found = examine_example(path, resource, places)
            except TerminalError as error:
                checked.problems.append(ContractProblem(file_of(contract), f"resources[{resource.name}]", None, str(error)))
                continue
            checked.problems += _problems(path, resource, found)
            checked.warnings += [_problem(path, resource, as_warning(one), found.examples) for one in found.warnings]
    return checked


def places_of(reference: Reference) -> Places:
    """Units and agencies of the reference lists, as the harvest has them of the store."""
    return Places(reference.unit_index, frozenset(reference.agencies), reference.province)


def examine_example(path: Path, resource: Resource, places: Places) -> Found:
    """The example as a delivery of the period that most of its rows are in. Raises TerminalError for a rule that cannot be computed."""
    try:
        if is_geographic(resource):
            taken = read(path, resource, scope_of(resource, resource.owner, _period(None, resource), path.name), places)
            return Found(taken.rejected, taken.warnings)
        decoded = decode(path, resource, apart=False)
    except Refused as refused:
        return Found(refused.problems, [], refused)
    scope = scope_of(resource, resource.owner, _period(decoded, resource), path.name)
    examples = Examples(resource, places, decoded.headers, scope.period, resource.owner)
    try:
        result = check(decoded, resource, places.units, places.agencies, scope, places.province)
    except Refused as refused:
        # Of few rows one wrong one is too many; the rows say it better than their share.
        return Found(refused.problems, [], None if refused.code == "too_many_bad" else refused, examples)
    return Found(result.rejected, result.warnings, None, examples)


def _period(decoded: Decoded | None, resource: Resource) -> str | None:
    """The period that most rows are in; today's where none has a date, and of a map."""
    calendar, column = resource.delivery.calendar, resource.delivery.column
    if resource.delivery.scope is not Scope.PERIOD or calendar is None:
        return None
    days = [] if decoded is None or column is None else _days(decoded, resource, column)
    periods = Counter(period_of(calendar, day) for day in days)
    return periods.most_common(1)[0][0] if periods else period_of(calendar, DeliveryScope(resource.owner).as_of)


def _days(decoded: Decoded, resource: Resource, column: str) -> list[date]:
    """The days that a column of dates, moments or years tells; what cannot be read tells none."""
    aside = Findings(resource, decoded.headers, decoded.columns)
    typed = check_columns(with_status(decoded.frame, resource, aside), resource, aside)[column].drop_nulls()
    if typed.dtype.is_integer():
        return [date(year, 1, 1) for year in typed if year >= date.min.year]
    return (typed.dt.convert_time_zone(str(TIME_ZONE)).dt.date() if isinstance(typed.dtype, pl.Datetime) else typed).to_list()


def _problems(path: Path, resource: Resource, found: Found) -> Iterator[ContractProblem]:
    if found.refused is not None:
        yield ContractProblem(shown_path(path), "", None, say(f"refused.{found.refused.code}", LANGUAGE, **found.refused.params))
    for rejected in found.rejected[:LISTED]:
        yield _problem(path, resource, rejected, found.examples)
    if len(found.rejected) > LISTED:
        yield ContractProblem(shown_path(path), "", None, f"{len(found.rejected) - LISTED} more problems like these")


def _problem(path: Path, resource: Resource, rejected: Rejected, examples: Examples | None) -> ContractProblem:
    said = {"line": rejected.line, "column": rejected.column, "value": rejected.value, **rejected.params}
    message = say(f"rule.{rejected.rule}", LANGUAGE, **said)
    right = examples.of(rejected) if examples is not None else None
    if right is not None and right not in message:
        message += f" For example: {right}"
    if is_geographic(resource):
        return ContractProblem(shown_path(path), f"feature {rejected.line}", rejected.value, message)
    return ContractProblem(shown_path(path), rejected.column or "", rejected.value, message, rejected.line)
