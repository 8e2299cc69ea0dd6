"""A delivery in staging, and its difference to the open rows of its scope.

Staging is an unlogged table with the columns and types of its target, made and dropped in the load's own transaction.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl
import psycopg
from psycopg import sql

from ckan_harvesters.decode.decoded import LINES
from ckan_harvesters.fault import fault
from datasets.model.contract import Contract, Resource

CHUNK_ROWS = 100_000
ZONE = "Asia/Ho_Chi_Minh"

CREATE = "CREATE UNLOGGED TABLE {staging} AS SELECT {columns}, line FROM {target} WITH NO DATA"
COPY = "COPY {staging} ({columns}, line) FROM STDIN (FORMAT csv)"

ELSEWHERE = """
SELECT s.line, t.load_id FROM {staging} s JOIN {target} t ON {own_key} AND t.closed_by IS NULL AND NOT t.load_id = ANY(%(own)s)
ORDER BY s.line
"""
DROP_LINES = "DELETE FROM {staging} WHERE line = ANY(%s)"

# What the delivery no longer has, or has with other values. Rows that stay as they are keep their load.
CLOSE = """
WITH closed AS (
    UPDATE {target} t SET closed_by = %(load)s
    WHERE t.closed_by IS NULL AND t.load_id = ANY(%(own)s)
      AND NOT EXISTS (SELECT FROM {staging} s WHERE {key} AND ({staged}) IS NOT DISTINCT FROM ({open}))
    RETURNING {key_columns}
)
SELECT count(*), count(s.line) FROM closed t LEFT JOIN {staging} s ON {key}
"""
CLOSE_ALL = "UPDATE {target} SET closed_by = %(load)s WHERE closed_by IS NULL AND load_id = ANY(%(own)s)"

# In the key's order, which is what makes the index cheap to fill.
INSERT = """
INSERT INTO {target} ({columns}, agency, line, load_id)
SELECT {staged}, %(agency)s, {line}, %(load)s FROM {staging} s
{unless_open}
ORDER BY {order}
"""
UNLESS_OPEN = "WHERE NOT EXISTS (SELECT FROM {target} t WHERE {key} AND t.closed_by IS NULL AND t.load_id = ANY(%(own)s))"

OVERTAKEN = """
SELECT EXISTS (
    SELECT FROM {staging} s JOIN {target} t ON {own_key} AND t.closed_by IS NULL AND NOT t.load_id = ANY(%(own)s)
)
"""


class Open(NamedTuple):
    """A delivered row whose key is open from another scope."""

    line: int
    load_id: int
    """The load that it is open from."""


@dataclass(frozen=True)
class Target:
    """A contract table as the load needs it."""

    schema: str
    name: str
    values: list[str]
    """Columns of the contract, `unit_id` first."""
    key: list[str]
    """Key columns, `unit_id` first."""
    own_key: list[str]
    """Key columns as the contract writes them."""
    is_wide: bool = False
    """Whether a row's number tells the column of its cell beside the line, see `decode.decoded.LINES`."""

    @classmethod
    def of(cls, contract: Contract, resource: Resource) -> Target:
        own_key = [resource.schema_.field(name).stored_as for name in resource.schema_.primaryKey]
        values = ["unit_id", *(f.column for f in resource.value_fields)]
        return cls(contract.pg_schema, contract.table(resource), values, resource.key_columns, own_key, resource.wide is not None)

    @property
    def text(self) -> str:
        """`health.bed_days__v1`, as the ledger writes it."""
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def unit_in_key(self) -> bool:
        """Whether the contract's own key holds the unit; without it the unique index alone does not keep the key."""
        return "unit_id" in self.own_key


class Staging:
    """The staging table of one load and the statements over it and its target."""

    def __init__(self, conn: psycopg.Connection[Any], target: Target, load_id: int) -> None:
        self.conn = conn
        self.target = target
        self.load_id = load_id
        self.identifier = sql.Identifier("staging", f"load_{load_id}")

    def fill(self, rows: pl.DataFrame) -> None:
        """Makes the table and copies the rows: the target's value columns and `line`, in any order."""
        self._execute(CREATE)
        columns = [*self.target.values, "line"]
        ordered = rows.select(columns).sort(self.target.key)
        with self.conn.cursor() as cursor, cursor.copy(self._composed(COPY)) as copy:
            for chunk in _csv(ordered):
                copy.write(chunk)
                fault("during-copy")
        self.conn.execute(sql.SQL("ANALYZE {}").format(self.identifier))

    def open_elsewhere(self, own: Sequence[int]) -> list[Open]:
        """Rows whose key, as the contract writes it, is open from loads that are not `own`."""
        return [Open(*row) for row in self._execute(ELSEWHERE, own=list(own))]

    def drop_lines(self, lines: Iterable[int]) -> None:
        self.conn.execute(self._composed(DROP_LINES), (list(lines),))

    def close(self, own: Sequence[int]) -> tuple[int, int]:
        """Closes what the delivery replaces among the open rows of `own` loads: (rows closed, of which the key goes on)."""
        if not own:
            return 0, 0
        row = self._execute(CLOSE, own=list(own), load=self.load_id).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def insert(self, own: Sequence[int], agency: str) -> int:
        """Inserts what is new or changed; how many rows. Raises UniqueViolation when another load has just opened a key."""
        return self._execute(INSERT, own=list(own), load=self.load_id, agency=agency, has_open=bool(own)).rowcount

    def overtaken(self, own: Sequence[int]) -> bool:
        """Whether another load has meanwhile opened a key of these rows."""
        row = self._execute(OVERTAKEN, own=[*own, self.load_id]).fetchone()
        return bool(row and row[0])

    def drop(self) -> None:
        self.conn.execute(sql.SQL("DROP TABLE {}").format(self.identifier))

    def _execute(self, statement: str, has_open: bool = True, **parameters: Any) -> psycopg.Cursor[Any]:
        return self.conn.execute(self._composed(statement, has_open), parameters or None)

    def _composed(self, statement: str, has_open: bool = True) -> sql.Composed:
        target = self.target
        others = [c for c in target.values if c not in target.key]
        parts: dict[str, sql.Composable] = {
            "staging": self.identifier,
            "target": target.identifier,
            "columns": _names(target.values),
            "key": _equal(target.key),
            "own_key": _equal(target.own_key),
            "key_columns": _names(target.key, "t"),
            "order": _names(target.key, "s"),
            "unless_open": sql.SQL(""),
            "line": sql.SQL("mod(s.line, {})").format(sql.Literal(LINES)) if target.is_wide else sql.SQL("s.line"),
        }
        if statement is INSERT:
            parts["staged"] = _names(target.values, "s")
            if has_open:
                parts["unless_open"] = sql.SQL(UNLESS_OPEN).format(target=target.identifier, key=_equal(target.key))
        else:
            parts["staged"] = _row(others, "s")
            parts["open"] = _row(others, "t")
        return sql.SQL(statement).format(**parts)


def close_all(conn: psycopg.Connection[Any], table_name: str, own: Sequence[int], load_id: int) -> int:
    """Closes every open row of these loads; how many."""
    target = sql.Identifier(*table_name.split("."))
    return conn.execute(sql.SQL(CLOSE_ALL).format(target=target), {"own": list(own), "load": load_id}).rowcount


def _csv(rows: pl.DataFrame) -> Iterator[bytes]:
    for part in _moments_in_utc(rows).iter_slices(CHUNK_ROWS):
        buffer = io.BytesIO()
        # An empty text is quoted and a null is not, which is how COPY's csv format tells them apart.
        part.write_csv(buffer, include_header=False, null_value="")
        yield buffer.getvalue()


def _moments_in_utc(rows: pl.DataFrame) -> pl.DataFrame:
    """Date-times as text with their offset; one without a zone is the province's."""
    moments = []
    for name, kind in rows.schema.items():
        if isinstance(kind, pl.Datetime):
            zoned = pl.col(name) if kind.time_zone else pl.col(name).dt.replace_time_zone(ZONE)
            moments.append(zoned.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))
    return rows.with_columns(moments)


def _names(columns: Iterable[str], prefix: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(prefix, c) if prefix else sql.Identifier(c) for c in columns)


def _row(columns: Sequence[str], prefix: str) -> sql.Composed:
    """Members of a row to compare; a table of keys alone compares equal."""
    return _names(columns, prefix) if columns else sql.Composed([sql.SQL("true")])


def _equal(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(" AND ").join(sql.SQL("s.{0} = t.{0}").format(sql.Identifier(c)) for c in columns)
