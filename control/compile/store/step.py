"""One change of the store: what it does in words, and its statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from control.compile.changes import Change, Kind


@dataclass(frozen=True)
class Step:
    """A planned change; `text` is what `ioc plan` prints, empty for what only follows from another step."""

    text: str
    statement: sql.SQL | sql.Composed | None
    """None where the plan says something and does nothing: that rows are kept."""
    parameters: Sequence[Any] = ()
    kind: Kind = "made"


def run(conn: psycopg.Connection[Any], steps: Iterable[Step]) -> None:
    """Executes the steps in the current transaction."""
    for step in steps:
        if step.statement is not None:
            conn.execute(step.statement, step.parameters or None)


def lines(steps: Iterable[Step]) -> list[Change]:
    """What the steps do, in words."""
    return [Change(step.kind, step.text) for step in steps if step.text]


def names(columns: Iterable[str], prefix: str | None = None) -> sql.Composed:
    """Quoted column names with commas between, each with a table's alias before it when one is given."""
    return sql.SQL(", ").join(sql.Identifier(prefix, c) if prefix else sql.Identifier(c) for c in columns)
