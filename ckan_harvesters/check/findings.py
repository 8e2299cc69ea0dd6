"""Problems found in a delivery's rows, gathered stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from ckan_harvesters.decode.decoded import LINES
from ckan_harvesters.errors import MASK, VALUE_LIMIT, Rejected
from datasets.model.contract import ContractField, Resource

LISTED = 100_000
"""Problems kept one by one; beyond that only the lines are counted."""

LINE = "line"
VALUE = "value"

Params = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]


class Findings:
    """Rejected lines with their problems, and warnings about lines that are kept."""

    def __init__(self, resource: Resource, headers: Mapping[str, str], columns: Sequence[str] = ()) -> None:
        self.personal = {f.name for f in resource.schema_.fields if f.personal != "none"}
        self.headers = headers
        self.columns = columns
        """Of a wide table, see `Decoded.columns`."""
        self.in_columns = {f.name for f in resource.schema_.fields} - {f.name for f in resource.file_fields} if resource.wide else set()
        self.rejected: list[Rejected] = []
        self.warnings: list[Rejected] = []
        self.total = 0
        self._bad: list[pl.Series] = []

    def reject(self, rows: pl.DataFrame, field: ContractField | None, rule: str, params: Params | None = None) -> None:
        """Reject lines. `rows` has `line`, `value` (text, may be missing) and whatever `params` reads of a row."""
        if rows.height == 0:
            return
        self._bad.append(rows[LINE].cast(pl.UInt32))
        rows = self._once_a_line(rows, field)
        self.total += rows.height
        self.rejected += self._listed(rows, field, rule, params, LISTED - len(self.rejected))

    def warn(self, rows: pl.DataFrame, field: ContractField | None, rule: str, params: Params | None = None) -> None:
        """Note lines that are kept, as `reject`."""
        self.warnings += self._listed(self._once_a_line(rows, field), field, rule, params, LISTED - len(self.warnings))

    def bad_lines(self) -> pl.Series:
        """Lines rejected so far, each once."""
        return pl.concat(self._bad).unique() if self._bad else pl.Series(LINE, [], pl.UInt32)

    def good(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows without a problem so far, in their order."""
        return rows.join(self.bad_lines().to_frame(), on=LINE, how="anti", maintain_order="left") if self._bad else rows

    def _listed(self, rows: pl.DataFrame, field: ContractField | None, rule: str, params: Params | None, limit: int) -> list[Rejected]:
        name = field and (field.within or field.name)
        header = self.headers.get(name, name) if name else None
        masked = field is not None and field.name in self.personal
        listed = []
        for row in rows.head(max(0, limit)).iter_rows(named=True):
            value = row.get(VALUE)
            said = params(row) if callable(params) else params or {}
            listed.append(Rejected(self.line(row[LINE]), self._column(row[LINE], field, header), rule, _shown(value, masked), dict(said)))
        return listed

    def _once_a_line(self, rows: pl.DataFrame, field: ContractField | None) -> pl.DataFrame:
        """Of a wide table, what is wrong in a column of its own is told once and not for each of the line's cells."""
        if not self.columns or field is None or field.name in self.in_columns:
            return rows
        return rows.filter((rows[LINE] % LINES).is_first_distinct())

    def line(self, of_row: int) -> int:
        """The physical line of a row: that of its cell, in a wide table."""
        return of_row % LINES if self.columns else of_row

    def _column(self, of_row: int, field: ContractField | None, header: str | None) -> str | None:
        """The header under which the trouble stands."""
        is_wide = self.columns and (field is None or field.name in self.in_columns)
        return self.columns[of_row // LINES] if is_wide else header


def _shown(value: Any, masked: bool) -> str | None:
    if value is None:
        return None
    return MASK if masked else str(value)[:VALUE_LIMIT]
