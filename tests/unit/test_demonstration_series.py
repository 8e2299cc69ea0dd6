"""Simulated series of the economy and of schools: restated from report to report, and in the places that are there on their day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from datasets.demonstration import education, feedback, socioeconomic
from datasets.demonstration.generate import world_of
from datasets.demonstration.row import Row
from datasets.demonstration.world import World
from datasets.model.contract import Contract, Level
from datasets.model.read import DATASETS, read_contract
from datasets.model.reference import Reference, read_reference

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture(scope="module")
def world(reference: Reference) -> World:
    return world_of(reference, 1, date(2026, 11, 22))


def rows(world: World, contract: Contract, name: str) -> Iterator[Row]:
    module: Any = {"socioeconomic": socioeconomic, "education": education}[contract.name]
    yield from module.MAKERS[name](world, contract.resource(name))


@pytest.fixture(scope="module")
def economy() -> Contract:
    return read_contract(DATASETS / "socioeconomic")


@pytest.fixture(scope="module")
def schooling() -> Contract:
    return read_contract(DATASETS / "education")


def test_a_later_report_restates_a_month_and_makes_it_firmer(world: World, economy: Contract) -> None:
    by_report: dict[date, dict[tuple[date, str], dict[str, Any]]] = {}
    for row in rows(world, economy, "budget-revenue"):
        by_report.setdefault(row.day, {})[row.values["month_end"], row.values["item"]] = row.values
    first, second = (by_report[day] for day in sorted(by_report))
    september = [key for key in first if key[0] == date(2026, 9, 30)]
    assert {first[key]["figure"] for key in september} == {"uoc-tinh"}
    assert {second[key]["figure"] for key in september} == {"so-bo"}
    assert any(first[key]["revenue"] != second[key]["revenue"] for key in september)
    closed = [key for key in first if key[0].year == 2024]
    assert closed and all(first[key] == second[key] and first[key]["figure"] == "chinh-thuc" for key in closed)


def test_what_is_counted_since_january_is_the_sum_of_the_months(world: World, economy: Contract) -> None:
    last = [row.values for row in rows(world, economy, "budget-revenue") if row.day == date(2026, 10, 31)]
    for item in socioeconomic.REVENUE:
        months = {v["month_end"]: v for v in last if v["item"] == item and v["month_end"].year == 2026}
        assert months[max(months)]["revenue_to_date"] == pytest.approx(sum(v["revenue"] for v in months.values()))


def test_the_series_of_districts_has_21_of_them_and_20_after_the_first_merger(world: World, economy: Contract) -> None:
    districts: dict[date, set[str]] = {}
    for row in rows(world, economy, "poverty-former-districts"):
        districts.setdefault(row.values["cutoff_date"], set()).add(row.values["district"])
    assert {day.year: len(codes) for day, codes in districts.items()} == {**dict.fromkeys(range(2019, 2024), 21), 2024: 20}


@pytest.mark.parametrize(("name", "day"), [("schools", "counted_on"), ("graduation", "published_on")])
def test_a_school_stands_in_a_commune_of_its_day(world: World, reference: Reference, schooling: Contract, name: str, day: str) -> None:
    places: dict[date, set[str]] = {}
    for row in rows(world, schooling, name):
        places.setdefault(row.values[day], set()).add(row.values["commune"])
    for on, codes in places.items():
        assert codes <= {unit.code for unit in reference.unit_index.valid(Level.COMMUNE, on, reference.province)}
    assert len(places) >= 3


def test_a_place_that_is_reported_again_and_again_is_in_a_commune_of_the_day_also_after_a_reform(reference: Reference) -> None:
    contract = read_contract(DATASETS / "feedback")
    codes: dict[date, set[str]] = {}
    for row in feedback.reports(world_of(reference, 1, date(2025, 7, 27)), contract.resource("reports")):
        codes.setdefault(row.day, set()).add(row.values["commune"])
    assert min(codes) < date(2025, 7, 1) < max(codes)
    for day, found in codes.items():
        assert found <= {unit.code for unit in reference.unit_index.valid(Level.COMMUNE, day, reference.province)}, day


def test_a_school_is_the_same_one_from_year_to_year(world: World, schooling: Contract) -> None:
    names: dict[str, set[tuple[str, str]]] = {}
    for row in rows(world, schooling, "schools"):
        names.setdefault(row.values["school"], set()).add((row.values["school_name"], row.values["stage"]))
    assert all(len(found) == 1 for found in names.values())


def test_a_school_belongs_to_the_area_of_a_former_district(world: World, schooling: Contract) -> None:
    areas: dict[date, set[str]] = {}
    of_school: dict[str, set[str]] = {}
    for row in rows(world, schooling, "schools"):
        areas.setdefault(row.values["counted_on"], set()).add(row.values["area"])
        of_school.setdefault(row.values["school"], set()).add(row.values["area"])
    # Cửa Lò (413) and Vinh (412) became one district in December 2024; all districts ended in July 2025, and their areas stay.
    assert {day.year: len(codes) for day, codes in areas.items()} == {2024: 21, 2025: 20, 2026: 20}
    moved = {frozenset(codes) for codes in of_school.values() if len(codes) > 1}
    assert frozenset({"412", "413"}) in moved and all("412" in codes for codes in moved)


def test_former_districts_do_not_look_alike(world: World, schooling: Contract) -> None:
    primary = [row.values for row in rows(world, schooling, "schools") if row.values["stage"] == "tieu-hoc" and row.day.year == 2026]
    of_area = {
        area: sum(v["teachers"] for v in primary if v["area"] == area) / sum(v["classes"] for v in primary if v["area"] == area)
        for area in {v["area"] for v in primary}
    }
    assert max(of_area.values()) - min(of_area.values()) > 0.12
    assert 1.3 < sum(v["teachers"] for v in primary) / sum(v["classes"] for v in primary) < 1.5
