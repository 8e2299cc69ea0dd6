"""Headers of pages and files, cookies, and the pause after wrong passwords."""

from __future__ import annotations

import secrets

import pytest
import requests

from tests.stack.ckan_portal import Portal

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("path", ["/", "/dataset/", "/user/login", "/api/3/action/site_read", "/no-such-page"])
def test_every_page_has_the_headers(portal: Portal, path: str) -> None:
    headers = requests.get(portal.url + path, timeout=60).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "script-src 'self';" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["trang.html", "hinh.svg", "giuong.csv", "bang.xml"])
def test_a_delivered_file_is_saved_and_never_run_on_the_portals_origin(portal: Portal, name: str) -> None:
    text = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    made = portal.deliver("open", "b", text=text, name=name, period=f"2024-01-0{1 + len(name) % 9}")
    portal.receipt(made["id"], "done", text=text)
    answer = portal.download(made, None, name)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    portal.as_("editor-b").call_action("resource_delete", {"id": made["id"]})


def test_a_download_can_be_asked_for_again_without_its_bytes(portal: Portal) -> None:
    made = portal.accepted("open", "b", period="2024-02-01")
    first = portal.download(made, None)
    address = f"{portal.url}/dataset/{made['package_id']}/resource/{made['id']}/download/giuong.csv"
    assert requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=60).status_code == 304
    part = requests.get(address, headers={"Range": "bytes=0-3"}, timeout=60)
    assert (part.status_code, part.text) == (206, "ngay")


def test_the_api_asks_for_a_token_not_a_cookie(portal: Portal) -> None:
    session = portal.session("editor-a")
    answer = session.post(
        f"{portal.url}/api/3/action/api_token_create", json={"user": portal.accounts["editor-a"].name, "name": "x"}, timeout=60
    )
    assert answer.status_code == 403


def test_the_version_is_not_told(portal: Portal) -> None:
    assert "ckan_version" not in requests.get(f"{portal.url}/api/3/action/status_show", timeout=60).text
    assert 'name="generator"' not in requests.get(portal.url, timeout=60).text


def test_ten_wrong_passwords_pause_the_account(portal: Portal) -> None:
    session = requests.Session()
    name = f"nobody-{secrets.token_hex(4)}"
    answers = [portal.submit(session, "/user/login", {"login": name, "password": "wrong"}).status_code for _ in range(11)]
    assert answers[:10] == [200] * 10
    assert answers[10] == 429
    assert portal.session("editor-a").get(f"{portal.url}/user/me", timeout=60).status_code == 200, "others go on"


def test_the_source_is_offered(portal: Portal) -> None:
    assert "AGPL" in requests.get(portal.url, timeout=60).text
