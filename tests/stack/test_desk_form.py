"""The form made from a contract: what it begins with, its check, the shared draft, publishing, the declaration of zero."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.running import Running
from tests.stack.deliveries import OPEN, Editor, counts, wait_until
from tests.stack.desk_form import AGENCY, Form, portal_database
from tests.stack.desk_form import form as form
from tests.stack.desk_form import second_editor as second_editor

pytestmark = pytest.mark.stack

GOOD = ["03/08/2020", "16663", "12", ""]
OTHER = ["04/08/2020", "16663", "7", "ghi chú"]


@pytest.fixture
def second(form: Form, second_editor: Editor) -> Form:
    """The same form, opened by the second editor."""
    return Form(second_editor, form.period)


def change_draft(running: Running, assignments: str, *values: Any) -> None:
    """Makes the tests' draft what time would have made of it."""
    with portal_database(running) as connection:
        connection.execute(f"UPDATE ioc_draft SET {assignments} WHERE dataset = %s AND is_current", (*values, OPEN))


def notices(begun: dict[str, Any]) -> str:
    return " ".join(notice["text"] for notice in begun["notices"])


def test_the_form_has_the_contracts_columns_and_the_units_of_the_period(form: Form) -> None:
    begun = form.begin()
    assert [field["name"] for field in begun["fields"]] == ["ngay", "ma_xa", "so_luong", "ghi_chu"]
    assert [field["required"] for field in begun["fields"]] == [True, True, True, False]
    assert [code for code, _ in begun["units_of"]["ma_xa"] if code == "16663"] == ["16663"]
    assert begun["version"] == 0


def test_it_begins_with_the_rows_of_the_last_period(form: Form) -> None:
    delivery = form.editor.deliver(counts(("05/07/2020", 3, "")), "2020-07")
    assert form.editor.receipt(delivery)["state"] == "done"
    begun = form.begin()
    assert begun["from"] == "last_period"
    assert [row[1:3] for row in begun["rows"]] == [["16663", ""]]
    assert "tháng 7" in notices(begun)


def test_rows_are_checked_as_one_types_with_the_harvests_checks(form: Form) -> None:
    begun = form.begin()
    answer = form.post(
        "form/check",
        form.work(
            begun,
            [GOOD, ["31/02/2020", "16663", "1", ""], ["", "", "", ""], ["05/08/2020", "99999", "-1", ""], ["06/08/2020", "16663", "", ""]],
        ),
    )
    assert answer.status_code == 200, answer.text
    marks = {(p["row"], p["column"]): p for p in answer.json()["problems"]}
    assert set(marks) == {(1, "ngay"), (3, "ma_xa"), (3, "so_luong"), (4, "so_luong")}
    assert "không có trong lịch" in marks[1, "ngay"]["text"]
    assert marks[4, "so_luong"]["todo"] and not marks[3, "so_luong"]["todo"]


def test_the_draft_is_shared_and_says_who_saved_it(form: Form, second: Form) -> None:
    form.save([GOOD])
    begun = second.begin()
    assert begun["from"] == "draft" and begun["rows"] == [GOOD]
    assert form.editor.account.name in begun["saved"]


def test_the_second_of_two_editors_is_told_and_both_versions_are_kept(form: Form, second: Form) -> None:
    version = form.save([GOOD])
    mine, hers = form.begin(), second.begin()
    assert second.post("form/draft", second.work(hers, [GOOD, OTHER])).status_code == 200
    answer = form.post("form/draft", form.work(mine, [[*GOOD[:2], "99", ""]], version))
    assert answer.status_code == 409
    told = answer.json()
    assert "Trần Thị Bình" in told["error"] and told["overtaken"]
    assert form.get(f"form/version/{told['current']}").json()["rows"] == [GOOD, OTHER]
    assert form.get(f"form/version/{told['kept']}").json()["rows"] == [[*GOOD[:2], "99", ""]]
    assert form.begin()["rows"] == [GOOD, OTHER]
    assert [GOOD] in [second.get(f"form/version/{kept['id']}").json()["rows"] for kept in told["versions"]]


def test_going_on_with_ones_own_version_keeps_the_other_beside(form: Form, second: Form) -> None:
    form.save([GOOD])
    mine, hers = form.begin(), second.begin()
    second.post("form/draft", second.work(hers, [OTHER]))
    told = form.post("form/draft", form.work(mine, [[*GOOD[:2], "99", ""]])).json()
    answer = form.post("form/draft", {**form.work(mine, [[*GOOD[:2], "99", ""]], told["version"]), "keeps": True})
    assert answer.status_code == 200
    assert form.begin()["rows"] == [[*GOOD[:2], "99", ""]]
    assert [OTHER] in [form.get(f"form/version/{kept['id']}").json()["rows"] for kept in answer.json()["versions"]]


def test_a_draft_left_for_weeks_says_its_age(form: Form, instance: Running) -> None:
    form.save([GOOD])
    change_draft(instance, "saved_at = now() - interval '21 days'")
    begun = form.begin()
    assert "21 ngày" in notices(begun) and form.editor.account.name in notices(begun)
    assert begun["rows"] == [GOOD]


def test_a_contract_that_changed_meanwhile_names_the_columns_and_keeps_the_cells(form: Form, instance: Running) -> None:
    begun = form.begin()
    form.save([GOOD])
    before = [begun["kept_fields"][0], {"name": "cu", "title": "Cột cũ", "type": "string"}, *begun["kept_fields"][1:3]]
    change_draft(
        instance, "fields = %s::jsonb, rows = %s::jsonb", json.dumps(before), json.dumps([["03/08/2020", "giữ lại", "16663", "12"]])
    )
    shown = form.begin()
    assert shown["rows"] == [["03/08/2020", "16663", "12", ""]]
    assert "thêm cột Ghi chú" in notices(shown) and "bỏ cột Cột cũ" in notices(shown)
    form.save(shown["rows"])
    kept = [form.get(f"form/version/{version['id']}").json() for version in form.begin()["versions"]]
    assert "giữ lại" in str([version["rows"] for version in kept])


def test_a_period_delivered_by_another_meanwhile_is_told_and_not_replaced_unseen(form: Form, second_editor: Editor) -> None:
    version = form.save([GOOD])
    delivery = second_editor.deliver(counts(("09/08/2020", 50, "")), form.period)
    begun = form.begin()
    assert "đã nộp số liệu kỳ này" in notices(begun)
    answer = form.post("form/publish", {"version": version})
    assert answer.status_code == 409 and answer.json()["conflict"], answer.text
    assert second_editor.receipt(delivery)["rows_accepted"] == 1
    replaced = form.post("form/publish", {"version": version, "based_on": answer.json()["based_on"]})
    assert replaced.status_code == 200, replaced.text


def test_a_code_that_is_no_longer_valid_is_named(form: Form) -> None:
    form.save([["03/08/2020", "01234", "12", ""]])
    assert "01234" in notices(form.begin())


def test_publishing_is_an_ordinary_delivery_and_the_draft_ends_when_it_is_accepted(form: Form) -> None:
    version = form.save([GOOD, ["", "", "", ""], OTHER])
    answer = form.post("form/publish", {"version": version, "description": "từ biểu nhập"})
    assert answer.status_code == 200, answer.text
    made = [r for r in form.editor.call("package_show", {"id": OPEN})["resources"] if r.get("period") == form.period]
    assert len(made) == 1 and made[0]["description"] == "từ biểu nhập"
    receipt = form.editor.receipt(made[0]["id"])
    assert (receipt["state"], receipt["rows_accepted"]) == ("done", 2)
    begun = form.begin()
    assert begun["version"] == 0 and begun["from"] == "this_period"
    assert sorted(row[2] for row in begun["rows"]) == ["12", "7"]


def test_a_refused_delivery_leaves_the_draft(form: Form) -> None:
    version = form.save([["99/99/2020", "16663", "x", ""]])
    assert form.post("form/publish", {"version": version}).status_code == 200
    made = [r for r in form.editor.call("package_show", {"id": OPEN})["resources"] if r.get("period") == form.period]
    assert form.editor.receipt(made[0]["id"])["state"] == "refused"
    begun = form.begin()
    assert begun["rows"] == [["99/99/2020", "16663", "x", ""]]
    assert "không được tiếp nhận" in notices(begun)


def test_what_another_saved_is_not_published_unseen(form: Form, second: Form) -> None:
    version = form.save([GOOD])
    second.post("form/draft", second.work(second.begin(), [OTHER]))
    answer = form.post("form/publish", {"version": version})
    assert answer.status_code == 409 and "Trần Thị Bình" in answer.json()["error"]


def test_starting_again_keeps_what_was_entered(form: Form) -> None:
    form.save([GOOD])
    begun = form.post("form/discard", {}).json()
    assert begun["version"] == 0
    assert [GOOD] in [form.get(f"form/version/{kept['id']}").json()["rows"] for kept in begun["versions"]]


def test_another_agencys_editor_is_refused_in_vietnamese(form: Form, editors: Callable[[str, str], Editor]) -> None:
    stranger = Form(editors("benh-vien-san-nhi", OPEN), form.period)
    stranger.editor.agency = AGENCY
    try:
        answer = stranger.get("form.json")
        assert answer.status_code == 403 and "Sở Y tế" in answer.json()["error"]
        assert stranger.post("form/draft", stranger.work({"version": 0, "based_on": "", "kept_fields": []}, [])).status_code == 403
        assert stranger.declare_zero().status_code == 403
    finally:
        stranger.editor.agency = "benh-vien-san-nhi"


@pytest.mark.parametrize("period", ["2020-13", "2020", "hom-nay"])
def test_a_period_that_is_none_is_not_found(form: Form, period: str) -> None:
    answer = Form(form.editor, period).get("form.json")
    assert answer.status_code == 404 and answer.json()["error"]


def test_too_many_rows_are_refused_with_the_limit(form: Form) -> None:
    begun = form.begin()
    for path in ("form/check", "form/draft"):
        answer = form.post(path, form.work(begun, [GOOD] * 2001))
        assert answer.status_code == 413 and "2000" in answer.json()["error"].replace(".", "")


@pytest.mark.parametrize("rows", ["text", [["too", "few"]], [[1, 2, 3, 4]], [["\0", "", "", ""]], None])
def test_rows_that_are_none_are_refused(form: Form, rows: Any) -> None:
    assert form.post("form/draft", form.work(form.begin(), rows)).status_code == 400


def test_an_ended_session_is_told_and_where_to_log_in(form: Form) -> None:
    answer = requests.get(f"{form.page}/form.json", headers={"Accept": "application/json"}, timeout=60)
    assert answer.status_code == 401
    assert "/user/login" in answer.json()["log_in"] and "hết" in answer.json()["error"]


@pytest.fixture
def declared(form: Form) -> Iterator[requests.Response]:
    """The answer to the button of zero."""
    yield form.declare_zero()


def test_a_declaration_of_zero_is_a_signed_delivery(form: Form, declared: requests.Response) -> None:
    assert declared.status_code == 303 and declared.headers["Location"].endswith("#bien-nhan")
    made = [r for r in form.editor.call("package_show", {"id": OPEN})["resources"] if r.get("period") == form.period]
    assert form.editor.account.name in made[0]["zero_by"]
    receipt = form.editor.receipt(made[0]["id"])
    assert (receipt["state"], receipt["rows_accepted"]) == ("done", 0), receipt
    wait_until(lambda: form.editor.account.name in form.text(), "the page names who declared")


def test_zero_does_not_replace_unseen_data(form: Form, second_editor: Editor) -> None:
    delivery = second_editor.deliver(counts(("09/08/2020", 50, "")), form.period)
    answer = form.declare_zero()
    assert answer.status_code == 409
    assert second_editor.receipt(delivery)["rows_accepted"] == 1


def test_a_dataset_that_is_delivered_as_a_whole_has_no_zero(
    instance: Running, editor_accounts: Callable[[str], Any], trials: object
) -> None:
    agency = "so-nong-nghiep-va-moi-truong"
    site = instance.ckan(instance.sysadmin_token)
    found = site.call_action("package_search", {"fq": "delivery_scope:whole", "include_private": True, "rows": 50})["results"]
    name = next(d["name"] for d in found if agency in d["publishers"].split())
    editor = Editor(instance, agency, name, editor_accounts(agency))
    period = {"year": "2020", "month": "2020-08", "quarter": "2020-Q3", "day": "2020-08-01"}[
        site.call_action("package_show", {"id": name})["frequency"]
    ]
    whole = Form(editor, period)
    assert "Không phát sinh số liệu" not in whole.text()
    answer = whole.declare_zero()
    assert answer.status_code == 400 and "không nộp theo từng kỳ" in answer.json()["error"]
