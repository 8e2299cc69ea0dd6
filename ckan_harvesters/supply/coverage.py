"""Coverage by localities: how many of the units that a report should hold are in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from ckan_harvesters.outcome import Checked
from ckan_harvesters.supply.report_of import Report
from datasets.model.contract import Scope

THERE = """
SELECT count(*) FILTER (WHERE u.unit_id = ANY (%(units)s)), count(*) FROM ref.unit u
WHERE u.level = %(level)s AND u.valid_from <= %(day)s AND (u.valid_to IS NULL OR u.valid_to > %(day)s)
"""
# Additions together make up the report; this load's own rows are among them.
OF_ADDITIONS = """
SELECT DISTINCT t.unit_id FROM {table} t JOIN ledger.load l ON l.load_id = t.load_id
WHERE t.closed_by IS NULL AND t.agency = %s AND l.report_period = %s
"""


def units_there(
    conn: psycopg.Connection[Any], checked: Checked, report: Report, table_name: str, left_out: Collection[int | None]
) -> tuple[int, int] | None:
    """Units that the report holds, and those that it should: all of their level on its period's last day. None when it need not hold all.

    `left_out`: lines of the delivery that the load rejected.
    """
    field = checked.resource.unit_field
    if not checked.resource.obligation.localities or field is None or field.refers is None or field.refers.unit is None:
        return None
    rows = checked.rows.filter(~pl.col("line").is_in([line for line in left_out if line is not None])) if left_out else checked.rows
    units = set(rows["unit_id"].unique())
    if checked.resource.delivery.scope is Scope.ADDITION:
        query = sql.SQL(OF_ADDITIONS).format(table=sql.Identifier(*table_name.split(".")))
        units |= {row[0] for row in conn.execute(query, (checked.agency, report.period))}
    wanted = {"units": list(units), "level": field.refers.unit.value, "day": report.ends - timedelta(days=1)}
    row = conn.execute(THERE, wanted).fetchone()
    return (row[0], row[1]) if row else None
