"""One change of the store: what it does in words, and its statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Step:
    """A planned change; `text` is what `ioc plan` prints, empty for what only follows from another step."""

    text: str
    statement: sql.SQL | sql.Composed
    parameters: Sequence[Any] = ()


def run(conn: psycopg.Connection[Any], steps: Iterable[Step]) -> None:
    """Executes the steps in the current transaction."""
    for step in steps:
        conn.execute(step.statement, step.parameters or None)


def names(columns: Iterable[str], prefix: str | None = None) -> sql.Composed:
    """Quoted column names with commas between, each with a table's alias before it when one is given."""
    return sql.SQL(", ").join(sql.Identifier(prefix, c) if prefix else sql.Identifier(c) for c in columns)
