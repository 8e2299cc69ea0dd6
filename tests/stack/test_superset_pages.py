"""Our own addresses in Superset: the list of chart types, their modules, maps and the home page, for officials and for everyone."""

from __future__ import annotations

import re

import pytest
import requests

from tests.running import Running

pytestmark = pytest.mark.stack
SECONDS = 60


def get(instance: Running, path: str, session: requests.Session | None = None, **more: object) -> requests.Response:
    return (session or requests.Session()).get(instance.superset_url + path, timeout=SECONDS, allow_redirects=False, **more)  # type: ignore[arg-type]


def test_everyone_gets_the_chart_types_and_keeps_them_while_they_are_the_same(instance: Running) -> None:
    told = get(instance, "/dynamic-plugins/api/read")
    assert told.status_code == 200
    assert told.headers["Cache-Control"] == "no-cache"
    by_key = {one["key"]: one["bundle_url"] for one in told.json()["result"]}
    assert {"ioc_choropleth", "ioc_tile"} <= by_key.keys()
    for address in by_key.values():
        module = get(instance, address)
        assert module.status_code == 200
        assert module.headers["Content-Type"].startswith("text/javascript")
        assert "max-age=31536000" in module.headers["Cache-Control"]
        older = get(instance, re.sub(r"/[0-9a-f]{12}/", "/0123456789ab/", address))
        assert (older.status_code, older.text) == (200, module.text)
        assert "max-age=31536000" not in older.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["../../../settings.py", "..%2f..%2fsettings.py", "nothing.js", ""])
def test_nothing_else_is_served_beside_the_modules(instance: Running, name: str) -> None:
    assert get(instance, f"/ioc/charts/0123456789ab/{name}").status_code == 404


def test_our_chart_types_loosen_no_header(instance: Running) -> None:
    policy = get(instance, "/ioc/home/").headers["Content-Security-Policy"]
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in re.search(r"script-src[^;]*", policy)[0]  # type: ignore[index]


def test_everyone_gets_a_map_and_asks_no_more_until_it_changes(instance: Running) -> None:
    answer = get(instance, "/ioc/map/commune.json", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    made = answer.json()
    assert made["type"] == "FeatureCollection"
    assert len(made["features"]) == 130
    assert len(answer.content) < 300_000
    assert {"unit_id", "code", "name"} == made["features"][0]["properties"].keys()
    again = get(instance, "/ioc/map/commune.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = get(instance, "/ioc/map/commune.json", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == made


def test_a_map_is_that_of_its_day(instance: Running) -> None:
    before = get(instance, "/ioc/map/district.json?on=2025-06-30").json()
    assert len(before["features"]) == 20
    assert before["valid_to"] == "2025-07-01"
    assert get(instance, "/ioc/map/district.json?on=2025-07-01").json()["features"] == []


@pytest.mark.parametrize("path", ["province.json", "commune.json?on=22/11/2026", "commune.json?on=2026-02-30", "commune.json?on=x'--"])
def test_what_is_no_map_is_refused_in_words(instance: Running, path: str) -> None:
    answer = get(instance, f"/ioc/map/{path}")
    assert answer.status_code == 400
    assert "phải" in answer.json()["message"]


@pytest.mark.parametrize("path", ["/", "/superset/welcome", "/superset/welcome/"])
def test_the_first_page_is_the_home_page(instance: Running, path: str) -> None:
    answer = get(instance, path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ioc/home/")


def test_everyone_sees_every_subsystem_and_officials_see_their_own_dashboards(instance: Running) -> None:
    public = get(instance, "/ioc/home/")
    assert public.status_code == 200
    named = re.findall(r'data-subsystem="(\w+)"', public.text)
    assert {"documents", "public_services", "socioeconomic", "health"} <= set(named)
    assert "/superset/dashboard/health/" not in public.text
    leader = get(instance, "/ioc/home/", instance.superset(instance.leader))
    assert re.findall(r'data-subsystem="(\w+)"', leader.text)[: len(named)] == named[: len(named)]
    assert 'href="/superset/dashboard/health/"' in leader.text
    assert "phân hệ đang hoạt động" in leader.text


@pytest.mark.parametrize(("language", "says"), [("en", "subsystems live"), ("fr", "sous-systèmes")])
def test_the_home_page_speaks_the_viewers_language(instance: Running, language: str, says: str) -> None:
    session = requests.Session()
    get(instance, f"/lang/{language}", session)
    assert says in get(instance, "/ioc/home/", session).text
