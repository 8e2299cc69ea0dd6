"""What the shipped contracts' tables and columns show in Superset's export format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.export import compile_contract
from datasets.model.contract import Contract
from datasets.model.read import read_all

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shipped() -> list[Contract]:
    return read_all(ROOT / "datasets")


def documents(files: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, yaml.safe_load(files[path])) for path in files if path.startswith("charts/") and "_open_" not in path]


def test_a_table_shows_by_what_its_rows_are_ordered_however_narrow_it_is(shipped: list[Contract]) -> None:
    tables = 0
    for contract in shipped:
        # A table whose columns the contract names shows the day of the delivery by its own name.
        days = {r.schema_.field(r.delivery.column).column for r in contract.resources if r.delivery.column}
        for path, made in documents(compile_contract(contract, shipped)):
            for order in made["params"].get("order_by_cols") or []:
                column = json.loads(order)[0]
                tables += path.endswith("_table.yaml")
                same = days if column == TIME_COLUMN else {f"{column}_label"}
                assert {column, *same} & set(made["params"]["all_columns"]), f"{path}: {column}"
    assert tables


def test_stacked_columns_leave_no_part_out_that_the_contract_names(shipped: list[Contract]) -> None:
    (feedback,) = [contract for contract in shipped if contract.name == "feedback"]
    (category,) = [f for f in feedback.resource("reports").schema_.fields if f.column == "category"]
    files = compile_contract(feedback, shipped)
    (stacked,) = [made for path, made in documents(files) if path.endswith("received_count_category_stacked.yaml")]
    assert stacked["params"]["limit"] >= len(category.categories or []) == 7
