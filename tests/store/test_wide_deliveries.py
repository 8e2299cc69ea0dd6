"""A statistics office's table on its whole way: checked at the desk, delivered, loaded with the lines and columns of its cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from ckan_harvesters.desk.app import make_app
from ckan_harvesters.desk.pool import Pool
from ckan_harvesters.desk.settings import DeskSettings
from ckan_harvesters.desk.store import Store as DeskStore
from tests.small_portal import small_portal
from tests.store.conftest import Store
from tests.store.contracts import contract, resource
from tests.store.test_desk import HEAD, TOKEN
from tests.store.test_harvest import World

FIELDS: list[dict[str, Any]] = [
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
KIND = {"name": "loại", "column": "kind", "title": "Loại", "constraints": {"required": True}}
SCHOOLS = {
    **resource("schools", fields=[FIELDS[0], FIELDS[1], KIND, FIELDS[3]], key=["Tỉnh", "năm", "loại"]),
    "delivery": {"scope": "whole"},
    "wide": {"headers": "{năm} ({loại})", "value": "tỷ lệ"},
}
DAY = {"name": "ngày", "column": "day", "title": "Ngày", "type": "date", "format": "%d/%m/%Y", "constraints": {"required": True}}
DAILY = {
    **resource("daily", fields=[FIELDS[0], DAY, FIELDS[3]], key=["Tỉnh", "ngày"]),
    "delivery": {"scope": "period", "calendar": "month", "column": "ngày"},
    "wide": {"headers": "{ngày}", "value": "tỷ lệ"},
}
FILE = '"Poverty rate"\n\n"Tỉnh";"2015";"Prel. 2016"\n"WHOLE COUNTRY";7.0;5.8\n"Nghe An";12.3;10.4\n"Ha Tinh";;110\n'
ROWS = "SELECT unit_id, year, firmness, rate::float8, line FROM clinic.poverty__v1 WHERE closed_by IS NULL ORDER BY year"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Iterator[World]:
    store.apply(contract(resource(), POVERTY, SCHOOLS, DAILY))
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


def desk_of(world: World) -> FlaskClient:
    return make_app(DeskSettings(world.store.desk, TOKEN, 10_000_000), DeskStore(world.store.desk), Pool(1)).test_client()


ASKED = {"dataset": "clinic-poverty", "agency": "so-y-te"}


def test_the_desk_checks_a_wide_file_and_says_that_it_has_no_form(world: World) -> None:
    desk = desk_of(world)
    found = desk.post("/check", data={**ASKED, "file": (io.BytesIO(FILE.encode()), "a.csv")}, headers=HEAD).get_json()
    assert (found["state"], found["accepted"], found["rejected"]) == ("ok_with_rejects", 2, 1)
    assert [(w["rule"], w["line"]) for w in found["warnings"]] == [("subtotals_left_out", 4)]
    for page in ("form", "prefill"):
        answer = desk.get(f"/{page}", query_string={**ASKED, "period": "2025-08-04"}, headers=HEAD)
        assert (answer.status_code, answer.get_json()["error"]) == (404, "no_form"), page


def template(desk: FlaskClient, period: str = "2017-08-04", **more: str) -> list[list[str]]:
    """Rows of the text template, from the first line on."""
    answer = desk.get("/template.csv", query_string={**ASKED, "period": period, **more}, headers=HEAD)
    assert answer.status_code == 200, answer.data
    delimiter = "," if "dataset" in more else ";"
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_the_template_has_the_year_of_the_period_and_a_row_for_each_unit(world: World) -> None:
    assert template(desk_of(world)) == [[], [], ["Tỉnh", "2017"], ["Tỉnh Nghệ An", ""]]


def test_the_template_has_the_years_that_stand_and_keeps_a_preliminary_one_so(world: World) -> None:
    world.harvest(world.deliver(FILE))
    rows = template(desk_of(world))
    assert rows[2:] == [["Tỉnh", "2015", "Prel. 2016", "2017"], ["Tỉnh Nghệ An", "", "", ""]]
    assert template(desk_of(world), period="2016-08-04")[2] == ["Tỉnh", "2015", "Prel. 2016"]
    other = {**ASKED, "agency": "benh-vien-san-nhi", "period": "2017-08-04"}
    text = desk_of(world).get("/template.csv", query_string=other, headers=HEAD).data.decode("utf-8-sig")
    assert "2015" not in text, "another agency's table has its own years"


def test_the_template_filled_in_is_taken_as_a_file_and_as_a_workbook(world: World) -> None:
    world.harvest(world.deliver(FILE))
    desk = desk_of(world)
    header, row = template(desk)[2:]
    text = f"\n\n{';'.join(header)}\n{row[0]};12.3;10.4;9.9\n"
    found = desk.post("/check", data={**ASKED, "file": (io.BytesIO(text.encode()), "a.csv")}, headers=HEAD).get_json()
    assert (found["state"], found["accepted"]) == ("ok", 3)
    answer = desk.get("/template.xlsx", query_string={**ASKED, "period": "2017-08-04"}, headers=HEAD)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[3]] == header
    assert [cell.value for cell in sheet[4]] == ["Tỉnh Nghệ An", None, None, None]
    for place, figure in enumerate((12.3, 10.4, 9.9), start=2):
        sheet.cell(4, place, figure)
    filled = io.BytesIO()
    book.save(filled)
    filled.seek(0)
    found = desk.post("/check", data={**ASKED, "file": (filled, "a.xlsx")}, headers=HEAD).get_json()
    assert (found["state"], found["accepted"], found["warnings"]) == ("ok", 3, [])


def test_the_guide_of_the_workbook_says_how_such_a_column_is_headed(world: World) -> None:
    answer = desk_of(world).get("/template.xlsx", query_string={**ASKED, "period": "2017-08-04", "lang": "vi"}, headers=HEAD)
    guide = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[1]
    told = {row[0].value: f"{row[1].value} {row[2].value}" for row in guide.iter_rows(min_row=9)}
    assert set(told) == {"Tỉnh", "{năm}"}
    assert "Tỷ lệ" in told["{năm}"] and "“2017”" in told["{năm}"] and "Prel." in told["{năm}"]
    assert "ví dụ" not in str(guide["A6"].value), "there is no example row to speak of"


def test_a_template_sent_as_it_was_downloaded_takes_nothing_away(world: World) -> None:
    desk = desk_of(world)
    text = desk.get("/template.csv", query_string={**ASKED, "period": "2017-08-04"}, headers=HEAD).data
    found = desk.post("/check", data={**ASKED, "file": (io.BytesIO(text), "a.csv")}, headers=HEAD).get_json()
    assert (found["state"], found["refused_code"]) == ("refused", "no_rows")


def test_items_across_are_those_that_stand_and_left_to_the_agency_before(world: World) -> None:
    desk = desk_of(world)
    assert template(desk, dataset="clinic-schools") == [["Tỉnh"], ["Tỉnh Nghệ An"]]
    world.dataset = world.portal.dataset("clinic/schools")
    assert world.harvest(world.deliver("Tỉnh,2015 (Tiểu học),2015 (Mầm non)\nNghe An,5,6\n")) == "done"
    header = ["Tỉnh", "2015 (Mầm non)", "2015 (Tiểu học)", "2017 (Mầm non)", "2017 (Tiểu học)"]
    assert template(desk, dataset="clinic-schools")[0] == header


def test_days_across_are_those_of_the_period(world: World) -> None:
    header = template(desk_of(world), dataset="clinic-daily", period="2016-02")[0]
    assert (header[:2], header[-1], len(header)) == (["Tỉnh", "01/02/2016"], "29/02/2016", 30)
