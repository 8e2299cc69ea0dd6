"""Who may do what in Superset."""

from __future__ import annotations

import pytest
import requests

from tests.running import Running
from tests.stack.superset_questions import question, trend

pytestmark = pytest.mark.stack
SECONDS = 60


@pytest.fixture(scope="module")
def leader(instance: Running) -> requests.Session:
    return instance.superset(instance.leader)


def test_a_leader_lands_on_the_home_page(instance: Running, leader: requests.Session) -> None:
    for path in ("/", "/superset/welcome/"):
        answer = leader.get(instance.superset_url + path, allow_redirects=False, timeout=SECONDS)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/ioc/home/")
    listed = leader.get(f"{instance.superset_url}/api/v1/dashboard/", timeout=SECONDS).json()["result"]
    assert {"health", "public-services"} <= {row["slug"] for row in listed}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/sqllab/",
        "/api/v1/database/",
        "/api/v1/dataset/",
        "/api/v1/query/",
        "/api/v1/security/users/",
        "/api/v1/security/roles/",
        "/api/v1/log/",
    ],
)
def test_a_leader_reads_nothing_but_dashboards(instance: Running, leader: requests.Session, path: str) -> None:
    assert leader.get(instance.superset_url + path, timeout=SECONDS).status_code in (403, 404)


def test_a_leader_has_no_sql_lab(instance: Running, leader: requests.Session) -> None:
    page = leader.get(f"{instance.superset_url}/sqllab/", allow_redirects=False, timeout=SECONDS)
    assert page.status_code == 302
    asked = leader.post(f"{instance.superset_url}/api/v1/sqllab/execute/", json={"database_id": 1, "sql": "select 1"}, timeout=SECONDS)
    assert asked.status_code == 403


def test_a_leader_changes_nothing(instance: Running, leader: requests.Session) -> None:
    url = instance.superset_url
    chart = trend(leader, url, "health", "Hệ số lây nhiễm")["id"]
    dashboard = leader.get(f"{url}/api/v1/dashboard/health", timeout=SECONDS).json()["result"]["id"]
    assert leader.put(f"{url}/api/v1/dashboard/{dashboard}", json={"dashboard_title": "x"}, timeout=SECONDS).status_code == 403
    assert leader.put(f"{url}/api/v1/chart/{chart}", json={"slice_name": "x"}, timeout=SECONDS).status_code == 403
    assert leader.delete(f"{url}/api/v1/chart/{chart}", timeout=SECONDS).status_code == 403
    assert leader.delete(f"{url}/api/v1/dashboard/{dashboard}", timeout=SECONDS).status_code == 403
    assert leader.post(f"{url}/api/v1/dashboard/", json={"dashboard_title": "x"}, timeout=SECONDS).status_code == 403
    assert leader.post(f"{url}/api/v1/assets/import/", timeout=SECONDS).status_code == 403


def test_a_leader_asks_only_through_a_dashboard(instance: Running, leader: requests.Session) -> None:
    body = question(leader, instance.superset_url, "health", "Hệ số lây nhiễm", "sum_new_cases")
    del body["form_data"]
    assert leader.post(f"{instance.superset_url}/api/v1/chart/data", json=body, timeout=SECONDS).status_code == 403


def test_anonymous_visitors_see_nothing_of_what_is_not_open(instance: Running, leader: requests.Session) -> None:
    url = instance.superset_url
    body = question(leader, url, "health", "Hệ số lây nhiễm", "sum_new_cases")
    anonymous = requests.Session()
    assert anonymous.get(f"{url}/api/v1/dashboard/health", timeout=SECONDS).status_code == 404
    listed = anonymous.get(f"{url}/api/v1/dashboard/", timeout=SECONDS).json()["result"]
    assert not {"health", "public-services", "administration"} & {row["slug"] for row in listed}
    assert anonymous.post(f"{url}/api/v1/chart/data", json=body, timeout=SECONDS).status_code in (400, 401, 403)
    page = anonymous.get(f"{url}/superset/dashboard/health/", allow_redirects=False, timeout=SECONDS)
    assert page.status_code == 302
    assert "/login/" in page.headers["Location"]


@pytest.mark.parametrize("password", ["admin", "general", "superset", "password"])
def test_no_account_has_a_known_password(instance: Running, password: str) -> None:
    answer = requests.post(
        f"{instance.superset_url}/api/v1/security/login",
        json={"username": "admin", "password": password, "provider": "db", "refresh": False},
        timeout=SECONDS,
    )
    assert answer.status_code in (401, 429)


def test_gamma_was_given_nothing_of_ours(instance: Running) -> None:
    admin = instance.superset(instance.superset_admin)
    roles = admin.get(f"{instance.superset_url}/api/v1/security/roles/?q=(page_size:100)", timeout=SECONDS).json()["result"]
    gamma = next(role["id"] for role in roles if role["name"] == "Gamma")
    held = admin.get(f"{instance.superset_url}/api/v1/security/roles/{gamma}/permissions/", timeout=SECONDS).json()["result"]
    assert not [p for p in held if p["view_menu_name"].startswith("Ioc")]


def test_pages_name_no_other_host(instance: Running) -> None:
    answer = requests.get(f"{instance.superset_url}/login/", timeout=SECONDS)
    policy = answer.headers["Content-Security-Policy"]
    assert "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_cookies_are_out_of_scripts_reach(instance: Running) -> None:
    cookie = requests.get(f"{instance.superset_url}/login/", timeout=SECONDS).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_browser_is_served_vietnamese(instance: Running) -> None:
    pack = requests.get(f"{instance.superset_url}/superset/language_pack/vi/", timeout=SECONDS)
    assert pack.headers["Content-Type"].startswith("application/json")
    assert pack.json()["locale_data"]["superset"]["Dashboards"] == ["Bảng điều hành"]
    assert pack.headers["Content-Encoding"] in ("gzip", "br", "zstd", "deflate"), "a long catalogue is sent compressed"
    again = requests.get(pack.url, headers={"If-None-Match": pack.headers["ETag"]}, timeout=SECONDS)
    assert again.status_code == 304, "and not again while it is the same"
    page = requests.get(f"{instance.superset_url}/login/", timeout=SECONDS).text
    assert "&#34;locale&#34;: &#34;vi&#34;" in page


def test_a_page_that_is_not_there_says_so_in_vietnamese(instance: Running, leader: requests.Session) -> None:
    answer = leader.get(f"{instance.superset_url}/khong-co-trang-nay", headers={"Accept": "text/html"}, timeout=SECONDS)
    assert answer.status_code == 404
    assert "Không tìm thấy trang này" in answer.text
    assert "https://" not in answer.text
