"""The desk service of the running instance: CKAN alone may ask it, and what it says of a file is what the harvest then says."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import psycopg
import pytest
import requests

from control.services import postgres
from tests.running import Running
from tests.stack.bed_days import AGENCY, COMMUNE, DATASET, HEADER

pytestmark = pytest.mark.stack

DAY = date(2019, 4, 11)
"""A day that no demonstration delivers; nothing here is published."""


class Desk:
    """The service, asked as CKAN asks it."""

    def __init__(self, instance: Running) -> None:
        self.url = instance.instance.url("desk")
        self.headers = {"Authorization": f"Bearer {instance.secrets['desk_token']}"}

    def get(self, path: str, **asked: Any) -> requests.Response:
        return requests.get(f"{self.url}{path}", params=asked, headers=self.headers, timeout=60)

    def about(self, path: str, **more: Any) -> requests.Response:
        return self.get(path, dataset=DATASET, agency=AGENCY, period=DAY.isoformat(), **more)

    def check(self, content: bytes, name: str = "a.csv", period: date = DAY) -> dict[str, Any]:
        told = {"dataset": DATASET, "agency": AGENCY, "period": period.isoformat(), "filename": name}
        answer = requests.post(f"{self.url}/check", data=told, files={"file": (name, content)}, headers=self.headers, timeout=120)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def rows(self, rows: list[list[str]], path: str = "/check") -> requests.Response:
        body = {"dataset": DATASET, "agency": AGENCY, "period": DAY.isoformat(), "header": HEADER.split(";"), "rows": rows}
        return requests.post(f"{self.url}{path}", json=body, headers=self.headers, timeout=60)


@pytest.fixture(scope="module")
def desk(instance: Running) -> Desk:
    return Desk(instance)


def row(facility: str = "40012", ward: str = "thuong", beds: str = "20", used: str = "7", day: str = f"{DAY:%d/%m/%Y}") -> list[str]:
    return [day, "16681", facility, ward, beds, used]


def test_only_ckan_is_answered(desk: Desk, instance: Running) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {instance.sysadmin_token}"}):
        answer = requests.get(f"{desk.url}/owed", params={"agency": AGENCY}, headers=headers, timeout=30)
        assert (answer.status_code, answer.json()["error"]) == (401, "not_authorized")


def test_the_login_of_the_service_only_reads(instance: Running) -> None:
    url = postgres.url(instance.instance, instance.secrets, "ioc_desk", "ioc_desk", "ioc")
    for statement in ("UPDATE health.bed_days__v1 SET closed_by = 1", "DELETE FROM supply.event", "SELECT * FROM ledger.rejected_row"):
        with psycopg.connect(url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(statement.encode())


def test_the_form_is_made_from_the_contract(desk: Desk) -> None:
    said = desk.about("/form").json()
    fields = {field["name"]: field for field in said["fields"]}
    assert list(fields) == HEADER.split(";")
    assert (fields["ngay"]["default"], fields["ngay"]["key"]) == (f"{DAY:%d/%m/%Y}", True)
    assert ["hoi-suc", "Hồi sức tích cực"] in fields["khoa"]["options"]
    assert desk.about("/form", lang="en").json()["fields"][3]["title"] == "Ward"
    assert all(len(pair) == 2 for pair in said["units"])


def test_a_form_and_the_file_that_it_publishes_are_judged_alike(desk: Desk) -> None:
    rows = [row(), row(ward="khác"), row(ward="hoi-suc", beds="x")]
    of_form = desk.rows(rows).json()
    of_file = desk.check(desk.rows(rows, "/file").content)
    assert [(p["line"], p["field"], p["rule"], p["example"]) for p in of_form["problems"]] == [
        (2, "khoa", "enum", "thuong"),
        (3, "giuong_thuc_ke", "type_integer", "12"),
    ]
    assert [(p["line"] - 1, p["rule"]) for p in of_file["problems"]] == [(p["line"], p["rule"]) for p in of_form["problems"]]
    assert of_file["file_sha256"] == of_form["file_sha256"]


def test_the_template_filled_in_passes_and_that_of_another_dataset_does_not(desk: Desk) -> None:
    book = openpyxl.load_workbook(io.BytesIO(desk.about("/template.xlsx").content))
    book.worksheets[0].append([DAY, "16681", "40012", "thuong", 20, 7])
    filled = io.BytesIO()
    book.save(filled)
    said = desk.check(filled.getvalue(), "a.xlsx")
    assert (said["state"], said["accepted"], [w["rule"] for w in said["warnings"]]) == ("ok", 1, ["example_left_out"])
    other = desk.get("/template.xlsx", dataset="health-insurance", agency="bao-hiem-xa-hoi-tinh", period="2026-10").content
    told = desk.check(other, "b.xlsx")
    assert (told["refused_code"], told["params"]["dataset"]) == ("other_dataset", "health-insurance")


def test_the_file_of_another_day_is_refused_by_the_name_of_that_day(desk: Desk) -> None:
    content = desk.rows([row(), row(ward="hoi-suc")], "/file").content
    told = desk.check(content, period=date(2019, 4, 12))
    assert (told["refused_code"], told["params"]["found"]) == ("other_period", DAY.isoformat())


def test_what_is_owed_is_what_the_store_says(desk: Desk, instance: Running) -> None:
    reports = desk.get("/owed", agency=AGENCY, days=0).json()["reports"]
    assert reports
    assert {r["agency"] for r in reports} == {AGENCY}
    one = reports[-1]
    said = desk.get("/report", dataset=one["dataset"], agency=AGENCY, period=one["period"]).json()
    assert (said["due_at"], said["obligation"]) == (one["due_at"], f"{one['dataset']}@{AGENCY}")
    assert isinstance(said["events"], list)


def test_a_file_of_noise_is_refused_and_the_service_goes_on(desk: Desk) -> None:
    for content in (b"", b"\x00" * 5000, b"PK\x03\x04" + b"x" * 500, b"<html></html>", b"%PDF-1.4", "ngày".encode("utf-16")):
        assert desk.check(content)["state"] == "refused"
    assert COMMUNE and requests.get(f"{desk.url}/health", timeout=30).json() == {"state": "well"}
