"""A contract with measures over small deliveries, and what the store keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import psycopg
import yaml

from ckan_harvesters import ledger, measure
from ckan_harvesters.clock import now
from ckan_harvesters.load import load
from ckan_harvesters.outcome import Checked, Outcome
from datasets.model.contract import Contract
from datasets.model.read import parse_contract
from tests.store.conftest import Store
from tests.store.contracts import Row, checked, resource

NAME = "ward"
PROVINCE = "40.200401"


def flow(value: str = "SUM(cases)", **more: Any) -> dict[str, Any]:
    """A measure over the days of `cases` that adds, unless `more` says otherwise."""
    return {"of": "cases", "value": value, "calendar": "day", "over_time": "sum", "over_units": "sum", **more}


def by_month(**more: Any) -> dict[str, Any]:
    """The resource of cases, delivered by month."""
    return {**resource(), "delivery": {"scope": "period", "calendar": "month", "column": "ngay"}, **more}


def contract(measures: dict[str, dict[str, Any]], *resources: dict[str, Any], version: str = "1.0.0") -> Contract:
    """A contract of these measures over a resource `cases` that is delivered by month, unless others are given."""
    content = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "version": version,
        "title": "Khoa",
        "titles": {"en": "Ward"},
        "subsystem": {"order": 4, "owner": "so-y-te"},
        "resources": list(resources) or [by_month()],
        "measures": measures,
    }
    return parse_contract(yaml.safe_dump(content, allow_unicode=True).encode())


class Ward:
    """A store with the contract applied, and deliveries under it."""

    def __init__(self, store: Store, used: Contract) -> None:
        self.store, self.contract = store, used
        self._jobs = 0
        store.apply(used)

    def checked(self, rows: Sequence[Row] | pl.DataFrame, scope: str, **more: Any) -> Checked:
        return checked(rows, scope=scope, of=self.contract, **more)

    def deliver(self, rows: Sequence[Row] | pl.DataFrame, scope: str = "so-y-te|2021-08", **more: Any) -> Outcome:
        self._jobs += 1
        return load(self.store.loader, self.checked(rows, scope, **more), f"job {self._jobs}")

    def cells(self, name: str, calendar: str = "day", edition: int | None = None) -> list[tuple[Any, ...]]:
        """(unit_id, agency, period, breakdown, value as a float, n) of a measure, now or as of an edition."""
        seen = "v.closed_by IS NULL"
        if edition is not None:
            loads = f"SELECT load_id FROM ledger.visible({edition})"
            seen = f"v.load_id IN ({loads}) AND (v.closed_by IS NULL OR v.closed_by NOT IN ({loads}))"
        found = self.store.ask(
            "SELECT unit_id, agency, period, breakdown, value::float8, n FROM measure.value v "
            f"WHERE measure = %s AND calendar = %s AND {seen} "
            'ORDER BY unit_id, agency, period, breakdown COLLATE "C"',
            f"{NAME}.{name}",
            calendar,
        )
        return [tuple(row) for row in found]

    def values(self, name: str, calendar: str = "day") -> dict[tuple[str, str], float | None]:
        """Value by (unit_id, period) of a measure that has one agency and no breakdown."""
        return {(unit, period): value for unit, _, period, _, value, _ in self.cells(name, calendar)}

    def versions(self) -> int:
        """How many versions of cells were ever written."""
        return int(self.store.ask("SELECT count(*) FROM measure.value")[0][0])

    def recompute(self, *names: str, used: Contract | None = None) -> int:
        """Computes measures wholly anew; how many cells that changed."""
        with psycopg.connect(self.store.loader) as conn:
            load_id = ledger.next_load(conn)
            chosen = used or self.contract
            return sum(measure.recompute(conn, chosen, name, load_id, now()) for name in names or chosen.measures)
