"""Delivering by one call: the very line that the page shows, run by a shell; its key; and the history with the difference between two."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import Running
from tests.stack.deliveries import COUNT_HEADER, OPEN, Editor, counts, wait_until
from tests.stack.desk_form import AGENCY, Form, portal_database
from tests.stack.desk_form import form as form

pytestmark = pytest.mark.stack

FIRST = counts(("03/08/2020", 12, "một"), ("04/08/2020", 7, "hai"))
SECOND = counts(("03/08/2020", 15, "một"), ("05/08/2020", 1, "ba"))


def lines(form: Form) -> dict[str, str]:
    """The shell lines that the page shows, by what they are for."""
    source = form.editor.browser.get(f"{form.page}?way=call", timeout=60).text
    return {name: html.unescape(text) for name, text in re.findall(r'<pre id="ioc-call-(\w+)"[^>]*>(.*?)</pre>', source, re.S)}


def run(line: str, folder: Path, token: str) -> Any:
    """What a shell prints that runs the line in that folder, with the token as the page's variable."""
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "TOAN_CANH_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout)


def deliveries(form: Form) -> list[dict[str, Any]]:
    found = form.editor.call("package_show", {"id": OPEN})["resources"]
    return [r for r in found if r.get("period") == form.period and r.get("agency") == form.editor.agency]


def test_the_line_of_the_page_delivers_and_has_a_receipt(form: Form, tmp_path: Path) -> None:
    shown = lines(form)
    assert f"dataset={OPEN}" in shown["deliver"] and "period=2020-08" in shown["deliver"]
    (tmp_path / "so-lieu.csv").write_bytes(FIRST)
    answer = run(shown["deliver"], tmp_path, form.editor.token)
    assert answer["success"], answer
    made = answer["result"]["resource_id"]
    assert [r["id"] for r in deliveries(form)] == [made]
    assert form.editor.receipt(made)["rows_accepted"] == 2
    receipt = run(shown["receipt"].replace("id=ID", f"id={made}"), tmp_path, form.editor.token)
    assert receipt["result"]["state"] == "done"


def test_a_call_sent_twice_counts_once(form: Form, tmp_path: Path, instance: Running) -> None:
    line = lines(form)["deliver"]
    (tmp_path / "so-lieu.csv").write_bytes(FIRST)
    answers = [run(line, tmp_path, form.editor.token)["result"] for _ in range(2)]
    assert answers[0] == answers[1]
    form.editor.receipt(answers[0]["resource_id"])
    with instance.store() as connection:
        query = "SELECT count(*) FROM ledger.load WHERE ckan_resource = %s"
        assert connection.execute(query, (answers[0]["resource_id"],)).fetchone() == (1,)


def test_another_file_under_the_same_key_is_refused(form: Form, tmp_path: Path) -> None:
    line = lines(form)["deliver"]
    (tmp_path / "so-lieu.csv").write_bytes(FIRST)
    made = run(line, tmp_path, form.editor.token)["result"]["resource_id"]
    (tmp_path / "so-lieu.csv").write_bytes(SECOND)
    status = tmp_path / "status"
    refused = run(line.replace("curl -sS", f"curl -sS -D {status}"), tmp_path, form.editor.token)
    assert not refused["success"] and "đã dùng cho một lần nộp khác" in refused["error"]["idempotency_key"][0]
    assert re.search(r"^HTTP/\S+ 409", status.read_text(), re.MULTILINE)
    assert form.editor.receipt(made)["rows_accepted"] == 2


def test_two_calls_at_once_under_one_key_deliver_once(form: Form, tmp_path: Path) -> None:
    (tmp_path / "so-lieu.csv").write_bytes(FIRST)
    line = lines(form)["deliver"]
    answer = run(f'({line}) > one & ({line}) > two; wait; printf \'[%s,%s]\' "$(cat one)" "$(cat two)"', tmp_path, form.editor.token)
    assert [found["success"] for found in answer] == [True, True], answer
    assert len(deliveries(form)) == 1


def test_a_call_that_failed_may_be_sent_again_under_its_key(form: Form, tmp_path: Path) -> None:
    line = lines(form)["deliver"]
    (tmp_path / "so-lieu.csv").write_bytes(FIRST)
    wrong = run(line.replace("period=2020-08", "period=2020-88"), tmp_path, form.editor.token)
    assert not wrong["success"] and wrong["error"]["period"]
    assert run(line, tmp_path, form.editor.token)["success"]


def test_a_token_of_another_agency_is_refused(form: Form, editors: Callable[[str, str], Editor], tmp_path: Path) -> None:
    (tmp_path / "so-lieu.csv").write_bytes(FIRST)
    refused = run(lines(form)["deliver"], tmp_path, editors("benh-vien-san-nhi", OPEN).token)
    assert not refused["success"] and "Sở Y tế" in json.dumps(refused, ensure_ascii=False)
    assert deliveries(form) == []


def test_zero_is_declared_by_a_call_too(form: Form, tmp_path: Path) -> None:
    answer = run(lines(form)["zero"], tmp_path, form.editor.token)
    assert answer["success"], answer
    assert form.editor.account.name in deliveries(form)[0]["zero_by"]
    assert form.editor.receipt(answer["result"]["resource_id"])["state"] == "done"


def test_a_key_that_is_none_is_refused(form: Form) -> None:
    answer = form.editor.running.ckan(form.editor.token)
    with pytest.raises(Exception, match=r"idempotency_key.*dài từ 1 đến 200 ký tự"):
        answer.call_action("ioc_deliver", {
            "dataset": OPEN, "agency": AGENCY, "period": form.period, "zero": "true", "idempotency_key": "k" * 201,
        })  # fmt: skip


def test_the_history_shows_what_each_delivery_changed(form: Form) -> None:
    delivery = form.editor.deliver(FIRST, form.period)
    form.editor.receipt(delivery)
    form.editor.replace(delivery, SECOND)
    form.editor.receipt(delivery)
    wait_until(lambda: "thêm 1, sửa 1, bỏ 1 dòng" in form.text(), "the history tells what was changed")
    source = form.editor.browser.get(form.page, timeout=60).text
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+/difference\?load=\d+)"', source)]
    page = form.editor.browser.get(form.editor.running.ckan_url + links[0], timeout=60)
    assert page.status_code == 200
    assert re.search(r'class="ioc-cell-changed"><del>12</del> <ins>15</ins>', page.text)
    kinds = re.findall(r'<tr class="ioc-row-(\w+)"', page.text)
    assert sorted(kinds) == ["added", "changed", "removed"]
    assert "Số lượng" in page.text and COUNT_HEADER not in page.text


def test_another_agencys_delivery_is_not_compared(form: Form, editors: Callable[[str, str], Editor], instance: Running) -> None:
    other = editors("benh-vien-san-nhi", OPEN)
    delivery = other.deliver(FIRST, form.period)
    other.receipt(delivery)
    with instance.store() as connection:
        row = connection.execute("SELECT max(load_id) FROM ledger.load WHERE ckan_resource = %s", (delivery,)).fetchone()
    other.clear()
    assert row is not None
    answer = form.editor.browser.get(f"{form.page}/difference?load={row[0]}", timeout=60)
    assert answer.status_code == 404


def test_keys_are_the_users_own(form: Form, tmp_path: Path, instance: Running) -> None:
    (tmp_path / "so-lieu.csv").write_bytes(FIRST)
    line = lines(form)["deliver"]
    run(line, tmp_path, form.editor.token)
    found = re.search(r"Idempotency-Key: ([^']+)'", line)
    assert found is not None
    with portal_database(instance) as connection:
        rows = connection.execute('SELECT u.name FROM ioc_idempotency i JOIN "user" u ON u.id = i.user_id WHERE i.key = %s', (found[1],))
        assert rows.fetchall() == [(form.editor.account.name,)]
