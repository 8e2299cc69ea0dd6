"""The desk's pages and `ioc_deliver`: who may open a report, one delivery for a scope, what stands, what only some may say."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ckanapi
import pytest
import requests

from tests.stack.ckan_portal import CSV, Portal
from tests.stack.deliveries import BED_DAYS, BED_HEADER, bed_file, bed_rows, wait_withdrawn
from tests.stack.deliveries import editor_accounts as editor_accounts

pytestmark = pytest.mark.stack


def deliver(
    portal: Portal, kind: str, letter: str, period: str, text: str = CSV, *, by: str | None = None, **fields: str
) -> dict[str, Any]:
    """`ioc_deliver` as the editor of the agency, or as somebody else. Raises what CKAN answers."""
    data = {"dataset": portal.dataset(kind), "agency": portal.agency(letter), "period": period, **fields}
    files = {"upload": ("giuong.csv", io.BytesIO(text.encode()))}
    made: dict[str, Any] = portal.as_(by or f"editor-{letter}").call_action("ioc_deliver", data, files=files)
    return made


def resources(portal: Portal, kind: str, period: str) -> list[dict[str, Any]]:
    shown = portal.as_("sysadmin").call_action("package_show", {"id": portal.dataset(kind)})
    return [resource for resource in shown["resources"] if resource.get("period") == period]


def page(portal: Portal, kind: str, letter: str, period: str, rest: str = "") -> str:
    return f"/ioc/desk/{portal.dataset(kind)}/{portal.agency(letter)}/{period}{rest}"


def token(answer: requests.Response) -> str:
    found = re.search(r'name="_csrf_token" value="([^"]+)"', answer.text)
    assert found is not None, answer.status_code
    return found.group(1)


def based_on(answer: requests.Response) -> str:
    found = re.search(r'name="based_on" value="([^"]*)"', answer.text)
    assert found is not None
    return found.group(1)


def test_one_call_delivers_and_the_next_replaces(portal: Portal) -> None:
    first = deliver(portal, "open", "a", "2022-05-01")
    assert (first["replaced"], first["state"]) == (False, "received")
    assert first["receipt_url"].endswith(first["resource_id"])
    second = deliver(portal, "open", "a", "2022-05-01", CSV + "02/08/2021;3\n", description="sửa")
    assert (second["replaced"], second["resource_id"]) == (True, first["resource_id"])
    assert [r["description"] for r in resources(portal, "open", "2022-05-01")] == ["sửa"]


def test_calls_at_once_make_one_delivery(portal: Portal) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: deliver(portal, "open", "b", "2022-05-02", CSV + f"02/08/2021;{n}\n"), range(4)))
    assert len({answer["resource_id"] for answer in made}) == 1
    assert sorted(answer["replaced"] for answer in made) == [False, True, True, True]
    assert len(resources(portal, "open", "2022-05-02")) == 1


def test_the_second_of_two_editors_learns_who_published_when_and_replaces_knowingly(portal: Portal) -> None:
    session = portal.session("editor-a")
    address = portal.url + page(portal, "shared", "a", "2022-05-03")
    opened = session.get(address, timeout=60)
    assert based_on(opened) == ""
    deliver(portal, "shared", "a", "2022-05-03", description="người khác")
    other = CSV + "02/08/2021;5\n"
    data = {"_csrf_token": token(opened), "based_on": "", "description": "của tôi"}
    asked = {"Referer": address, "Accept": "application/json"}
    answer = session.post(f"{address}/publish", data=data, files={"upload": ("b.csv", other)}, headers=asked, timeout=60)
    assert answer.status_code == 409
    told = answer.json()
    assert told["conflict"] and "đã nộp tệp cho kỳ này lúc" in told["error"]
    assert "Mở lần nộp kia" in told["html"] and "Vẫn thay bằng tệp của tôi" in told["html"]
    assert resources(portal, "shared", "2022-05-03")[0]["description"] == "người khác", "nothing was replaced unseen"
    now = re.search(r'data-based-on="([0-9a-f]{64})"', told["html"])
    assert now is not None
    again = session.post(
        f"{address}/publish", data={**data, "based_on": now.group(1)}, files={"upload": ("b.csv", other)}, headers=asked, timeout=60
    )
    assert again.status_code == 200
    assert resources(portal, "shared", "2022-05-03")[0]["description"] == "của tôi"


def test_a_report_is_opened_by_its_own_agency_only(portal: Portal) -> None:
    anonymous = requests.get(portal.url + page(portal, "shared", "a", "2022-05-04"), timeout=60)
    assert "/user/login" in anonymous.url and "came_from" in anonymous.url
    asked = requests.get(portal.url + page(portal, "shared", "a", "2022-05-04"), headers={"Accept": "application/json"}, timeout=60)
    assert (asked.status_code, "đăng nhập" in asked.json()["error"]) == (401, True)
    refused = portal.session("editor-b").get(portal.url + page(portal, "shared", "a", "2022-05-04"), timeout=60)
    assert refused.status_code == 403
    assert "Báo cáo này do Cơ quan A nộp" in refused.text
    for name in ("member-a", "outsider"):
        assert portal.session(name).get(portal.url + page(portal, "shared", "a", "2022-05-04"), timeout=60).status_code == 403
    with pytest.raises(ckanapi.NotAuthorized):
        deliver(portal, "shared", "a", "2022-05-04", by="editor-b")
    with pytest.raises(ckanapi.NotAuthorized):
        deliver(portal, "shared", "a", "2022-05-04", by="member-a")


def test_an_address_that_is_no_report_says_so(portal: Portal) -> None:
    session = portal.session("editor-a")
    for path in (page(portal, "shared", "a", "2022-05"), page(portal, "shared", "c", "2022-05-04"), "/ioc/desk/khong-co/x/2022-05-04"):
        answer = session.get(portal.url + path, timeout=60)
        assert answer.status_code == 404 and "Không tìm thấy" in answer.text


def test_who_delivers_for_nobody_is_told_what_to_do(portal: Portal) -> None:
    answer = portal.session("outsider").get(f"{portal.url}/ioc/desk", timeout=60)
    assert answer.status_code == 403 and "chưa được giao nộp số liệu" in answer.text
    assert "Bàn nộp số liệu</a>" not in portal.session("outsider").get(portal.url, timeout=60).text
    assert "Mở Bàn nộp số liệu" in portal.session("editor-a").get(portal.url, timeout=60).text


def test_an_agency_that_owes_nothing_reads_so(portal: Portal) -> None:
    answer = portal.session("editor-b").get(f"{portal.url}/ioc/desk", timeout=60)
    assert answer.status_code == 200
    assert "Hiện không có báo cáo nào phải nộp" in answer.text


def test_without_a_script_the_form_checks_and_publishes(portal: Portal) -> None:
    session = portal.session("editor-a")
    path = page(portal, "shared", "a", "2022-05-05")
    opened = session.get(portal.url + path, timeout=60)
    data = {"_csrf_token": token(opened), "based_on": based_on(opened), "description": "không có JavaScript"}
    answer = session.post(
        f"{portal.url}{path}/publish", data=data, files={"upload": ("a.csv", CSV)}, headers={"Referer": portal.url}, timeout=60
    )
    assert answer.url.split("#")[0] == portal.url + path
    assert "Đã nhận tệp" in answer.text and 'data-pending="yes"' in answer.text
    stale = session.post(
        f"{portal.url}{path}/publish", data=data, files={"upload": ("b.csv", CSV + "1;2\n")}, headers={"Referer": portal.url}, timeout=60
    )
    assert stale.status_code == 409
    assert "Tệp của anh/chị chưa được nộp" in stale.text and "chọn lại tệp" in stale.text
    missing = session.post(f"{portal.url}{path}/publish", data=data, headers={"Referer": portal.url}, timeout=60)
    assert missing.status_code == 400 and "Hãy chọn tệp" in missing.text


def test_a_withdrawal_asks_first(portal: Portal) -> None:
    made = deliver(portal, "shared", "a", "2022-05-06")
    session = portal.session("editor-a")
    path = page(portal, "shared", "a", "2022-05-06", "/withdraw")
    asked = session.get(portal.url + path, timeout=60)
    assert "Rút lần nộp" in asked.text and "ngày 06/05/2022" in asked.text
    other = session.post(
        portal.url + path, data={"_csrf_token": token(asked), "resource_id": "x"}, headers={"Referer": portal.url}, timeout=60
    )
    assert other.status_code == 409
    done = session.post(
        portal.url + path,
        data={"_csrf_token": token(asked), "resource_id": made["resource_id"]},
        headers={"Referer": portal.url},
        timeout=60,
    )
    assert "Đã rút lần nộp của ngày 06/05/2022" in done.text
    assert resources(portal, "shared", "2022-05-06") == []
    assert session.get(portal.url + path, timeout=60).status_code == 404


def test_only_the_declaration_says_who_declared_zero(portal: Portal) -> None:
    made = portal.deliver("open", "a", period="2022-05-07", zero_by="Ai đó")
    assert made.get("zero_by", "") == ""
    patched = portal.as_("editor-a").call_action("resource_patch", {"id": made["id"], "zero_by": "Ai đó"})
    assert patched["zero_by"] == ""
    with pytest.raises(ckanapi.ValidationError) as error:
        deliver(portal, "open", "a", "2022-05-07", zero="true")
    assert "không kèm tệp" in str(error.value.error_dict["upload"])


def test_a_clerk_does_not_say_when_a_delivery_came(portal: Portal) -> None:
    moment = "2022-05-08T09:00:00+07:00"
    real = portal.deliver("open", "a", period="2022-05-08", delivered_at=moment)
    assert real.get("delivered_at", "") == ""
    with pytest.raises(ckanapi.ValidationError) as error:
        portal.deliver("open", "a", period="2022-05-09", delivered_at=moment, simulated="true")
    assert "trình diễn" in str(error.value.error_dict["delivered_at"])
    made = deliver(portal, "open", "a", "2022-05-10", by="sysadmin", delivered_at=moment, simulated="true")
    shown = portal.as_("sysadmin").call_action("resource_show", {"id": made["resource_id"]})
    assert (shown["delivered_at"], shown["simulated"]) == ("2022-05-08T02:00:00+00:00", "true")
    deliver(portal, "open", "a", "2022-05-10", CSV + "02/08/2021;3\n")
    real = portal.as_("sysadmin").call_action("resource_show", {"id": made["resource_id"]})
    assert (real["delivered_at"], real["simulated"]) == ("", "false"), "a real file has its own moment"


def test_a_report_is_told_where_the_delivery_has_no_period_of_its_own(portal: Portal) -> None:
    assert portal.deliver("open", "a", period="2022-05-11", report_period="2022-05-01").get("report_period", "") == ""


def test_a_key_answers_the_same_call_once(portal: Portal) -> None:
    first = deliver(portal, "open", "a", "2022-05-12", idempotency_key="dem-1")
    again = deliver(portal, "open", "a", "2022-05-12", idempotency_key="dem-1")
    assert again == first
    with pytest.raises(ckanapi.ValidationError) as error:
        deliver(portal, "open", "a", "2022-05-12", CSV + "02/08/2021;9\n", idempotency_key="dem-1")
    assert "idempotency_key" in error.value.error_dict


def test_the_list_and_a_report_of_a_contract(portal: Portal) -> None:
    """The health department owes its bed days every day, so that there is always a next one."""
    account = portal.instance.editor("so-y-te")
    session = requests.Session()
    session.headers["Authorization"] = account.token or ""
    listed = session.get(f"{portal.url}/ioc/desk", timeout=60)
    assert listed.status_code == 200 and "Giường bệnh theo ngày" in listed.text
    found = re.search(rf'href="(/ioc/desk/{BED_DAYS}/so-y-te/[^"]+)"', listed.text)
    assert found is not None
    report = session.get(portal.url + found.group(1), timeout=60).text
    for words in ("Hạn nộp", "Tải tệp mẫu (Excel)", "Tải tệp mẫu (CSV)", "Kiểm tra", "Nhập vào biểu", "Gửi từ phần mềm"):
        assert words in report
    assert "Delivery desk" in session.get(f"{portal.url}/en/ioc/desk", timeout=60).text
    csv = session.get(f"{portal.url}{found.group(1)}/template.csv", timeout=60)
    assert csv.content.decode("utf-8-sig").strip() == BED_HEADER
    assert "attachment" in csv.headers["Content-Disposition"]
    workbook = session.get(f"{portal.url}{found.group(1)}/template.xlsx", timeout=60)
    assert workbook.status_code == 200 and workbook.content[:2] == b"PK"


def test_a_sysadmin_sees_all_agencies_and_chooses_one(portal: Portal) -> None:
    session = requests.Session()
    session.headers["Authorization"] = portal.instance.sysadmin_token
    everything = session.get(f"{portal.url}/ioc/desk", timeout=60).text
    assert '<option value="so-y-te"' in everything and '<option value="benh-vien-san-nhi"' in everything
    chosen = session.get(f"{portal.url}/ioc/desk?agency=benh-vien-san-nhi&show=todo", timeout=60).text
    assert "/benh-vien-san-nhi/" in chosen and "/so-y-te/" not in chosen


def test_mistakes_are_answered_by_row_and_column_with_an_example_and_a_workbook(portal: Portal) -> None:
    session = requests.Session()
    session.headers.update({"Authorization": portal.instance.editor("so-y-te").token or "", "Accept": "application/json"})
    address = f"{portal.url}/ioc/desk/{BED_DAYS}/so-y-te/2019-06-01"
    rows = [*bed_rows("01/06/2019", 60), "01/06/2019;99999;90900;thuong;10;5", "01/06/2019;16663;90901;thuong;tám;5"]
    file = {"upload": ("giuong.csv", bed_file(rows))}
    told = session.post(f"{address}/check", files=file, timeout=60).json()
    assert (told["state"], told["accepted"], told["rejected"]) == ("ok_with_rejects", 60, 2)
    assert "60 dòng đúng sẽ được nhận, 2 dòng sai sẽ bị loại" in told["confirm"]
    for words in ('<th scope="row"', "99999", "ma_xa", "giuong_thuc_ke", "tám", "Ví dụ đúng", "Tải các dòng sai (Excel)"):
        assert words in told["html"]
    workbook = session.post(f"{address}/rejected.xlsx", files=file, timeout=60)
    assert workbook.status_code == 200 and workbook.content[:2] == b"PK"
    pasted = {"header": BED_HEADER.split(";"), "rows": [row.split(";") for row in rows]}
    assert session.post(f"{address}/check", json=pasted, timeout=60).json()["rejected"] == 2
    uneven = session.post(f"{address}/check", json={**pasted, "rows": [["01/06/2019"]]}, timeout=60)
    assert uneven.status_code == 400 and "Dòng số liệu thứ 1" in uneven.json()["error"]
    mostly = session.post(f"{address}/check", files={"upload": ("x.csv", bed_file(rows[-2:] + rows[:1]))}, timeout=60).json()
    assert mostly["state"] == "refused" and "quá mức cho phép" in mostly["html"]
    assert resources_of(portal, BED_DAYS, "2019-06-01") == [], "a check stores nothing"


def resources_of(portal: Portal, dataset: str, period: str) -> list[dict[str, Any]]:
    shown = portal.as_("sysadmin").call_action("package_show", {"id": dataset})
    return [r for r in shown["resources"] if (r.get("period"), r.get("agency")) == (period, "so-y-te")]


def test_the_wrong_file_is_named(portal: Portal) -> None:
    session = requests.Session()
    session.headers.update({"Authorization": portal.instance.editor("so-y-te").token or "", "Accept": "application/json"})
    address = f"{portal.url}/ioc/desk/{BED_DAYS}/so-y-te/2019-06-02"
    earlier = session.post(f"{address}/check", files={"upload": ("cu.csv", bed_file(bed_rows("01/05/2019")))}, timeout=60).json()
    assert earlier["state"] == "refused" and "kỳ 2019-05-01" in earlier["html"]
    other = b"ma_so;ten\n1;x\n"
    told = session.post(f"{address}/check", files={"upload": ("khac.csv", other)}, timeout=60).json()
    assert told["state"] == "refused" and "ngay" in told["html"]


def test_zero_is_signed_and_hidden_from_the_public(portal: Portal) -> None:
    site = portal.instance.ckan(portal.instance.editor("so-y-te").token)
    made = site.call_action("ioc_deliver", {"dataset": BED_DAYS, "agency": "so-y-te", "period": "2019-06-03", "zero": "true"})
    try:
        shown = site.call_action("resource_show", {"id": made["resource_id"]})
        assert re.fullmatch(r".+ \(bien-tap-so-y-te\), \d{4}-\d\d-\d\dT[\d:]+\+07:00", shown["zero_by"])
        assert portal.instance.receipt(made["resource_id"])["state"] == "done"
        replaced = site.call_action(
            "resource_patch", {"id": made["resource_id"]}, files={"upload": ("a.csv", io.BytesIO(bed_file(bed_rows("03/06/2019"))))}
        )
        assert replaced["zero_by"] == "", "another file is no declaration"
    finally:
        site.call_action("resource_delete", {"id": made["resource_id"]})
        wait_withdrawn(portal.instance, [made["resource_id"]])
