"""Indexes by which a load finds the rows of the cells it touches."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from ckan_harvesters.measure.declared import declared
from control.compile.store.step import Step, names
from control.compile.store.tables import StoreTable
from datasets.model.contract import Contract, Resource

INDEXED = """
SELECT array_agg(a.attname::text ORDER BY k.n)
FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = to_regclass(%s) AND k.n <= 2
GROUP BY i.indexrelid
"""


def measure_index_steps(conn: psycopg.Connection[Any], contract: Contract, resource: Resource, table: StoreTable) -> list[Step]:
    """An index on unit and day of the open rows, for each column that a measure takes the day from and that no index begins with yet.

    It follows the steps that make the table or add its columns.
    """
    there = [row[0] for row in conn.execute(INDEXED, (f'"{table.schema}"."{table.name}"',))] or [table.key[:2]]
    steps = []
    for column in dict.fromkeys(d.on.name for d in declared(contract, resource) if d.on is not None):
        if ["unit_id", column] not in there:
            create = sql.SQL("CREATE INDEX ON {} ({}) WHERE closed_by IS NULL").format(table.identifier, names(["unit_id", column]))
            steps.append(Step(f"index of {table.text} by unit and {column} is made", create))
    return steps
