"""What the home page is told of a contract: its subsystem's name, and the figures of its first tiles with the SQL that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from control.compile.store.step import Step, names
from control.compile.store.wide import PREFIX
from datasets.model.contract import Contract
from datasets.model.formula import Formula, formulas, measure_of

SUBSYSTEM = sql.Identifier("ledger", "subsystem")
HEADLINE = sql.Identifier("indicator", "headline")
UPSERT = "INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT ({key}) DO UPDATE SET ({others}) = ROW({new})"
TABLES = ((SUBSYSTEM, ("subsystem",)), (HEADLINE, ("subsystem", "position")))
HEADLINES_WITHOUT_TILES = 2
"""A contract whose dashboard names no tiles is told by its first indicators."""

Line = dict[str, Any]
"""Values by column."""


def subsystem_line(contract: Contract) -> Line:
    """The contract's line in ledger.subsystem, without the moment at which it was applied first."""
    return {
        "subsystem": contract.name,
        "position": contract.subsystem.order,
        "title": contract.title,
        "title_en": contract.titles.en,
        "title_fr": contract.titles.fr,
        "version": contract.version,
        "datasets": len(contract.resources),
    }


def headline_lines(contract: Contract, contracts: Sequence[Contract]) -> list[Line]:
    """The contract's lines in indicator.headline. Raises ContractError when an indicator cannot be computed."""
    known = formulas(contract, contracts)
    chosen = contract.dashboard.first_row or list(contract.indicators)[:HEADLINES_WITHOUT_TILES]
    every = [contract, *(other for other in contracts if other.name != contract.name)]
    return [_headline_line(contract, every, position, known[name]) for position, name in enumerate(chosen)]


def _headline_line(contract: Contract, every: Sequence[Contract], position: int, formula: Formula) -> Line:
    indicator = contract.indicators[formula.indicator]
    calendar = formula.calendars[0].value
    flows = [ref.full for ref in formula.measures if not measure_of(ref, every)[1].as_of]
    return {
        "subsystem": contract.name,
        "position": position,
        "indicator": f"{contract.name}.{formula.indicator}",
        "title": indicator.short or indicator.title,
        "title_en": indicator.titles.en,
        "title_fr": indicator.titles.fr,
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "calendar": calendar,
        "view_name": f"{contract.pg_schema}.{PREFIX}{calendar.replace('-', '_')}",
        "metric": formula.metric,
        "measures": [ref.full for ref in formula.measures],
        "flows": flows,
        "access": formula.access,
    }


def home_steps(conn: psycopg.Connection[Any], contract: Contract, contracts: Sequence[Contract]) -> list[Step]:
    """What brings both tables to what the contract says; nothing when they say it already. Raises ContractError as `formulas` does."""
    steps = []
    for (table, key), wanted in zip(TABLES, ([subsystem_line(contract)], headline_lines(contract, contracts)), strict=True):
        columns = list(wanted[0]) if wanted else [*key]
        found = conn.execute(
            sql.SQL("SELECT {} FROM {} WHERE subsystem = %s ORDER BY {}").format(names(columns), table, names(key)), (contract.name,)
        )
        there = [dict(zip(columns, row, strict=True)) for row in found]
        if there == wanted:
            continue
        if len(there) > len(wanted):
            surplus = sql.SQL("DELETE FROM {} WHERE subsystem = %s AND position >= %s").format(table)
            steps.append(Step("", surplus, (contract.name, len(wanted))))
        steps += [_upsert(table, key, line) for line in wanted if line not in there]
    if steps:
        first = steps[0]
        steps[0] = Step(f"the home page is told of {contract.name} and its figures", first.statement, first.parameters, kind="changed")
    return steps


def _upsert(table: sql.Identifier, key: Sequence[str], line: Line) -> Step:
    others = [column for column in line if column not in key]
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT ({key}) DO UPDATE SET ({others}) = ROW({new})"
    ).format(
        table=table,
        columns=names(line),
        values=sql.SQL(", ").join([sql.Placeholder()] * len(line)),
        key=names(key),
        others=names(others),
        new=names(others, "excluded"),
    )
    return Step("", statement, tuple(line.values()))
