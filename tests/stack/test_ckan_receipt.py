"""The receipt: who writes it, who reads which part of it, how it looks."""

from __future__ import annotations

import re
from typing import Any

import ckanapi
import pytest
import requests

from tests.stack.ckan_portal import CSV, Portal

pytestmark = pytest.mark.stack

LEVEL = {"vi": "xã, phường", "en": "commune", "fr": "commune"}
PROBLEMS = [
    {"line": 2, "column": "giuong", "rule": "type_integer", "value": "<script>alert(1)</script>", "params": {}},
    {"line": 3, "column": "giuong", "rule": "type_integer", "value": "=cmd|' /C calc'!A0", "params": {}},
    {"line": 4, "column": "ma_xa", "rule": "unit_unknown", "value": "99999", "params": {"level": LEVEL}},
]


@pytest.fixture(scope="module")
def rejected(portal: Portal) -> dict[str, Any]:
    made = portal.deliver("open", "a", period="2023-01-01")
    assert portal.receipt(
        made["id"], "done_with_rejects", edition=11, load_id=5, rows_accepted=8, rows_rejected=3, problems=PROBLEMS, problems_total=3
    )["current"]
    return made


def test_only_the_harvest_writes_receipts(portal: Portal, rejected: dict[str, Any]) -> None:
    for name in (None, "outsider", "member-a", "editor-a", "editor-b"):
        with pytest.raises(ckanapi.NotAuthorized):
            portal.as_(name).call_action("ioc_receipt_update", {"resource_id": rejected["id"], "state": "done"})


def test_a_receipt_that_cannot_be_read_is_refused(portal: Portal, rejected: dict[str, Any]) -> None:
    harvest = portal.as_("harvest")
    for wrong in (
        {"state": "fine"},
        {"state": "done", "edition": "eleven"},
        {"state": "done", "problems": [{"line": 1}]},
        {"state": "done", "at": "x"},
    ):
        with pytest.raises(ckanapi.ValidationError):
            harvest.call_action("ioc_receipt_update", {"resource_id": rejected["id"], **wrong})
    with pytest.raises(ckanapi.NotFound):
        harvest.call_action("ioc_receipt_update", {"resource_id": "no-such-resource", "state": "received"})


def test_rejected_rows_are_for_the_agencys_editors(portal: Portal, rejected: dict[str, Any]) -> None:
    for name in ("editor-a", "sysadmin", "harvest"):
        shown = portal.as_(name).call_action("ioc_receipt_show", {"id": rejected["id"]})
        assert [p["value"] for p in shown["problems"]] == [p["value"] for p in PROBLEMS], name
    for name in ("member-a", "editor-b", "member-c"):
        shown = portal.as_(name).call_action("ioc_receipt_show", {"id": rejected["id"]})
        assert "problems" not in shown, name
        assert (shown["state"], shown["rows_accepted"], shown["rows_rejected"]) == ("done_with_rejects", 8, 3), name
    public: tuple[str | None, ...] = (None, "outsider")
    for anyone in public:
        shown = portal.as_(anyone).call_action("ioc_receipt_show", {"id": rejected["id"]})
        assert set(shown) == {"resource_id", "state", "edition", "at"}, anyone
        assert (shown["state"], shown["edition"]) == ("done", 11), "the public is told of the acceptance only"


def test_the_page_shows_line_column_value_and_what_to_do(portal: Portal, rejected: dict[str, Any]) -> None:
    path = f"/dataset/{portal.dataset('open')}/resource/{rejected['id']}"
    page = portal.session("editor-a").get(portal.url + path, timeout=60).text
    assert "Đã tiếp nhận, có dòng bị loại" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page, "what a file holds is text on the page"
    assert "cấp xã, phường" in page
    public = requests.get(portal.url + path, timeout=60).text
    assert "alert(1)" not in public
    assert "Dòng bị loại" not in public
    english = portal.session("editor-a").get(f"{portal.url}/en{path}", timeout=60).text
    assert "Accepted, some rows rejected" in english


def test_the_list_of_faults_runs_nothing_in_a_spreadsheet(portal: Portal, rejected: dict[str, Any]) -> None:
    path = f"{portal.url}/dataset/{portal.dataset('open')}/resource/{rejected['id']}/problems.csv"
    answer = portal.session("editor-a").get(path, timeout=60)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Dòng,Cột,")
    assert "'=cmd" in lines[2]
    others: tuple[str | None, ...] = (None, "editor-b")
    for other in others:
        assert portal.session(other).get(path, timeout=60).status_code == 403, other


def test_the_page_asks_for_the_receipt_itself(portal: Portal) -> None:
    made = portal.deliver("shared", "a", period="2023-01-02")
    session = portal.session("editor-a")
    path = f"{portal.url}/dataset/{portal.dataset('shared')}/resource/{made['id']}"
    page = session.get(path, timeout=60).text
    found = re.search(r'data-ioc-receipt="([^"]+)"', page)
    assert found is not None
    address = portal.url + found.group(1)
    assert session.get(address, timeout=60).json()["pending"] is True
    portal.receipt(made["id"], "refused", refused_code="empty_file", problems_total=0)
    after = session.get(address, timeout=60).json()
    assert (after["state"], after["pending"]) == ("refused", False)
    assert "Không tiếp nhận" in after["html"]
    assert requests.get(address, timeout=60).status_code == 403


def test_a_refused_delivery_stays_its_agencys(portal: Portal) -> None:
    made = portal.accepted("open", "a", period="2023-01-03")
    assert portal.download(made, None).text == CSV
    portal.receipt(made["id"], "refused", refused_code="header_wrong")
    assert portal.download(made, None).status_code == 403
    assert portal.download(made, "member-a").status_code == 200
