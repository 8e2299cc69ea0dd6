"""What the desk service reads from the store, and files that were meant for something else, by the harvest and by the desk alike."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from ckan_harvesters.desk.app import make_app
from ckan_harvesters.desk.pool import Pool
from ckan_harvesters.desk.settings import DeskSettings
from ckan_harvesters.desk.store import Store as DeskStore
from datasets.model.contract import Contract
from tests.small_portal import small_portal
from tests.store.conftest import Store
from tests.store.contracts import FIELDS, contract, resource
from tests.store.test_harvest import World

TOKEN = "a token of thirty-two characters"
HEAD = {"Authorization": f"Bearer {TOKEN}"}
FILES = [
    FIELDS[1],
    {"name": "linh_vuc", "column": "field", "title": "Lĩnh vực", "constraints": {"required": True}},
    {"name": "so", "column": "files", "title": "Số", "type": "integer"},
]
UNDATED = {
    **resource("files", key=["ma_xa", "linh_vuc"], fields=[{**FILES[0], "refers": {"unit": "commune"}}, *FILES[1:]]),
    "delivery": {"scope": "addition"},
}
WHOLE = {**resource("places", key=["ma_xa", "linh_vuc"], fields=UNDATED["schema"]["fields"]), "delivery": {"scope": "whole"}}
PERSONS = [*FIELDS[:5], {"name": "so_dien_thoai", "column": "phone", "title": "Điện thoại", "personal": "basic"}]
MANY = "ma_xa,linh_vuc,so\n" + "".join(f"16681,l{n},{n}\n" for n in range(6))
FEW = "ma_xa,linh_vuc,so\n16681,l1,0\n16681,l2,0\n"
HEADER = "ngay,ma_xa,benh,so_ca,ti_le,ghi_chu\n"


def clinic(version: str = "1.0.0", more: tuple[dict[str, Any], ...] = ()) -> Contract:
    persons = resource("persons", access={"restricted": ["so-y-te"]}, fields=PERSONS)
    return contract(resource(fields=[*FIELDS, *more]), UNDATED, WHOLE, persons, version=version)


@pytest.fixture
def applied(store: Store) -> Store:
    store.apply(clinic())
    return store


@pytest.fixture
def files(applied: Store, tmp_path: Path) -> Iterator[World]:
    with small_portal() as portal:
        world = World(portal, applied, tmp_path)
        world.dataset = portal.dataset("clinic/files")
        yield world


@pytest.fixture
def cases(applied: Store, tmp_path: Path) -> Iterator[World]:
    with small_portal() as portal:
        yield World(portal, applied, tmp_path)


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool(1)


@pytest.fixture
def desk(applied: Store, pool: Pool) -> FlaskClient:
    return make_app(DeskSettings(applied.desk, TOKEN, 10_000_000), DeskStore(applied.desk), pool).test_client()


def check(desk: FlaskClient, dataset: str, period: str, content: str) -> dict[str, Any]:
    data = {"dataset": dataset, "agency": "so-y-te", "period": period, "file": (io.BytesIO(content.encode()), "a.csv")}
    said: dict[str, Any] = desk.post("/check", data=data, headers=HEAD).get_json()
    return said


def test_the_same_file_added_again_is_refused_with_the_day_of_the_first(files: World, desk: FlaskClient) -> None:
    assert files.harvest(files.deliver(MANY)) == "done"
    told = check(desk, "clinic-files", "2025-09-01", MANY)
    assert (told["state"], told["refused_code"]) == ("refused", "same_file_as")
    again = files.deliver(MANY)
    assert files.harvest(again) == "refused"
    assert (files.receipt(again)["refused_code"], files.receipt(again)["params"]["at"]) == ("same_file_as", told["params"]["at"])
    assert files.store.ask("SELECT count(*) FROM clinic.files__v1 WHERE closed_by IS NULL") == [(6,)]


def test_the_same_file_may_be_added_after_the_first_was_corrected(files: World) -> None:
    first = files.deliver(MANY)
    files.harvest(first)
    files.portal.upload(first, MANY.replace("16681,l", "16681,m"))
    assert files.harvest(first) == "done"
    assert files.harvest(files.deliver(MANY)) == "done"


def test_what_a_file_would_replace_is_noted(cases: World, desk: FlaskClient) -> None:
    text = HEADER + "2025-08-04,16681,sxh,3,0.5,\n"
    assert check(desk, "clinic-cases", "2025-08-04", text)["notes"] == []
    cases.harvest(cases.deliver(text))
    assert [n["code"] for n in check(desk, "clinic-cases", "2025-08-04", text)["notes"]] == ["same_as_standing"]
    other = check(desk, "clinic-cases", "2025-08-04", text.replace(",3,", ",4,"))
    assert other["notes"] == [{"code": "replaces_standing", "params": {"rows": 1, "accepted": 1}}]
    assert [n["code"] for n in check(desk, "clinic-cases", "2025-08-04", HEADER)["notes"]] == ["header_only", "replaces_standing"]


def test_the_header_of_another_dataset_names_it(cases: World, desk: FlaskClient) -> None:
    told = check(desk, "clinic-cases", "2025-08-04", MANY)
    assert (told["refused_code"], told["params"]["dataset"], told["params"]["title"]["vi"]) == (
        "other_dataset",
        "clinic-files",
        "Số liệu files",
    )
    delivery = cases.deliver(MANY)
    assert cases.harvest(delivery) == "refused"
    assert cases.receipt(delivery)["refused_code"] == "other_dataset"


def test_the_header_of_the_contract_before_says_what_was_added(applied: Store, cases: World, desk: FlaskClient) -> None:
    applied.apply(clinic("1.1.0", ({"name": "so_nang", "column": "severe", "title": "Số ca nặng", "type": "integer"},)))
    content = HEADER + "2025-08-04,16681,sxh,3,0.5,\n"
    told = check(desk, "clinic-cases", "2025-08-04", content)
    assert (told["refused_code"], told["params"]["version"]) == ("template_outdated", "1.1.0")
    assert told["params"]["changes"]["vi"] == "thêm cột: so_nang"
    assert cases.harvest(cases.deliver(content)) == "refused"


def test_a_template_of_another_dataset_is_known_by_its_stamp(desk: FlaskClient) -> None:
    of_persons = desk.get("/template.xlsx?dataset=clinic-persons&agency=so-y-te&period=2025-08-04", headers=HEAD).data
    data = {"dataset": "clinic-cases", "agency": "so-y-te", "period": "2025-08-04", "file": (io.BytesIO(of_persons), "a.xlsx")}
    told = desk.post("/check", data=data, headers=HEAD).get_json()
    assert (told["refused_code"], told["params"]["dataset"]) == ("other_dataset", "clinic-persons")


def test_a_form_begins_with_what_stands_then_with_last_period_then_with_units(cases: World, desk: FlaskClient) -> None:
    cases.harvest(cases.deliver(HEADER + "2025-08-04,16681,sxh,3,0.5,\n2025-08-04,16690,sxh,4,,mưa\n"))

    def begins(period: str) -> dict[str, Any]:
        said: dict[str, Any] = desk.get(f"/prefill?dataset=clinic-cases&agency=so-y-te&period={period}", headers=HEAD).get_json()
        return said

    assert begins("2025-08-04")["rows"] == [["2025-08-04", "16681", "sxh", "3", "0.5", ""], ["2025-08-04", "16690", "sxh", "4", "", "mưa"]]
    later = begins("2025-08-06")
    assert (later["from"], later["period"]) == ("last_period", "2025-08-04")
    assert later["rows"] == [["2025-08-06", "16681", "sxh", "", "", ""], ["2025-08-06", "16690", "sxh", "", "", ""]]
    earlier = begins("2025-08-01")
    assert earlier["from"] == "units"
    assert {row[0] for row in earlier["rows"]} == {"2025-08-01"} and len(earlier["rows"]) > 100


def test_the_difference_of_two_deliveries_tells_each_row(cases: World, desk: FlaskClient) -> None:
    delivery = cases.deliver(HEADER + "2025-08-04,16681,sxh,3,0.5,\n2025-08-04,16690,sxh,4,,\n")
    cases.harvest(delivery)
    cases.portal.upload(delivery, HEADER + "2025-08-04,16681,sxh,5,0.5,\n2025-08-04,16702,sxh,1,,\n")
    cases.harvest(delivery)
    deliveries = desk.get("/history?dataset=clinic-cases&agency=so-y-te&period=2025-08-04", headers=HEAD).get_json()["deliveries"]
    assert [(d["added"], d["changed"], d["removed"]) for d in deliveries] == [(1, 1, 1), (2, 0, 0)]
    said = desk.get(f"/difference?load={deliveries[0]['load_id']}", headers=HEAD).get_json()
    assert (said["added"], said["changed"], said["removed"], said["agency"]) == (1, 1, 1, "so-y-te")
    by_kind = {row["kind"]: row for row in said["rows"]}
    assert (by_kind["changed"]["before"]["so_ca"], by_kind["changed"]["after"]["so_ca"]) == ("3", "5")
    assert by_kind["added"]["key"] == {"ngay": "2025-08-04", "ma_xa": "16702", "benh": "sxh"}
    assert by_kind["removed"]["after"] is None
    two = desk.get(f"/difference?load={deliveries[0]['load_id']}&before={deliveries[1]['load_id']}", headers=HEAD).get_json()
    assert {**two, "rows": len(two["rows"])} == {**said, "rows": 3}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO clinic.cases__v1 SELECT * FROM clinic.cases__v1",
        "UPDATE clinic.cases__v1 SET closed_by = 1",
        "DELETE FROM ledger.load",
        "INSERT INTO supply.event (report, kind) VALUES (1, 'accepted')",
        "SELECT phone FROM clinic.persons__v1",
        "SELECT * FROM ledger.rejected_row",
        "SELECT * FROM measure.value",
        "SELECT email FROM ref.agency",
        "CREATE TABLE public.mine (x int)",
        "SET ROLE ioc_loader",
        "SELECT ledger.publish(1)",
    ],
)
def test_the_desk_may_read_what_it_needs_and_no_more(applied: Store, statement: str) -> None:
    with psycopg.connect(applied.desk) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement.encode())


def test_the_desk_reads_restricted_rows_without_what_is_personal(applied: Store) -> None:
    assert applied.ask("SELECT disease, cases FROM clinic.persons__v1", url=applied.desk) == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/form?dataset=none&agency=so-y-te", 404, "unknown_dataset"),
        ("/form?dataset=clinic-cases&agency=cuc-thong-ke", 404, "not_a_publisher"),
        ("/form?dataset=clinic-cases&agency=so-y-te&period=2025-W31", 400, "period_wrong"),
        ("/form?agency=so-y-te", 400, "parameter_missing"),
        ("/owed", 400, "parameter_missing"),
        ("/owed?agency=so-y-te&days=x", 400, "parameter_missing"),
        ("/report?dataset=clinic-cases&agency=so-y-te&period=1999-01-01", 404, "unknown_report"),
        ("/difference?load=99999999", 404, "unknown_load"),
        ("/difference?load=1e3", 400, "parameter_missing"),
        ("/none", 404, "not_found"),
    ],
)
def test_what_does_not_exist_has_a_code(desk: FlaskClient, path: str, status: int, code: str) -> None:
    answer = desk.get(path, headers=HEAD)
    assert (answer.status_code, answer.get_json()["error"]) == (status, code)
