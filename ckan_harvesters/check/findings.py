"""Problems found in a delivery's rows, gathered stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from ckan_harvesters.errors import MASK, VALUE_LIMIT, Rejected
from datasets.model.contract import ContractField, Resource

LISTED = 100_000
"""Problems kept one by one; beyond that only the lines are counted."""

LINE = "line"
VALUE = "value"

Params = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]


class Findings:
    """Rejected lines with their problems, and warnings about lines that are kept."""

    def __init__(self, resource: Resource, headers: Mapping[str, str]) -> None:
        self.personal = {f.name for f in resource.schema_.fields if f.personal != "none"}
        self.headers = headers
        self.rejected: list[Rejected] = []
        self.warnings: list[Rejected] = []
        self.total = 0
        self._bad: list[pl.Series] = []

    def reject(self, rows: pl.DataFrame, field: ContractField | None, rule: str, params: Params | None = None) -> None:
        """Reject lines. `rows` has `line`, `value` (text, may be missing) and whatever `params` reads of a row."""
        if rows.height == 0:
            return
        self._bad.append(rows[LINE].cast(pl.UInt32))
        self.total += rows.height
        self.rejected += self._listed(rows, field, rule, params, LISTED - len(self.rejected))

    def warn(self, rows: pl.DataFrame, field: ContractField | None, rule: str, params: Params | None = None) -> None:
        """Note lines that are kept, as `reject`."""
        self.warnings += self._listed(rows, field, rule, params, LISTED - len(self.warnings))

    def bad_lines(self) -> pl.Series:
        """Lines rejected so far, each once."""
        return pl.concat(self._bad).unique() if self._bad else pl.Series(LINE, [], pl.UInt32)

    def good(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows without a problem so far, in their order."""
        return rows.join(self.bad_lines().to_frame(), on=LINE, how="anti", maintain_order="left") if self._bad else rows

    def _listed(self, rows: pl.DataFrame, field: ContractField | None, rule: str, params: Params | None, limit: int) -> list[Rejected]:
        header = self.headers.get(field.name, field.name) if field else None
        masked = field is not None and field.name in self.personal
        listed = []
        for row in rows.head(max(0, limit)).iter_rows(named=True):
            value = row.get(VALUE)
            said = params(row) if callable(params) else params or {}
            listed.append(Rejected(row[LINE], header, rule, _shown(value, masked), dict(said)))
        return listed


def _shown(value: Any, masked: bool) -> str | None:
    if value is None:
        return None
    return MASK if masked else str(value)[:VALUE_LIMIT]
