"""Definitions of measures, indicators and targets: what an apply keeps, and what it computes anew."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ckan_harvesters.edition import verify
from ckan_harvesters.load import load
from control.compile.store import plan_store
from datasets.model.contract import Contract
from datasets.model.problem import ContractError
from tests.store.conftest import Store
from tests.store.contracts import BEDS, INDICATORS, MEASURES, UNITS, contract, delivered, indicator, measured, resource

A, B, _ = UNITS
PROPOSED = {"kind": "proposed"}
CELLS = "SELECT unit_id, period, breakdown, value, load_id FROM measure.value WHERE measure = %s AND closed_by IS NULL ORDER BY 1, 2, 3"


def with_measure(name: str = "new_cases", **changes: Any) -> dict[str, Any]:
    """The measures with one of them said otherwise."""
    return {**MEASURES, name: {**MEASURES.get(name, {}), **changes}}


def with_targets(*targets: dict[str, Any]) -> dict[str, Any]:
    return {**INDICATORS, "cases": {**INDICATORS["cases"], "targets": list(targets)}}


@pytest.fixture
def clinic(store: Store) -> Store:
    """The contract with five cases of two diseases in July 2025 and two communes' people."""
    used = measured()
    store.apply(used)
    rows = [
        {"day": "2025-07-07", "unit_id": A, "disease": "soi", "cases": 3},
        {"day": "2025-07-08", "unit_id": A, "disease": "cum", "cases": 2},
    ]
    load(store.loader, delivered(used, "cases", rows), "cases")
    people = [{"reference_date": "2025-07-01", "unit_id": unit, "people": 10_000} for unit in (A, B)]
    load(store.loader, delivered(used, "population", people), "population")
    return store


def last_load(store: Store) -> int:
    return int(store.ask("SELECT load_id FROM ledger.edition ORDER BY edition DESC LIMIT 1")[0][0])


def editions(store: Store) -> int:
    return int(store.ask("SELECT count(*) FROM ledger.edition")[0][0])


def planned(store: Store, *contracts: Contract) -> list[str]:
    with psycopg.connect(store.owner) as conn:
        return plan_store(conn, contracts, store.reference, "a secret for tests").changes().made


def test_what_a_contract_says_of_measures_is_kept_by_their_full_names(clinic: Store) -> None:
    query = "SELECT measure, table_name, expression, calendars, breakdown, access, dataset, unit FROM measure.definition ORDER BY 1"
    assert clinic.ask(query) == [
        ("clinic.beds", "clinic.beds__v1", "SUM(beds)", ["day", "week", "month"], ["facility"], "open", "clinic-beds", None),
        (
            "clinic.new_cases",
            "clinic.cases__v1",
            "SUM(cases)",
            ["day", "week", "month", "administrative-month"],
            ["disease"],
            "shared",
            "clinic-cases",
            "ca",
        ),
        ("clinic.population", "clinic.population__v1", "SUM(people)", ["year"], [], "open", "clinic-population", None),
    ]
    query = "SELECT indicator, expression, measures, access FROM indicator.definition WHERE closed_by IS NULL ORDER BY 1"
    assert clinic.ask(query) == [
        ("clinic.beds-there", "beds", ["clinic.beds"], "open"),
        ("clinic.cases", "new_cases", ["clinic.new_cases"], "shared"),
        ("clinic.cases-per-head", "new_cases / population * 100000", ["clinic.new_cases", "clinic.population"], "shared"),
    ]


def test_an_apply_of_the_same_changes_nothing(clinic: Store) -> None:
    before = editions(clinic)

    assert not clinic.apply(measured())
    assert editions(clinic) == before


def test_a_new_measure_is_computed_from_the_rows_that_are_there_in_the_apply_itself(clinic: Store) -> None:
    measles = {**MEASURES["new_cases"], "where": "disease = 'soi'", "by": [], "also": []}
    used = measured(version="1.2.0", measures={**MEASURES, "measles": measles})
    said = "measure clinic.measles is made and computed from 2 rows of clinic.cases__v1"
    assert said in planned(clinic, used)
    old = clinic.ask(CELLS, "clinic.new_cases")
    clinic.apply(used)

    assert clinic.ask(CELLS, "clinic.measles") == [(A, "2025-07-07", "", 3, last_load(clinic))]
    assert clinic.ask(CELLS, "clinic.new_cases") == old
    assert clinic.ask("SELECT kind FROM ledger.load WHERE load_id = %s", last_load(clinic)) == [("contract",)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": "SUM(cases) * 10"}, {"2025-07-07": 30, "2025-07-08": 20}),
        ({"where": "disease = 'cum'"}, {"2025-07-08": 2}),
        ({"by": [], "also": ["month"]}, {"2025-07-07": 3, "2025-07-08": 2}),
        ({"calendar": "month", "also": []}, {"2025-07": 5}),
    ],
)
def test_a_measure_that_means_something_else_is_computed_anew(clinic: Store, changes: dict[str, Any], expected: dict[str, int]) -> None:
    before = clinic.ask(CELLS, "clinic.new_cases")
    shown = ["month"]
    indicators = {"cases": indicator("new_cases", "ca", *shown)}
    used = measured(version="1.2.0", measures=with_measure(**changes), indicators=indicators)
    assert "measure clinic.new_cases means something else and is computed anew from 2 rows of clinic.cases__v1" in planned(clinic, used)
    clinic.apply(used)

    query = (
        "SELECT period, sum(value) FROM measure.value WHERE measure = 'clinic.new_cases' AND calendar = %s AND closed_by IS NULL GROUP BY 1"
    )
    assert dict(clinic.ask(query, changes.get("calendar", "day"))) == expected
    # The edition before shows what it showed.
    at = CELLS.replace("closed_by IS NULL", "load_id <> %s")
    assert clinic.ask(at, "clinic.new_cases", last_load(clinic)) == before
    assert not clinic.apply(used)


def test_another_title_leaves_the_values_as_they_are(clinic: Store) -> None:
    before = clinic.ask(CELLS, "clinic.new_cases")
    used = measured(version="1.2.0", measures=with_measure(title="Ca mới"))
    assert "measure clinic.new_cases is described in other words; its values stay" in planned(clinic, used)
    clinic.apply(used)

    assert clinic.ask(CELLS, "clinic.new_cases") == before
    titles = "SELECT title, closed_by IS NULL FROM measure.definition WHERE measure = 'clinic.new_cases' ORDER BY load_id"
    assert clinic.ask(titles) == [(None, False), ("Ca mới", True)]


def test_a_measure_that_goes_is_closed_and_so_are_its_cells(clinic: Store) -> None:
    measures = {name: said for name, said in MEASURES.items() if name != "beds"}
    indicators = {name: said for name, said in INDICATORS.items() if name != "beds-there"}
    rows = [{"day": "2025-07-07", "unit_id": A, "facility": "bv1", "beds": 9}]
    load(clinic.loader, delivered(measured(), "beds", rows), "beds")
    used = measured(version="1.2.0", measures=measures, indicators=indicators)
    assert "measure clinic.beds goes; its values stay in the editions before" in planned(clinic, used)
    clinic.apply(used)

    assert clinic.ask(CELLS, "clinic.beds") == []
    assert clinic.ask("SELECT DISTINCT closed_by FROM measure.value WHERE measure = 'clinic.beds'") == [(last_load(clinic),)]
    assert clinic.ask("SELECT closed_by FROM measure.definition WHERE measure = 'clinic.beds'") == [(last_load(clinic),)]
    assert clinic.ask("SELECT closed_by FROM indicator.definition WHERE indicator = 'clinic.beds-there'") == [(last_load(clinic),)]
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'indicators_week' AND column_name IN ('beds', 'facility')"
    assert clinic.ask(columns) == [(0,)]


def test_a_change_of_a_target_alone_is_an_edition_and_computes_nothing(clinic: Store) -> None:
    first = {"value": 85, "amber": 80, "from": "2021-01-01", "basis": PROPOSED}
    clinic.apply(measured(version="1.2.0", indicators=with_targets(first)))
    before, cells = editions(clinic), clinic.ask("SELECT * FROM measure.value ORDER BY 1, 2, 4, 5, 6")
    used = measured(version="1.2.0", indicators=with_targets({**first, "value": 90.5}))
    said = "target of clinic.cases for 40.200401 from 2021-01-01 becomes 90.5; it was 85.0"
    assert said in planned(clinic, used)
    clinic.apply(used)

    assert editions(clinic) == before + 1
    query = "SELECT unit_id, indicator, valid_from::text, value::float, closed_by FROM indicator.target ORDER BY load_id"
    where = ("40.200401", "clinic.cases", "2021-01-01")
    assert clinic.ask(query) == [(*where, 85.0, last_load(clinic)), (*where, 90.5, None)]
    assert clinic.ask("SELECT * FROM measure.value ORDER BY 1, 2, 4, 5, 6") == cells
    with psycopg.connect(clinic.owner) as conn:
        assert verify(conn, rows=True) == []


def test_a_target_of_a_commune_is_that_of_the_unit_on_its_first_day(clinic: Store) -> None:
    targets = [
        {"value": 5, "from": "2024-12-15", "to": "2025-07-01", "unit": "16681", "basis": PROPOSED},
        {"value": 6, "from": "2025-07-01", "unit": "16681", "basis": {"kind": "plan", "note": "kế hoạch năm"}},
    ]
    clinic.apply(measured(version="1.2.0", indicators=with_targets(*targets)))

    query = "SELECT unit_id, valid_to::text, basis ->> 'note' FROM indicator.target ORDER BY 1"
    assert clinic.ask(query) == [("16681.202412", "2025-07-01", None), ("16681.202507", None, "kế hoạch năm")]


def test_whether_a_target_follows_the_year_is_kept_and_its_change_is_an_edition(clinic: Store) -> None:
    target = {"value": 95, "from": "2021-01-01", "basis": PROPOSED}
    clinic.apply(measured(version="1.2.0", indicators=with_targets(target)))
    before = editions(clinic)
    clinic.apply(measured(version="1.2.0", indicators=with_targets({**target, "paced": True})))

    assert editions(clinic) == before + 1
    assert clinic.ask("SELECT paced, closed_by IS NULL FROM indicator.target ORDER BY load_id") == [(False, False), (True, True)]


def test_a_target_of_a_unit_that_is_not_there_is_refused(clinic: Store) -> None:
    before = editions(clinic)
    unknown = {"value": 5, "from": "2025-01-01", "unit": "99999", "basis": PROPOSED}
    with pytest.raises(ContractError, match=r"targets\[0\]\.unit: no unit of the province has the code 99999 on 2025-01-01"):
        clinic.apply(measured(version="1.2.0", indicators=with_targets(unknown)))
    assert editions(clinic) == before


def test_a_new_major_version_has_no_values_before_its_first_delivery(clinic: Store) -> None:
    said = (
        "measure clinic.new_cases is computed from clinic.cases__v2, which has no rows yet; its values so far stay in the editions before"
    )
    assert said in planned(clinic, measured(version="2.0.0"))
    clinic.apply(measured(version="2.0.0"))

    assert clinic.ask(CELLS, "clinic.new_cases") == []
    table = "SELECT table_name FROM measure.definition WHERE measure = 'clinic.new_cases' AND closed_by IS NULL"
    assert clinic.ask(table) == [("clinic.cases__v2",)]


def test_a_dataset_that_becomes_restricted_is_closed_to_others_at_once_in_measures_too(clinic: Store) -> None:
    """Cells, those of earlier editions too: what officials could read an hour ago they can no longer."""
    seen = "SELECT count(*) FROM clinic.indicators_week WHERE measure = 'clinic.new_cases'"
    past = (
        "SELECT count(*) FROM clinic.indicators_week__as_of((SELECT max(edition) FROM ledger.edition)) WHERE measure = 'clinic.new_cases'"
    )
    everyone = ("aud_official", "aud_leader", "aud_agency_so_tai_chinh")
    assert [clinic.ask(seen, url=clinic.audience(role)) for role in everyone] == [[(2,)]] * 3
    used = measured(version="1.2.0", access={"restricted": []})
    clinic.apply(used)

    expected = [[(0,)], [(2,)], [(0,)]]
    assert [clinic.ask(seen, url=clinic.audience(role)) for role in everyone] == expected
    assert [clinic.ask(past, url=clinic.audience(role)) for role in everyone] == expected
    assert clinic.ask("SELECT DISTINCT access FROM measure.value WHERE measure = 'clinic.new_cases'") == [("restricted",)]
    classes = "SELECT access FROM measure.definition WHERE measure = 'clinic.new_cases'"
    assert set(clinic.ask(classes)) == {("restricted",)}
    query = "SELECT access FROM indicator.definition WHERE indicator = 'clinic.cases-per-head' AND closed_by IS NULL"
    assert clinic.ask(query) == [("restricted",)]
    assert not clinic.apply(used)


def test_definitions_follow_what_another_contract_changes(store: Store) -> None:
    """An indicator over another contract's measure is as closed as that one is."""
    asks = indicator("clinic.new_cases", "ca", "week")
    safety = contract(resource("calls", fields=BEDS, key=["ngay", "ma_xa", "co_so"]), name="safety", indicators={"cases": asks})
    store.apply(safety, measured(access="open"))
    assert store.ask("SELECT access FROM indicator.definition WHERE indicator = 'safety.cases'") == [("open",)]
    before = editions(store)
    store.apply(safety, measured(version="1.2.0", access="shared"))

    assert store.ask("SELECT access, closed_by FROM indicator.definition WHERE indicator = 'safety.cases'") == [("shared", None)]
    assert editions(store) == before + 1
    assert store.ask("SELECT to_regclass('safety.indicators_week__open')") == [(None,)]
