"""A statistics office's table on its whole way: checked at the desk, delivered, loaded with the lines and columns of its cells."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckan_harvesters.desk.app import make_app
from ckan_harvesters.desk.pool import Pool
from ckan_harvesters.desk.settings import DeskSettings
from ckan_harvesters.desk.store import Store as DeskStore
from tests.small_portal import small_portal
from tests.store.conftest import Store
from tests.store.contracts import contract, resource
from tests.store.test_desk import HEAD, TOKEN
from tests.store.test_harvest import World

FIELDS = [
    {
        "name": "Tỉnh",
        "column": "place",
        "title": "Tỉnh",
        "refers": {"unit": "province", "by": "name", "at": "2016-12-31"},
        "constraints": {"required": True},
    },
    {"name": "năm", "column": "year", "title": "Năm", "type": "year", "constraints": {"required": True}},
    {"name": "mức", "column": "firmness", "title": "Mức", "within": "năm"},
    {"name": "tỷ lệ", "column": "rate", "title": "Tỷ lệ", "type": "number", "constraints": {"maximum": 100}},
]
POVERTY = {
    **resource("poverty", fields=FIELDS, key=["Tỉnh", "năm"]),
    "delivery": {"scope": "whole"},
    "dialect": {"delimiter": ";", "headerRows": [3]},
    "wide": {"headers": "{năm}", "value": "tỷ lệ"},
    "status": {"column": "mức", "words": {"preliminary": ["Prel."]}},
    "subtotals": {"column": "Tỉnh", "values": ["WHOLE COUNTRY"]},
}
FILE = '"Poverty rate"\n\n"Tỉnh";"2015";"Prel. 2016"\n"WHOLE COUNTRY";7.0;5.8\n"Nghe An";12.3;10.4\n"Ha Tinh";;110\n'
ROWS = "SELECT unit_id, year, firmness, rate::float8, line FROM clinic.poverty__v1 WHERE closed_by IS NULL ORDER BY year"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Iterator[World]:
    store.apply(contract(resource(), POVERTY))
    with small_portal() as portal:
        made = World(portal, store, tmp_path)
        made.dataset = portal.dataset("clinic/poverty")
        yield made


def test_a_wide_delivery_is_loaded_with_the_lines_of_its_file_and_a_wrong_cell_named(world: World) -> None:
    delivery = world.deliver(FILE)
    assert world.harvest(delivery) == "done_with_rejects"
    assert world.store.ask(ROWS) == [("40.200401", 2015, "official", 12.3, 5), ("40.200401", 2016, "preliminary", 10.4, 5)]
    receipt = world.receipt(delivery)
    assert (receipt["rows_accepted"], receipt["rows_rejected"]) == (2, 1)
    told = {p["rule"]: (p["line"], p["column"]) for p in receipt["problems"]}
    assert told == {"too_large": (6, "Prel. 2016"), "subtotals_left_out": (4, "Tỉnh")}


def test_a_year_that_becomes_official_takes_the_place_of_the_preliminary_one(world: World) -> None:
    delivery = world.deliver(FILE)
    world.harvest(delivery)
    world.portal.upload(delivery, FILE.replace("Prel. 2016", "2016").replace(";110", ";11"))
    assert world.harvest(delivery) == "done"
    assert [row[2] for row in world.store.ask(ROWS) if row[0] == "40.200401"] == ["official", "official"]


def test_a_cell_that_another_delivery_holds_is_rejected_alone(world: World) -> None:
    world.harvest(world.deliver(FILE.replace('"Prel. 2016"', "").replace(";5.8", ";").replace(";10.4", ";").replace(";110", ";")))
    second = world.deliver(FILE.replace(";110", ";11"), agency="benh-vien-san-nhi")
    assert world.harvest(second) == "done_with_rejects"
    receipt = world.receipt(second)
    assert [(p["rule"], p["line"]) for p in receipt["problems"] if p["rule"] != "subtotals_left_out"] == [("key_open_elsewhere", 5)]
    assert [row[:2] for row in world.store.ask(ROWS)] == [("40.200401", 2015), ("40.200401", 2016), ("42.200401", 2016)]


def test_the_desk_checks_a_wide_file_and_says_that_it_has_no_form(world: World) -> None:
    desk = make_app(DeskSettings(world.store.desk, TOKEN, 10_000_000), DeskStore(world.store.desk), Pool(1)).test_client()
    asked = {"dataset": "clinic-poverty", "agency": "so-y-te"}
    found = desk.post("/check", data={**asked, "file": (io.BytesIO(FILE.encode()), "a.csv")}, headers=HEAD).get_json()
    assert (found["state"], found["accepted"], found["rejected"]) == ("ok_with_rejects", 2, 1)
    assert [(w["rule"], w["line"]) for w in found["warnings"]] == [("subtotals_left_out", 4)]
    for page in ("form", "prefill", "template.csv", "template.xlsx"):
        answer = desk.get(f"/{page}", query_string={**asked, "period": "2025-08-04"}, headers=HEAD)
        assert (answer.status_code, answer.get_json()["error"]) == (404, "no_form"), page
