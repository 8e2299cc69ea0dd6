"""How the wide views are made, changed and read: by whom, over which measures, and what an apply does to one that is there."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ckan_harvesters.load import load
from control.compile.changes import Change
from control.compile.store import plan_store
from datasets.model.contract import Contract
from datasets.model.problem import ContractError
from tests.store.conftest import Store
from tests.store.contracts import BEDS, FIELDS, INDICATORS, MEASURES, POPULATION, UNITS, contract, delivered, indicator, measured, resource

A, B, _ = UNITS
FIXED = [
    "unit_id",
    "unit_code",
    "unit_name",
    "unit_level",
    "agency",
    "agency_title",
    "measure",
    "breadth",
    "period",
    "period_starts",
    "figure_status",
]
MEASLES = {**MEASURES["new_cases"], "where": "disease = 'soi'", "by": ["note"]}
NO_ROW: list[tuple[Any, ...]] = []


def columns(store: Store, view: str) -> list[str]:
    query = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    return [row[0] for row in store.ask(query, view)]


def planned(store: Store, *contracts: Contract) -> list[Change]:
    with psycopg.connect(store.owner) as conn:
        return plan_store(conn, contracts, store.reference, "a secret for tests").changes().lines


def texts(changes: list[Change], kind: str) -> list[str]:
    return [change.text for change in changes if change.kind == kind]


def fill(store: Store, used: Contract) -> None:
    cases = [{"day": "2025-07-07", "unit_id": A, "disease": "soi", "cases": 3, "note": "n"}]
    load(store.loader, delivered(used, "cases", cases), "cases")
    people = [{"reference_date": "2025-07-01", "unit_id": A, "people": 10_000}]
    load(store.loader, delivered(used, "population", people), "population")
    beds = [{"day": "2025-07-07", "unit_id": A, "facility": "bv1", "beds": 90}]
    load(store.loader, delivered(used, "beds", beds), "beds")


def test_there_is_a_view_for_each_calendar_that_an_indicator_is_shown_by(store: Store) -> None:
    store.apply(measured())

    query = "SELECT viewname FROM pg_views WHERE schemaname = 'clinic' AND viewname LIKE 'indicators%%' ORDER BY 1"
    assert [row[0] for row in store.ask(query)] == [
        "indicators_administrative_month",
        "indicators_administrative_month__open",
        "indicators_month",
        "indicators_month__open",
        "indicators_week",
        "indicators_week__open",
    ]
    assert sorted(columns(store, "clinic.indicators_week")) == sorted([*FIXED, "disease", "facility", "new_cases", "population", "beds"])
    assert columns(store, "clinic.indicators_administrative_month__open") == [*FIXED, "population"]


def test_everyone_reads_open_measures_and_officials_shared_ones_too(store: Store) -> None:
    used = measured()
    store.apply(used)
    fill(store, used)
    seen = "SELECT DISTINCT measure FROM clinic.indicators_week{} ORDER BY 1"
    public = store.audience("aud_public")

    assert store.ask(seen.format("__open"), url=public) == [("clinic.beds",), ("clinic.population",)]
    for view in ("", "__as_of(3)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            store.ask(seen.format(view), url=public)
    for role in ("aud_official", "aud_leader", "aud_operator", "aud_agency_so_tai_chinh"):
        assert store.ask(seen.format(""), url=store.audience(role)) == [("clinic.beds",), ("clinic.new_cases",), ("clinic.population",)]
        assert store.ask(seen.format("__open"), url=store.audience(role)) == [("clinic.beds",), ("clinic.population",)]


def test_a_row_fills_one_column_and_its_breakdown(store: Store) -> None:
    used = measured()
    store.apply(used)
    fill(store, used)
    query = (
        "SELECT measure, disease, facility, new_cases, population, beds FROM clinic.indicators_week WHERE period = '2025-W28' ORDER BY 1"
    )

    assert store.ask(query) == [
        ("clinic.beds", None, "bv1", None, None, 90),
        ("clinic.new_cases", "soi", None, 3, None, None),
        ("clinic.population", None, None, None, 10_000, None),
    ]


def test_a_new_measure_is_a_column_at_the_end_and_the_view_is_not_made_anew(store: Store) -> None:
    store.apply(measured())
    before = columns(store, "clinic.indicators_week")
    oid = store.ask("SELECT 'clinic.indicators_week'::regclass::oid")
    indicators = {**INDICATORS, "measles-cases": indicator("measles", "ca", "week")}
    wider = measured(version="1.2.0", measures={**MEASURES, "measles": MEASLES}, indicators=indicators)
    changes = planned(store, wider)
    store.apply(wider)

    assert "view clinic.indicators_week gets note, measles" in texts(changes, "changed")
    assert columns(store, "clinic.indicators_week") == [*before, "note", "measles"]
    assert store.ask("SELECT 'clinic.indicators_week'::regclass::oid") == oid
    assert store.ask("SELECT measles FROM clinic.indicators_week__as_of(1)") == NO_ROW
    assert not store.apply(wider)


def test_a_view_that_no_indicator_needs_any_more_goes(store: Store) -> None:
    store.apply(measured())
    fewer = {name: {**said, "calendars": ["week"]} for name, said in INDICATORS.items() if name != "beds-there"}
    narrower = measured(version="1.2.0", indicators=fewer)
    changes = planned(store, narrower)
    store.apply(narrower)

    assert "view clinic.indicators_month goes; no indicator is shown by its calendar" in texts(changes, "dropped")
    assert store.ask("SELECT to_regclass('clinic.indicators_month'), to_regprocedure('clinic.indicators_month__as_of(bigint)')") == [
        (None, None)
    ]
    assert "beds" not in columns(store, "clinic.indicators_week")
    assert store.ask("SELECT count(*) FROM clinic.indicators_week", url=store.audience("aud_official")) == [(0,)]
    assert not store.apply(narrower)


def other(access: str = "shared") -> Contract:
    """A contract whose indicators use two measures of the clinic, one of them a stock."""
    calls = {"of": "calls", "value": "SUM(beds)", "unit": "ca", "calendar": "week", "over_time": "sum", "over_units": "sum"}
    shown = {
        "calls-per-head": indicator("calls / clinic.population * 1000", "ca/1.000 dân", "week", when_zero="missing"),
        "cases-too": indicator("clinic.new_cases", "ca", "week"),
    }
    fields = resource("calls", access=access, fields=BEDS, key=["ngay", "ma_xa", "co_so"])
    return contract(fields, name="safety", measures={"calls": calls}, indicators=shown)


@pytest.mark.parametrize("first", ["safety", "clinic"])
def test_measures_of_another_contract_are_columns_whichever_is_applied_first(store: Store, first: str) -> None:
    used = measured()
    store.apply(*([other(), used] if first == "safety" else [used, other()]))
    calls = delivered(other(), "calls", [{"day": "2025-07-09", "unit_id": A, "facility": "f", "beds": 4}])
    load(store.loader, calls, "calls")
    query = "SELECT sum(calls) * 1000 / measure.sum_of_last(clinic_population, period_starts), sum(clinic_new_cases) "
    query += "FROM safety.indicators_week WHERE period = '2025-W28'"
    assert store.ask(query, url=store.audience("aud_official")) == [(None, None)]
    fill(store, used)

    assert [tuple(map(float, row)) for row in store.ask(query, url=store.audience("aud_official"))] == [(0.4, 3.0)]
    assert columns(store, "safety.indicators_week__open") == [*FIXED, "clinic_population"]


def test_another_contract_that_is_not_applied_yet_has_no_rows_and_breaks_nothing(store: Store) -> None:
    """Only the first of two contracts came through before an apply was stopped."""
    with psycopg.connect(store.owner) as conn:
        plan = plan_store(conn, [other(), measured()], store.reference, "a secret for tests")
    assert [part.contract.name for part in plan.contracts] == ["safety", "clinic"]
    store.apply(other(), measured())
    with psycopg.connect(store.owner) as conn:
        conn.execute("DELETE FROM measure.definition WHERE contract = 'clinic'")

    assert store.ask("SELECT * FROM safety.indicators_week", url=store.audience("aud_official")) == NO_ROW


def test_minor_changes_of_a_table_leave_measures_and_views_as_they_are(store: Store) -> None:
    used = measured()
    store.apply(used)
    fill(store, used)
    before = store.ask("SELECT * FROM clinic.indicators_week ORDER BY measure, period")
    added = {"name": "tu_vong", "column": "deaths", "title": "Tử vong", "type": "integer"}
    wider = [{**f, "type": "number"} if f["column"] == "cases" else f for f in FIELDS]
    wider = [{**f, "constraints": {"required": True, "enum": ["soi", "cum", "dai"]}} if f["column"] == "disease" else f for f in wider]
    rest = (resource("population", fields=POPULATION, key=["ngay", "ma_xa"]), resource("beds", fields=BEDS, key=["ngay", "ma_xa", "co_so"]))
    cases = resource(access="shared", fields=[*wider, added])
    minor = contract(cases, *rest, version="1.2.0", measures=MEASURES, indicators=INDICATORS)
    changes = planned(store, minor)
    store.apply(minor)

    assert texts(changes, "made")[:1] == ["column clinic.cases__v1.deaths is added; the 1 rows that are there have no value in it"]
    assert "column clinic.cases__v1.cases becomes numeric (it was bigint); its values stay as they are" in texts(changes, "changed")
    assert not [text for text in (change.text for change in changes) if "measure" in text or "indicators_" in text]
    assert store.ask("SELECT * FROM clinic.indicators_week ORDER BY measure, period") == before


def test_a_resource_named_as_a_wide_view_is_refused(store: Store) -> None:
    taken = contract(
        resource(),
        resource("indicators-week"),
        version="1.2.0",
        measures={"new_cases": {**MEASURES["new_cases"]}},
        indicators={"cases": indicator("new_cases", "ca", "week")},
    )
    with pytest.raises(ContractError, match="indicators_week is the view of the indicators by week; write another name"):
        store.apply(taken)


def test_a_measure_named_as_a_column_of_every_view_is_refused(store: Store) -> None:
    for name in ("breadth", "disease"):
        named = {name: MEASURES["new_cases"]}
        with pytest.raises(ContractError, match=name):
            store.apply(measured(version="1.2.0", measures=named, indicators={"cases": indicator(name, "ca", "week")}))
