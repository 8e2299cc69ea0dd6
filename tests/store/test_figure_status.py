"""How firm figures are: from rows to cells, to longer periods and to the wide views, as of each edition."""

from __future__ import annotations

from typing import Any

import polars as pl
import yaml

from datasets.model.contract import Contract
from datasets.model.read import parse_contract
from tests.store.conftest import Store
from tests.store.contracts import UNITS, indicator, resource
from tests.store.measured import Ward, flow

A, B, _ = UNITS
FIELDS = [*resource()["schema"]["fields"], {"name": "muc", "column": "firmness", "title": "Mức"}]
RESTATED = {
    **resource(fields=FIELDS),
    "status": {"column": "muc", "words": {"estimate": ["Ước tính"], "preliminary": ["Sơ bộ"]}},
    "delivery": {"scope": "period", "calendar": "month", "column": "ngay"},
}
ONE_STATUS = {**resource("drills"), "status": "preliminary", "delivery": {"scope": "period", "calendar": "month", "column": "ngay"}}
STATUS = "SELECT unit_id, period, status FROM measure.value WHERE measure = %s AND calendar = %s AND closed_by IS NULL ORDER BY 1, 2"
SHOWN = "SELECT unit_id, period, new_cases::float8, figure_status FROM {} WHERE new_cases IS NOT NULL ORDER BY 1, 2"


def contract(measures: dict[str, dict[str, Any]], indicators: dict[str, dict[str, Any]] | None = None) -> Contract:
    content = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "ward",
        "version": "1.0.0",
        "title": "Khoa",
        "titles": {"en": "Ward"},
        "subsystem": {"order": 4, "owner": "so-y-te"},
        "resources": [RESTATED, ONE_STATUS],
        "measures": measures,
        "indicators": indicators or {},
    }
    return parse_contract(yaml.safe_dump(content, allow_unicode=True).encode())


def rows(*said: tuple[str, str, str, int, str]) -> pl.DataFrame:
    """Rows of (day, unit, disease, cases, firmness) as the check gives them."""
    columns = {"day": pl.String, "unit_id": pl.String, "disease": pl.String, "cases": pl.Int64, "firmness": pl.String}
    frame = pl.DataFrame(list(said), schema=columns, orient="row").with_row_index("line", offset=2)
    nothing = [pl.lit(None, pl.Decimal(38, 1)).alias("rate"), pl.lit(None, pl.String).alias("note")]
    return frame.with_columns(pl.col("day").str.to_date(), pl.col("line").cast(pl.Int32), *nothing)


def test_a_cell_is_as_firm_as_the_least_firm_of_its_rows(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow(also=["month"])}))
    ward.deliver(
        rows(
            ("2025-08-01", A, "soi", 3, "official"),
            ("2025-08-01", A, "cum", 4, "estimate"),
            ("2025-08-02", A, "soi", 1, "preliminary"),
            ("2025-08-02", B, "soi", 1, "official"),
        ),
        "so-y-te|2025-08",
    )
    by_day = [(A, "2025-08-01", "estimate"), (A, "2025-08-02", "preliminary"), (B, "2025-08-02", "official")]
    assert store.ask(STATUS, "ward.new_cases", "day") == by_day
    assert store.ask(STATUS, "ward.new_cases", "month") == [(A, "2025-08", "estimate"), (B, "2025-08", "official")]


def test_what_stands_at_the_end_of_a_longer_period_is_as_firm_as_its_last_value(store: Store) -> None:
    ward = Ward(store, contract({"new_cases": flow(also=["month"], over_time="last")}))
    ward.deliver(rows(("2025-08-01", A, "soi", 3, "estimate"), ("2025-08-09", A, "soi", 4, "official")), "so-y-te|2025-08")
    assert store.ask(STATUS, "ward.new_cases", "month") == [(A, "2025-08", "official")]


def test_a_figure_that_becomes_official_unchanged_is_a_new_cell_and_the_old_edition_keeps_its_word(store: Store) -> None:
    shown = {"new": indicator("new_cases", "ca", "month")}
    ward = Ward(store, contract({"new_cases": flow(calendar="month")}, shown))
    first = ward.deliver(rows(("2025-08-01", A, "soi", 3, "preliminary")), "so-y-te|2025-08")
    second = ward.deliver(rows(("2025-08-01", A, "soi", 3, "official")), "so-y-te|2025-08")
    assert second.edition is not None and first.edition is not None and second.edition > first.edition
    assert store.ask(SHOWN.format("ward.indicators_month")) == [(A, "2025-08", 3.0, "official")]
    assert store.ask(SHOWN.format(f"ward.indicators_month__as_of({first.edition})")) == [(A, "2025-08", 3.0, "preliminary")]
    assert ward.recompute("new_cases") == 0, "nothing is left to be brought to the rows"


def test_a_status_that_the_contract_says_of_all_figures_stands_in_cells_and_views(store: Store) -> None:
    measures = {"drilled": {**flow(calendar="month"), "of": "drills"}}
    ward = Ward(store, contract(measures, {"drills-held": indicator("drilled", "ca", "month")}))
    drills = rows(("2025-08-01", A, "soi", 2, "")).drop("firmness")
    ward.deliver(drills, "so-y-te|2025-08", resource_name="drills")
    assert store.ask(STATUS, "ward.drilled", "month") == [(A, "2025-08", "preliminary")]
    assert store.ask("SELECT figure_status FROM ward.indicators_month WHERE drilled IS NOT NULL") == [("preliminary",)]


def test_what_a_function_computes_is_as_firm_as_its_rows(store: Store) -> None:
    median = {"of": "cases", "function": "weighted_percentile", "with": {"value": "cases", "weight": "cases"}, "calendar": "month"}
    ward = Ward(store, contract({"median": {**median, "over_time": "none", "over_units": "none"}}))
    ward.deliver(rows(("2025-08-01", A, "soi", 3, "official"), ("2025-08-02", A, "soi", 5, "preliminary")), "so-y-te|2025-08")
    assert {status for _, _, status in store.ask(STATUS, "ward.median", "month")} == {"preliminary"}
