"""The service's own guards: who may ask, how large, and a process that ends is not the service's end."""

from __future__ import annotations

import io
import logging
import os
import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from ckan_harvesters.desk import pool as pools
from ckan_harvesters.desk.app import make_app
from ckan_harvesters.desk.child import Job
from ckan_harvesters.desk.examine import examine
from ckan_harvesters.desk.pool import Pool
from ckan_harvesters.desk.settings import DeskSettings
from ckan_harvesters.desk.store import Store
from ckan_harvesters.errors import Refused, TerminalError, TransientError
from datasets.model.read import DATASETS, parse_contract
from datasets.model.reference import read_reference
from tests.small_deliveries import BEDS, written
from tests.unit.test_desk import PLACES

pytestmark = pytest.mark.unit

TOKEN = "a token of thirty-two characters"
HEALTH = (DATASETS / "health" / "datapackage.yaml").read_bytes()
BED_DAYS = "ngay;ma_xa;ma_co_so;khoa;giuong_thuc_ke;giuong_su_dung\n03/08/2026;17011;40101;thuong;320;301\n"


class NoStore(Store):
    """A store that must not be asked, or that does not answer."""

    def __init__(self) -> None:
        super().__init__("postgresql://nobody@127.0.0.1:1/none")

    @contextmanager
    def reading(self) -> Iterator[Any]:
        raise TransientError("The store did not answer: connection refused.")
        yield  # the manager never comes so far


@pytest.fixture
def client() -> FlaskClient:
    return make_app(DeskSettings("", TOKEN, 1000), NoStore(), Pool(0)).test_client()


@pytest.mark.parametrize("shown", [None, "", TOKEN, "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer ớ"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/owed"), ("POST", "/check"), ("GET", "/form"), ("GET", "/nowhere")])
def test_without_the_token_nothing_is_answered(client: FlaskClient, shown: str | None, method: str, path: str) -> None:
    headers = {} if shown is None else {"Authorization": shown.encode().decode("latin-1")}
    answer = client.open(path, method=method, headers=headers)
    assert (answer.status_code, answer.json) == (401, {"error": "not_authorized", "params": {}})


def test_a_store_that_is_away_is_said_without_its_address(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answer = client.get("/form?dataset=a&agency=b", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json) == (503, {"error": "platform_for_now", "params": {}})
    assert TOKEN not in caplog.text


def test_a_file_over_the_limit_is_not_taken(client: FlaskClient) -> None:
    data = {"file": (io.BytesIO(b"x" * 200_000), "a.csv"), "dataset": "a", "agency": "b"}
    answer = client.post("/check", data=data, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json["error"] if answer.json else None) == (413, "too_large")


@pytest.mark.parametrize("missing", ["IOC_STORE_URL", "IOC_DESK_TOKEN"])
def test_a_setting_that_is_missing_is_named(missing: str) -> None:
    given = {"IOC_STORE_URL": "postgresql://", "IOC_DESK_TOKEN": TOKEN, missing: ""}
    with pytest.raises(TerminalError, match=missing):
        DeskSettings.from_environment(given)


def test_a_short_token_is_not_taken() -> None:
    with pytest.raises(TerminalError, match="too short"):
        DeskSettings.from_environment({"IOC_STORE_URL": "postgresql://", "IOC_DESK_TOKEN": "short"})


def job(path: Path) -> Job:
    from ckan_harvesters.applied import Places

    reference = read_reference()
    health = parse_contract(HEALTH, file="health")
    places = Places(reference.unit_index, frozenset(reference.agencies), reference.province)
    return Job(health.sha256, HEALTH, "bed-days", "so-y-te", "2026-08-03", path, "1", places)


def test_a_check_that_is_stopped_is_told_and_the_next_one_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, wanted = Pool(1), job(written(tmp_path, BED_DAYS))
    first = pool.check(wanted)
    assert first["answer"]["state"] == "ok"
    with monkeypatch.context() as hurried:
        hurried.setattr(pools, "JOB_SECONDS", 0.0)
        with pytest.raises(Refused) as stopped:
            pool.check(wanted)
    assert stopped.value.code == "check_stopped"
    assert pool.check(wanted)["answer"]["state"] == "ok"


def test_a_child_that_was_killed_is_replaced_and_has_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOC_DESK_TOKEN", TOKEN)
    pool, wanted = Pool(1), job(written(tmp_path, BED_DAYS))
    pool.check(wanted)
    child = pool._free.get(timeout=60)
    assert TOKEN.encode() not in Path(f"/proc/{child.process.pid}/environ").read_bytes()
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait(timeout=10)
    pool._free.put(child)
    with pytest.raises(Refused):
        pool.check(wanted)
    assert pool.check(wanted)["answer"]["accepted"] == 1


def test_a_swollen_workbook_is_stopped_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    assert examine(path, BEDS, "so-y-te", None, PLACES).answer["refused_code"] == "workbook_swollen"
