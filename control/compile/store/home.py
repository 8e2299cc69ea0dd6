"""What the home page is told of a contract: its subsystem's name, and the figures of its first tiles with the SQL that reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from control.compile.store.step import Step, names
from datasets.model.contract import Contract
from datasets.model.formula import Formula, measure_of
from datasets.model.measure_unit import measure_sign
from datasets.model.target import target_metric

# What charts are told of a figure is asked for where it is needed: the modules that know it read the store's own.
if TYPE_CHECKING:
    from control.compile.superset.wide import Wide

SUBSYSTEM = sql.Identifier("ledger", "subsystem")
HEADLINE = sql.Identifier("indicator", "headline")
UPSERT = "INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT ({key}) DO UPDATE SET ({others}) = ROW({new})"
TABLES = ((SUBSYSTEM, ("subsystem",)), (HEADLINE, ("subsystem", "position")))
HEADLINES_WITHOUT_TILES = 2
"""A contract whose dashboard names no tiles is told by its first indicators."""
LOOK = ("direction", "status", "levels", "amber", "amber_share", "target_proposed", "target_paced", "is_count", "scale")
"""Of what a tile is told, that by which it judges its figure and writes it."""
LESS = re.compile(r"(?<=[\s(])-")
"""A minus sign in SQL that sqlglot wrote; the hyphens of a date stand between digits."""

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
    from control.compile.superset.wide import wide_views

    views = wide_views(contract, contracts)
    known = {name: formula for view in views.values() for name, formula in view.formulas.items()}
    chosen = contract.dashboard.first_row or list(contract.indicators)[:HEADLINES_WITHOUT_TILES]
    every = [contract, *(other for other in contracts if other.name != contract.name)]
    return [_headline_line(views[known[name].calendars[0]], every, position, known[name]) for position, name in enumerate(chosen)]


def _headline_line(view: Wide, every: Sequence[Contract], position: int, formula: Formula) -> Line:
    from control.compile.superset.figure import figure_params, judged_params

    indicator = view.indicator(formula.indicator)
    flows = [ref.full for ref in formula.measures if not measure_of(ref, every)[1].as_of]
    told = {**figure_params(view, formula.indicator), **judged_params(view, formula.indicator)}
    return {
        "subsystem": view.contract.name,
        "position": position,
        "indicator": f"{view.contract.name}.{formula.indicator}",
        "title": indicator.short or indicator.title,
        "title_en": indicator.titles.en,
        "title_fr": indicator.titles.fr,
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "calendar": view.calendar.value,
        "view_name": f"{view.contract.pg_schema}.{view.table}",
        "metric": formula.metric,
        "measures": [ref.full for ref in formula.measures],
        "flows": flows,
        "access": formula.access,
        "beside": _beside(view, formula),
        "look": {key: told[key] for key in LOOK if key in told} | {"may_sink": not indicator.levels and _may_sink(formula, every)},
    }


def _beside(view: Wide, formula: Formula) -> dict[str, str]:
    """SQL of what a tile asks for beside the figure, without what this one has not."""
    from control.compile.superset.wide import firmness_sql

    share = formula.share if formula.share is not None and formula.share.denominator is not None else None
    asked = {
        "target": target_metric(view.indicator(formula.indicator), view.calendar),
        "numerator": share.numerator if share else None,
        "denominator": share.denominator if share else None,
        "firmness": firmness_sql(view, formula.indicator),
    }
    return {name: metric for name, metric in asked.items() if metric is not None}


def _may_sink(formula: Formula, every: Sequence[Contract]) -> bool:
    """Whether values below zero are possible: then the page looks as far back for one as the tile does. Levels carry no sign."""
    signs = {measure_sign(*measure_of(ref, every)[1:]) for ref in formula.measures}
    return "any" in signs or LESS.search(formula.metric) is not None


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
    return Step("", statement, tuple(Jsonb(value) if isinstance(value, Mapping) else value for value in line.values()))
