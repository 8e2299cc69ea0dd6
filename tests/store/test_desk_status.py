"""A status of figures at the desk: words that clerks write are offered, read back, and stand again in the next form."""

from __future__ import annotations

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
from tests.store.contracts import FIELDS, contract, resource
from tests.store.test_desk import HEAD, TOKEN
from tests.store.test_harvest import World

STATUS = {"name": "muc", "column": "firmness", "title": "Mức tin cậy"}
FIRM = {**resource("worded", fields=[*FIELDS, STATUS]), "status": {"column": "muc", "words": {"estimate": ["uoc-tinh"]}}}
PLAIN = {**resource("plain", fields=[*FIELDS, STATUS]), "status": {"column": "muc"}}
HEADER = "ngay,ma_xa,benh,so_ca,ti_le,ghi_chu,muc\n"
OFFERED = {
    "worded": {"vi": [["uoc-tinh", "Ước tính"], ["Sơ bộ", "Sơ bộ"], ["Chính thức", "Chính thức"]]},
    "plain": {
        "vi": [["Ước tính", "Ước tính"], ["Sơ bộ", "Sơ bộ"], ["Chính thức", "Chính thức"]],
        "en": [["Ước tính", "Estimate"], ["Sơ bộ", "Preliminary"], ["Chính thức", "Official"]],
    },
}


@pytest.fixture
def desk(store: Store) -> FlaskClient:
    store.apply(contract(resource(), FIRM, PLAIN))
    return make_app(DeskSettings(store.desk, TOKEN, 10_000_000), DeskStore(store.desk), Pool(1)).test_client()


@pytest.fixture
def world(desk: FlaskClient, store: Store, tmp_path: Path) -> Iterator[World]:
    with small_portal() as portal:
        yield World(portal, store, tmp_path)


def asked(dataset: str, **more: str) -> dict[str, str]:
    return {"dataset": f"clinic-{dataset}", "agency": "so-y-te", "period": "2025-08-04", **more}


def status_of(desk: FlaskClient, dataset: str, language: str) -> dict[str, Any]:
    form = desk.get("/form", query_string=asked(dataset, lang=language), headers=HEAD).get_json()
    return next(field for field in form["fields"] if field["name"] == "muc")


@pytest.mark.parametrize(("dataset", "language"), [("worded", "vi"), ("plain", "vi"), ("plain", "en")])
def test_the_form_offers_words_of_the_contract_else_vietnamese_ones(desk: FlaskClient, dataset: str, language: str) -> None:
    assert status_of(desk, dataset, language)["options"] == OFFERED[dataset][language]


@pytest.mark.parametrize("dataset", ["worded", "plain"])
def test_each_word_that_is_offered_is_taken_and_stands_in_the_form_again(desk: FlaskClient, world: World, dataset: str) -> None:
    words = [value for value, _ in OFFERED[dataset]["vi"]]
    world.dataset = world.portal.dataset(f"clinic/{dataset}")
    rows = "".join(f"2025-08-04,16681,b{n},1,,,{word}\n" for n, word in enumerate(words))
    assert world.harvest(world.deliver(HEADER + rows)) == "done"
    table = f"SELECT firmness FROM clinic.{dataset}__v1 WHERE closed_by IS NULL ORDER BY line"
    assert [row[0] for row in world.store.ask(table)] == ["estimate", "preliminary", "official"]
    found = desk.get("/prefill", query_string=asked(dataset), headers=HEAD).get_json()
    assert (found["from"], [row[-1] for row in found["rows"]]) == ("this_period", words)


def test_the_template_lists_the_same_words(desk: FlaskClient) -> None:
    answer = desk.get("/template.xlsx", query_string=asked("plain"), headers=HEAD)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rules = {str(rule.sqref).partition("3")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert rules["G"] == '"Ước tính,Sơ bộ,Chính thức"'


def test_a_slip_is_answered_with_the_word_that_was_meant(desk: FlaskClient) -> None:
    file = (io.BytesIO((HEADER + "2025-08-04,16681,b,1,,,sơ bô\n").encode()), "a.csv")
    found = desk.post("/check", data={**asked("plain"), "file": file}, headers=HEAD).get_json()
    assert [(p["rule"], p["example"]) for p in found["problems"]] == [("status_unknown", "Sơ bộ")]
