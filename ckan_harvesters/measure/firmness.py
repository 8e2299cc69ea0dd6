"""How firm a cell is: as the least firm of what it is made of."""

from __future__ import annotations

from psycopg import sql

from ckan_harvesters.measure.declared import Declared
from datasets.model.figure_status import STATUSES
from datasets.model.measure import OverTime

LEAST = sql.SQL("(ARRAY[{}])[min(array_position(ARRAY[{}], {}))]")
LAST = sql.SQL("coalesce((array_agg(v.status ORDER BY v.starts DESC) FILTER (WHERE v.value IS NOT NULL))[1], 'official')")


def of_rows(d: Declared) -> sql.Composable:
    """Status of a cell from its rows `r`: what the contract says of all, or the least firm that the rows say."""
    field = d.resource.status_field
    if field is None:
        return sql.Literal(d.resource.same_status)
    return sql.SQL("coalesce({}, 'official')").format(_least(sql.Identifier("r", field.column)))


def of_cells(d: Declared) -> sql.Composable:
    """Status of a longer period's cell from the cells `v` of its shorter ones: of what stands at its end, or of the least firm."""
    return LAST if d.measure.over_time is OverTime.LAST else _least(sql.Identifier("v", "status"))


def of_nothing(d: Declared) -> sql.Composable:
    """Status of a zero where there was nothing to count."""
    return sql.Literal(d.resource.same_status or "official")


def _least(status: sql.Composable) -> sql.Composed:
    words = sql.SQL(", ").join(map(sql.Literal, STATUSES))
    return LEAST.format(words, words, status)
