"""Indicators whose rule changes with time, and those that have only a few values with names."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from control.compile.superset.export import compile_contract
from datasets.model.consistency_versions import level_faults, version_faults
from datasets.model.contract import Contract
from datasets.model.formula import analyse, formulas
from datasets.model.formula_reading import MeasureRef
from datasets.model.indicator import Indicator
from tests.unit.indicator_contract import contract_with
from tests.unit.test_superset_compile_indicators import chart

BASIS = {"kind": "proposed"}
LEVELS = [
    {"value": 1, "label": "Cấp 1", "labels": {"en": "Level 1"}, "state": "good"},
    {"value": 2, "label": "Cấp 2", "state": "bad", "colour": "orange"},
]


def with_occupancy(**keys: Any) -> Contract:
    """The small contract, its first indicator with these keys added, on a dashboard of a map and a ranking of it."""
    content = contract_with(first_row=["occupancy"], rows=[[{"map": "occupancy"}, {"ranking": "occupancy", "by": "unit"}]])
    found = content.model_dump(by_alias=True)
    found["indicators"]["occupancy"] |= keys
    return Contract.model_validate(found)


def indicator(**keys: Any) -> Indicator:
    given = {"title": "x", "titles": {"en": "x"}, "method": {"vi": "x"}, "unit": "x", "value": "x", "direction": "down", **keys}
    return Indicator.model_validate(given)


def version(from_: str, to: str, value: str = "occupied", **basis: Any) -> dict[str, Any]:
    return {"from": from_, "to": to, "value": value, "basis": BASIS | basis}


def test_a_period_is_computed_by_the_rule_of_its_first_day() -> None:
    contract = with_occupancy(versions=[version("2022-01-27", "2023-10-20", "staff / staff * 100")])
    found = formulas(contract)["occupancy"]
    assert found.metric.startswith("CASE WHEN MAX(period_starts) >= DATE '2022-01-27' AND MAX(period_starts) < DATE '2023-10-20' THEN ")
    assert found.metric.endswith(
        'WHEN MAX(period_starts) >= DATE \'0001-01-01\' THEN SUM("occupied") / NULLIF(SUM("available"), 0) * 100 END'
    )
    assert MeasureRef("clinic", "staff") in found.measures, "what only an earlier rule reads is read too"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("ocupied / available", '"ocupied / available" uses ocupied, which is no measure here; write occupied'),
        ("occupied", '"occupied" is giường and the value is a pure number; write what has one unit of measure'),
    ],
)
def test_what_is_wrong_in_an_earlier_rule_is_said_there(value: str, words: str) -> None:
    right = version("2021-01-01", "2022-01-01", "occupied / available")
    contract = with_occupancy(versions=[right, version("2022-01-01", "2023-01-01", value)])
    ((path, text, message),) = [fault for fault in analyse(contract, [])[1] if "occupancy" in fault[0]]
    assert (path, text) == (("indicators", "occupancy", "versions", 1, "value"), value)
    assert message.startswith(words)


def test_before_its_first_day_there_is_no_figure() -> None:
    found = formulas(with_occupancy(**{"from": "2022-01-01"}))["occupancy"].metric
    assert found == 'CASE WHEN MAX(period_starts) >= DATE \'2022-01-01\' THEN SUM("occupied") / NULLIF(SUM("available"), 0) * 100 END'


@pytest.mark.parametrize(
    ("versions", "key", "words"),
    [
        ([version("2022-01-01", "2021-01-01")], ("versions", 0, "to"), "ends before its first day"),
        (
            [version("2020-01-01", "2022-01-01"), version("2021-01-01", "2023-01-01")],
            ("versions", 1, "from"),
            "another version is valid then",
        ),
        ([version("2020-01-01", "2022-01-01", kind="law")], ("versions", 0, "basis", "clause"), "write clause"),
    ],
)
def test_versions_do_not_overlap_and_name_what_they_rest_on(versions: list[dict[str, Any]], key: tuple[Any, ...], words: str) -> None:
    ((path, _, message),) = version_faults((), indicator(versions=versions))
    assert path == key
    assert words in message


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"levels": LEVELS[::-1], "decimals": 0}, ("levels", 1, "value")),
        ({"levels": LEVELS}, ("decimals",)),
        ({"levels": LEVELS, "decimals": 0, "targets": [{"value": 1, "from": dt.date(2026, 1, 1), "basis": BASIS}]}, ("targets",)),
    ],
)
def test_levels_are_whole_in_order_and_judge_by_themselves(keys: dict[str, Any], key: tuple[Any, ...]) -> None:
    assert [path for path, _, _ in level_faults((), indicator(**keys))] == [key]


def test_tile_map_and_ranking_are_told_the_names_and_colours_of_levels() -> None:
    files = compile_contract(with_occupancy(levels=LEVELS, decimals=0, targets=[]))
    told = [
        {"value": 1, "label": {"vi": "Cấp 1", "en": "Level 1"}, "state": "good"},
        {"value": 2, "label": {"vi": "Cấp 2"}, "state": "bad", "colour": "orange"},
    ]
    for key in ("tile_occupancy", "map_occupancy", "ranking_occupancy_unit"):
        assert chart(files, key)["params"]["levels"] == told
    assert "levels" not in chart(compile_contract(contract_with()), "tile_occupancy")["params"]


def test_an_interval_has_the_names_that_superset_draws_as_a_band() -> None:
    contract = contract_with(first_row=[], rows=[[{"trend": "occupancy", "band": ["secret-share", "secret-share"]}]])
    params = chart(compile_contract(contract), "trend_occupancy_secret_share_secret_share")["params"]
    assert [one["label"] for one in params["metrics"]] == ["Công suất__yhat", "Công suất__yhat_lower", "Công suất__yhat_upper"]
    assert params["metrics_b"][0]["label"] == "Mục tiêu"


def test_a_curve_is_told_its_parts_and_how_many_days_are_shaded() -> None:
    contract = contract_with(first_row=[], rows=[[{"curve": "occupancy", "by": "ward", "shaded": 7}]])
    made = chart(compile_contract(contract), "curve_occupancy_ward")
    params = made["params"]
    assert made["viz_type"] == "ioc_curve"
    assert (params["group"], params["shaded"], params["x_axis"], params["metric"]) == ("ward_label", 7, "period_starts", "occupancy")
