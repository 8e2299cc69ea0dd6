"""What a delivery may say, and the form in which a clerk hands it in."""

from __future__ import annotations

import io
import re

import ckanapi
import pytest
import requests

from tests.stack.ckan_portal import CSV, Portal

pytestmark = pytest.mark.stack


def problem(error: pytest.ExceptionInfo[ckanapi.ValidationError], field: str) -> str:
    return str(error.value.error_dict[field][0])


def test_a_delivery_is_named_by_its_period_and_agency(portal: Portal) -> None:
    made = portal.deliver("open", "a", period="2022-02-01")
    assert made["name"] == "2022-02-01 · Cơ quan A · giuong.csv"
    assert (made["agency"], made["period"], made["simulated"], made["format"]) == (portal.agency("a"), "2022-02-01", "false", "CSV")


def test_a_simulated_delivery_says_so_in_its_name(portal: Portal) -> None:
    made = portal.deliver("open", "a", period="2022-02-02", simulated="true")
    assert made["simulated"] == "true"
    assert made["name"].endswith("giuong.csv (số liệu mô phỏng)")
    real = portal.as_("editor-a").call_action("resource_patch", {"id": made["id"], "simulated": "false"})
    assert real["name"].endswith("giuong.csv")


def test_the_only_agency_of_an_editor_need_not_be_written(portal: Portal) -> None:
    made = portal.as_("editor-b").call_action(
        "resource_create",
        {"package_id": portal.dataset("open"), "period": "2022-02-03"},
        files={"upload": ("x.csv", io.BytesIO(CSV.encode()))},
    )
    assert made["agency"] == portal.agency("b")


def test_nobody_delivers_for_another_agency(portal: Portal) -> None:
    with pytest.raises(ckanapi.ValidationError) as error:
        portal.deliver("open", "b", by="editor-a", period="2022-02-04")
    assert "không nộp thay" in problem(error, "agency")


def test_a_delivery_stays_its_agencys(portal: Portal) -> None:
    made = portal.deliver("open", "a", period="2022-02-05")
    with pytest.raises(ckanapi.ValidationError) as error:
        portal.as_("sysadmin").call_action("resource_patch", {"id": made["id"], "agency": portal.agency("b")})
    assert "không chuyển sang cơ quan khác" in problem(error, "agency")


@pytest.mark.parametrize("period", ["", "2022-02", "01/02/2022", "2022-02-31", "x"])
def test_a_period_that_is_none_is_refused_with_an_example(portal: Portal, period: str) -> None:
    with pytest.raises(ckanapi.ValidationError) as error:
        portal.deliver("open", "a", period=period)
    assert "2021-08-01" in problem(error, "period")


def test_the_same_scope_twice_is_refused_and_names_the_delivery(portal: Portal) -> None:
    first = portal.deliver("open", "a", period="2022-02-06")
    with pytest.raises(ckanapi.ValidationError) as error:
        portal.deliver("open", "a", period="2022-02-06")
    assert first["id"] in problem(error, "period")
    assert "nộp lại tệp" in problem(error, "period")
    portal.deliver("open", "b", period="2022-02-06")
    second = portal.deliver("open", "a", period="2022-02-07")
    with pytest.raises(ckanapi.ValidationError):
        portal.as_("editor-a").call_action("resource_patch", {"id": second["id"], "period": "2022-02-06"})
    portal.as_("editor-a").call_action("resource_delete", {"id": first["id"]})
    portal.deliver("open", "a", period="2022-02-06")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://x.test/a.csv",
        "//x.test/a.csv",
        "a.csv",
        "http://",
        "https://u:p@x.test/a.csv",
        "http://x.test/a b",
        "vbscript:x",
        " javascript:alert(1)",
        "http:\\\\x.test",
        "",
    ],
)
def test_an_address_that_is_no_web_address_is_refused(portal: Portal, address: str) -> None:
    data = {"package_id": portal.dataset("open"), "agency": portal.agency("a"), "period": "2022-03-01", "url": address}
    for more in ({}, {"url_type": "upload"}):
        with pytest.raises(ckanapi.ValidationError) as error:
            portal.as_("editor-a").call_action("resource_create", {**data, **more})
        assert "url" in error.value.error_dict


def test_a_resource_cannot_take_anothers_place_by_its_id(portal: Portal) -> None:
    first = portal.deliver("open", "a", period="2022-03-02")
    second = portal.deliver("open", "a", period="2022-03-03", id=first["id"])
    assert second["id"] != first["id"]


def test_a_clerk_delivers_in_the_form_and_lands_on_the_receipt(portal: Portal) -> None:
    session = portal.session("editor-a")
    path = f"/dataset/{portal.dataset('shared')}/resource/new"
    page = session.get(portal.url + path, timeout=60).text
    assert "Nộp số liệu" in page
    assert f'value="{portal.agency("a")}"' in page, "the agency is chosen already"
    answer = portal.submit(
        session, path, {"agency": portal.agency("a"), "period": "2022-04-01", "description": ""}, {"upload": ("a.csv", CSV)}
    )
    assert re.search(r"/resource/[0-9a-f-]{36}$", answer.url), answer.url
    assert "Đã nhận, chờ kiểm tra" in answer.text
    assert 'data-pending="yes"' in answer.text
    again = portal.submit(
        session, path, {"agency": portal.agency("a"), "period": "2022-04-01", "description": ""}, {"upload": ("a.csv", CSV)}
    )
    assert "Mở lần nộp đã có" in again.text
    edit = answer.url.removeprefix(portal.url) + "/edit"
    other = CSV + "03/08/2021;14\n"
    replaced = portal.submit(
        session, edit, {"agency": portal.agency("a"), "period": "2022-04-01", "description": "sửa"}, {"upload": ("b.csv", other)}
    )
    assert replaced.url == answer.url
    shown = portal.as_("editor-a").call_action("resource_show", {"id": answer.url.rsplit("/", 1)[-1]})
    assert (shown["description"], shown["url"].rsplit("/", 1)[-1]) == ("sửa", "b.csv")
    assert shown["name"].endswith("b.csv")
    deleted = portal.submit(session, answer.url.removeprefix(portal.url) + "/delete", {"delete": ""})
    assert deleted.url.endswith(portal.dataset("shared"))


def test_the_form_is_closed_to_who_does_not_deliver(portal: Portal) -> None:
    made = portal.deliver("shared", "b", period="2022-04-02")
    for name in (None, "member-a", "member-c"):
        session = portal.session(name)
        assert session.get(f"{portal.url}/dataset/{portal.dataset('shared')}/resource/new", timeout=60).status_code in (403, 404)
    session = portal.session("editor-a")
    for page in ("edit", "delete"):
        path = f"{portal.url}/dataset/{portal.dataset('shared')}/resource/{made['id']}/{page}"
        assert session.get(path, timeout=60).status_code == 403
    assert session.get(f"{portal.url}/dataset/edit/{portal.dataset('shared')}", timeout=60).status_code == 403


def test_the_form_speaks_three_languages(portal: Portal) -> None:
    session = portal.session("editor-a")
    for prefix, words in {"": "Tệp số liệu", "/en": "Data file", "/fr": "Fichier de données"}.items():
        assert words in session.get(f"{portal.url}{prefix}/dataset/{portal.dataset('shared')}/resource/new", timeout=60).text
    assert "Test open" in session.get(f"{portal.url}/en/dataset/{portal.dataset('open')}", timeout=60).text


def test_the_template_has_the_contracts_header(portal: Portal) -> None:
    answer = requests.get(f"{portal.url}/dataset/{portal.dataset('open')}/template.csv", timeout=60)
    assert answer.content.decode("utf-8-sig").strip() == "ngay;giuong"
