"""The supply board of a running Superset: who gets it, what it says of each state, in each language, and that it follows the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.running import Account, Running
from tests.small_supply import AGENCY, SUBSYSTEM, SmallSupply, small_supply

pytestmark = pytest.mark.stack
SECONDS = 60
OFFICIALS = ("lanh-dao", "can-bo-so-y-te", "truc-van-hanh", "phu-trach-vinh-cu")


@pytest.fixture(scope="module")
def supply(instance: Running) -> Iterator[SmallSupply]:
    with small_supply(instance) as made:
        yield made


@pytest.fixture(scope="module")
def leader(instance: Running) -> requests.Session:
    return instance.superset(instance.leader)


def get(instance: Running, session: requests.Session, page: str = "", **asked: str) -> requests.Response:
    return session.get(f"{instance.superset_url}/ioc/supply/{page}", params=asked, timeout=SECONDS, allow_redirects=False)


def board(instance: Running, session: requests.Session, **asked: str) -> dict[str, Any]:
    answer = get(instance, session, "board.json", **asked)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def codes(made: dict[str, Any], supply: SmallSupply) -> list[str] | None:
    """Codes of the obligation's reports, without the hours and without periods in which nothing is owed."""
    for section in made["sections"]:
        for group in section["groups"]:
            for dataset in group.get("datasets", []):
                if dataset["obligation"] == supply.obligation:
                    return [cell[:3] for cell in dataset["cells"] if cell]
    return None


def test_who_has_not_logged_in_is_sent_to_the_login_and_told_nothing(instance: Running) -> None:
    anonymous = requests.Session()
    page = get(instance, anonymous)
    assert page.status_code == 302
    assert "/login/" in page.headers["Location"]
    for name in ("board.json", "report.json"):
        answer = get(instance, anonymous, name)
        assert answer.status_code in (302, 401, 403)
        assert "sections" not in answer.text
    home = anonymous.get(f"{instance.superset_url}/ioc/home/", timeout=SECONDS).text
    assert "/ioc/supply/" not in home


@pytest.mark.parametrize("name", OFFICIALS)
def test_every_official_finds_the_same_board(instance: Running, supply: SmallSupply, name: str) -> None:
    session = instance.superset(Account(name, instance.passwords[name]))
    assert "Bảng theo dõi cung cấp số liệu" in get(instance, session).text
    assert 'href="/ioc/supply/"' in session.get(f"{instance.superset_url}/ioc/home/", timeout=SECONDS).text
    made = board(instance, session, agency=AGENCY, subsystem=SUBSYSTEM, calendar="day")
    assert codes(made, supply) is not None


def test_each_state_stands_in_its_column(instance: Running, leader: requests.Session, supply: SmallSupply) -> None:
    made = board(instance, leader, agency=AGENCY, subsystem=SUBSYSTEM, calendar="day")
    assert codes(made, supply) == ["la.", "oaz", "or.", "mf.", "m-.", "e-.", "s-."]
    assert [one["period"] for one in made["sections"][0]["periods"]][-7:] == list(reversed(supply.periods.values()))
    (rate,) = made["rates"]["agency"]
    assert {name: rate[name] for name in ("expected", "received", "on_time", "overdue", "returned", "excused", "due_soon")} == {
        "expected": 5, "received": 3, "on_time": 2, "overdue": 2, "returned": 1, "excused": 1, "due_soon": 1,
    }  # fmt: skip
    assert made["totals"] | {"older": 0} == {**{name: rate[name] for name in rate if name not in ("name", "title")}, "older": 0}


def test_filters_of_the_address_narrow_the_board(instance: Running, leader: requests.Session, supply: SmallSupply) -> None:
    assert codes(board(instance, leader, agency=AGENCY, late="now"), supply) is not None
    assert codes(board(instance, leader, agency="so-y-te"), supply) is None
    assert codes(board(instance, leader, agency=AGENCY, calendar="week"), supply) is None
    nothing = board(instance, leader, agency=AGENCY, subsystem=SUBSYSTEM, to="2020-01")
    assert (nothing["sections"], nothing["totals"]["reports"]) == ([], 0)


@pytest.mark.parametrize("asked", [{"from": "11/2026"}, {"calendar": "x"}, {"agency": "Sở Y tế"}, {"late": "1"}])
def test_an_address_that_cannot_be_read_is_answered_in_words(instance: Running, leader: requests.Session, asked: dict[str, str]) -> None:
    answer = get(instance, leader, "board.json", **asked)
    assert answer.status_code == 400
    assert "hãy viết" in answer.json()["message"]


def test_a_report_is_opened_with_clause_steward_events_and_where_it_is(
    instance: Running, leader: requests.Session, supply: SmallSupply
) -> None:
    told = get(instance, leader, "report.json", obligation=supply.obligation, period=supply.periods["excused"]).json()
    assert told["clause"]["title"].startswith("Điều 12")
    assert told["steward"] == "Cán bộ cung cấp số liệu, Thanh tra tỉnh"
    assert told["excuse"]["by"] == "Trưởng Ban Chỉ đạo, Văn phòng Ủy ban nhân dân tỉnh"
    assert told["excuse"]["reason"] == "Mưa lũ, mất điện"
    assert told["links"]["dataset"] == f"{instance.ckan_url}/dataset/{supply.dataset}"
    assert [event["kind"] for event in told["events"]] == ["excused"]
    zero = get(instance, leader, "report.json", obligation=supply.obligation, period=supply.periods["zero"]).json()
    assert (zero["is_zero"], zero["zero_by"]) == (True, "Nguyễn Văn An")


@pytest.mark.parametrize("period", ["2020-01-01", "", "x'; --", "\0"])
def test_a_report_that_is_not_there_is_said_to_be_not_there(
    instance: Running, leader: requests.Session, supply: SmallSupply, period: str
) -> None:
    answer = get(instance, leader, "report.json", obligation=supply.obligation, period=period)
    assert (answer.status_code, answer.json()["message"]) == (404, "Không có báo cáo này.")


def test_what_happens_is_seen_by_the_next_question(instance: Running, leader: requests.Session) -> None:
    with small_supply(instance) as other:
        asked = {"agency": AGENCY, "subsystem": SUBSYSTEM, "calendar": "day"}
        assert codes(board(instance, leader, **asked), other) == ["la.", "oaz", "or.", "mf.", "m-.", "e-.", "s-."]
        other.event("missing", "accepted", 0, details={"accepted": 5, "rejected": 0})
        assert codes(board(instance, leader, **asked), other) == ["la.", "oaz", "or.", "mf.", "la.", "e-.", "s-."]


@pytest.mark.parametrize(
    ("language", "title", "menu", "dataset"),
    [("en", "Supply board", "Data supply", "Trial of supply"), ("fr", "Tableau de la fourniture", "Fourniture des donn", "Essai de")],
)
def test_it_speaks_the_viewers_language(instance: Running, supply: SmallSupply, language: str, title: str, menu: str, dataset: str) -> None:
    session = instance.superset(instance.leader)
    session.get(f"{instance.superset_url}/lang/{language}", timeout=SECONDS)
    page = get(instance, session).text
    assert title in page
    assert menu in page
    assert dataset in get(instance, session, "report.json", obligation=supply.obligation, period=supply.periods["late"]).json()["dataset"]
    session.get(f"{instance.superset_url}/lang/vi", timeout=SECONDS)


def test_the_page_loads_nothing_that_its_headers_forbid(instance: Running, leader: requests.Session) -> None:
    page = get(instance, leader)
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
    assert "nonce" in page.text
    assert get(instance, leader, "board.json").headers["Cache-Control"] == "no-store"
