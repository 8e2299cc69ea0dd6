"""Indicators of a contract become SQL over its wide views, or a problem that says what to write."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from datasets.model.contract import Contract
from datasets.model.formula import formulas, measure_metric, measure_of
from datasets.model.formula_reading import MeasureRef
from datasets.model.problem import ContractError

pytestmark = pytest.mark.unit


def field(name: str, kind: str = "integer", **more: Any) -> dict[str, Any]:
    return {"name": name, "column": name, "title": name, "type": kind, **more}


def resource(name: str, access: Any, *fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"examples/{name}.csv",
        "title": name,
        "titles": {"en": name},
        "publishers": ["so-y-te"],
        "steward": "so-y-te/thu-truong",
        "access": access,
        "legal_basis": "x",
        "delivery": {"scope": "period", "calendar": "day", "column": "day"},
        "obligation": {"calendar": "day", "due": "17:00"},
        "schema": {"fields": [field("day", "date"), *fields], "primaryKey": ["day"]},
    }


FLOW = {"calendar": "day", "over_time": "sum", "over_units": "sum"}
MEASURES: dict[str, Any] = {
    "cases": {"of": "cases", "value": "SUM(cases)", **FLOW, "also": ["week"]},
    "severe": {"of": "cases", "value": "SUM(severe)", **FLOW, "also": ["week"]},
    "reports": {"of": "cases", "value": "COUNT(*)", "unit": "báo cáo", **FLOW},
    "open_files": {"of": "cases", "value": "SUM(cases)", "calendar": "day", "over_time": "last", "over_units": "sum"},
    "mean_cases": {"of": "cases", "value": "SUM(cases)", "calendar": "day", "over_time": "mean", "over_units": "sum"},
    "median": {"of": "cases", "value": "MAX(cases)", "calendar": "day", "over_time": "none", "over_units": "none"},
    "people": {"of": "people", "value": "SUM(people)", "calendar": "day", "over_time": "last", "over_units": "sum", "as_of": True},
    "tested": {"of": "tests", "value": "SUM(tested)", **FLOW},
}


def contract(indicators: dict[str, Any], name: str = "health", measures: dict[str, Any] = MEASURES) -> Contract:
    rate = {"title": "x", "titles": {"en": "x"}, "method": {"vi": "x"}, "unit": "x", "direction": "down"}
    content = {
        "$schema": "x",
        "name": name,
        "version": "1.0.0",
        "title": name,
        "titles": {"en": name},
        "subsystem": {"order": 1, "owner": "so-y-te"},
        "resources": [
            resource(
                "cases",
                "shared",
                field("cases", unit="ca", constraints={"minimum": 0}),
                field("severe", unit="ca", constraints={"minimum": 0}),
            ),
            resource("people", "open", field("people", unit="người", constraints={"minimum": 0})),
            resource("tests", {"restricted": []}, field("tested", unit="mẫu", constraints={"minimum": 1})),
        ],
        "measures": measures,
        "indicators": {key: rate | value for key, value in indicators.items()},
    }
    return Contract.model_validate(content)


def metric(value: str, **more: Any) -> str:
    return formulas(contract({"rate": {"value": value, **more}}))["rate"].metric


def test_a_rate_adds_flows_and_takes_the_last_of_stocks() -> None:
    found = metric("cases * 100000 / people", when_zero="missing")
    assert found == 'SUM("cases") * 100000 / NULLIF(measure.sum_of_last("people", period_starts), 0)'


@pytest.mark.parametrize(
    ("measure", "sql"),
    [
        ("cases", 'SUM("cases")'),
        ("open_files", 'measure.sum_of_last("open_files", period_starts)'),
        ("people", 'measure.sum_of_last("people", period_starts)'),
        ("median", 'measure.broadest("median", period_starts, breadth)'),
        ("mean_cases", '(SUM("mean_cases") / NULLIF(COUNT(DISTINCT period_starts) FILTER (WHERE "mean_cases" IS NOT NULL), 0))'),
    ],
)
def test_each_measure_is_read_by_the_way_it_adds(measure: str, sql: str) -> None:
    assert metric(measure) == sql
    assert measure_metric(contract({}).measures[measure], measure) == sql


@pytest.mark.parametrize("value", ["COUNT(*)", "COUNT(*) FILTER (WHERE day < TODAY())"])
def test_what_the_clock_counts_is_a_count_too(value: str) -> None:
    late = {"of": "cases", "value": value, "unit": "báo cáo", "calendar": "day", "over_time": "last", "over_units": "sum", "tick": "hour"}
    found = formulas(contract({"late": {"value": "late"}}, measures={"late": late}))["late"]
    assert found.share is not None
    assert (found.share.numerator, found.share.denominator) == (found.metric, None)


def test_a_number_may_be_the_value_when_nothing_is_divided_by() -> None:
    assert metric("severe / cases * 100", unit="%", when_zero=0) == (
        'CASE WHEN SUM("cases") = 0 THEN 0 ELSE SUM("severe") / NULLIF(SUM("cases"), 0) * 100 END'
    )


def test_below_the_least_number_nothing_is_shown() -> None:
    made = formulas(contract({"rate": {"value": "severe / cases", "when_zero": "missing", "min_n": 20}}))["rate"]
    assert made.divisor == 'SUM("cases")'
    assert made.metric == 'CASE WHEN SUM("cases") >= 20 THEN SUM("severe") / NULLIF(SUM("cases"), 0) END'


def test_an_indicator_may_use_another_and_all_its_measures_are_known() -> None:
    made = formulas(
        contract({"severe-share": {"value": "severe / cases", "when_zero": "missing"}, "mild-share": {"value": "100 - severe_share * 100"}})
    )["mild-share"]
    assert made.metric == '100 - (SUM("severe") / NULLIF(SUM("cases"), 0)) * 100'
    assert made.measures == (MeasureRef("health", "severe"), MeasureRef("health", "cases"))


def test_a_measure_of_another_contract_is_a_column_of_its_own() -> None:
    other = contract({}, "public_services")
    here = contract({"rate": {"value": "cases / public_services.people", "when_zero": "missing"}})
    made = formulas(here, [here, other])["rate"]
    assert made.measures[1].full == "public_services.people"
    assert 'measure.sum_of_last("public_services_people", period_starts)' in made.metric
    assert measure_of(made.measures[1], [here, other])[0] is other


@pytest.mark.parametrize(
    ("value", "access"), [("people", "open"), ("cases + severe", "shared"), ("cases / tested", "restricted"), ("tested", "restricted")]
)
def test_an_indicator_is_as_closed_as_the_most_closed_of_its_measures(value: str, access: str) -> None:
    assert formulas(contract({"rate": {"value": value}}))["rate"].access == access


def test_calendars_are_those_it_says_or_that_of_its_first_flow() -> None:
    made = formulas(
        contract(
            {"a": {"value": "cases / people", "when_zero": 0, "calendars": ["week", "day"]}, "b": {"value": "people * 1 + 0 * people"}}
        )
    )
    assert made["a"].calendars == ("week", "day") and made["b"].calendars == ("day",)


def test_whole_numbers_are_not_divided_as_whole_numbers() -> None:
    assert metric("1 / 2 * cases") == 'CAST(1 AS DECIMAL) / 2 * SUM("cases")'


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"value": "casez"}, "value", "uses casez, which is no measure here; write cases"),
    ({"value": "nothing_like_it"}, "value", "the measures are cases, severe"),
    ({"value": "1 + 1"}, "value", "uses no measure"),
    ({"value": "tourism.visits"}, "value", "no contract is called tourism"),
    ({"value": "cases +"}, "value", "is not an SQL expression"),
    ({"value": "cases; DROP TABLE x"}, "value", "a semicolon"),
    ({"value": "pg_sleep(cases)"}, "value", "PG_SLEEP(cases), which is not allowed here; write measures and numbers"),
    ({"value": "(SELECT cases)"}, "value", "one expression"),
    ({"value": "cases + people"}, "value", "mixes units of measure, ca and người"),
    ({"value": "GREATEST(cases, people)"}, "value", "mixes units of measure"),
    ({"value": "CASE WHEN cases > 3 THEN cases ELSE people END"}, "value", "mixes units of measure"),
    ({"value": "cases / people * 100", "unit": "%", "when_zero": "missing"}, "unit", "is ca/người, not %"),
    ({"value": "severe / cases"}, "when_zero", "cases can be zero and is divided by; write when_zero: missing"),
    ({"value": "severe / (cases - severe)"}, "when_zero", "cases - severe can be zero"),
    ({"value": "cases", "min_n": 20}, "min_n", "nothing is divided here"),
]


@pytest.mark.parametrize(("given", "key", "words"), WRONG, ids=[str(w[0]["value"]) for w in WRONG])
def test_what_cannot_be_computed_is_named_with_its_key(given: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        formulas(contract({"rate": given}))
    (problem,) = caught.value.problems
    assert problem.key == f"indicators.rate.{key}"
    assert words in problem.message


@pytest.mark.parametrize("divisor", ["tested", "reports", "tested + cases", "(tested)", "tested * 2", "100"])
def test_what_cannot_be_zero_needs_no_word_for_it(divisor: str) -> None:
    given = {"value": f"{'cases' if divisor != 'tested + cases' else 'reports'} / ({divisor})"}
    if divisor == "tested + cases":
        measures = MEASURES | {"tested": MEASURES["tested"] | {"unit": "ca"}}
        assert formulas(contract({"rate": given}, measures=measures))["rate"].divisor
    else:
        formulas(contract({"rate": given}))


def test_where_absence_means_none_a_count_can_be_zero() -> None:
    measures = MEASURES | {"reports": MEASURES["reports"] | {"absent": "zero"}}
    with pytest.raises(ContractError, match="reports can be zero"):
        formulas(contract({"rate": {"value": "cases / reports"}}, measures=measures))


def test_a_circle_of_indicators_is_named_whole() -> None:
    with pytest.raises(ContractError) as caught:
        formulas(contract({"a": {"value": "b_b + cases"}, "b-b": {"value": "a * 2"}}))
    assert any("goes in a circle: a → b-b → a" in problem.message for problem in caught.value.problems)


def test_a_problem_has_the_line_of_the_file() -> None:
    made = contract({"rate": {"value": "casez"}})
    text = yaml.safe_dump(made.model_dump(mode="json", by_alias=True), allow_unicode=True, sort_keys=False)
    made._source = text.encode()
    with pytest.raises(ContractError) as caught:
        formulas(made)
    assert caught.value.problems[0].line == text.splitlines().index("    value: casez") + 1
