"""One obligation's report as the board opens it: clause, steward, due moment, excuse, what happened, and where its deliveries are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from datasets.model.calendar import ZONE
from datasets.model.reference import read_reference
from superset_ioc.supply.obligation import clause_words, position_words, report
from superset_ioc.supply.texts import due_rule
from superset_ioc.words import LANGUAGES

NOW = dt.datetime(2026, 11, 23, 11, 0, tzinfo=ZONE)

pytestmark = pytest.mark.unit


def state(**more: Any) -> dict[str, Any]:
    return {
        "obligation": "health-bed-days@so-y-te", "dataset": "health-bed-days", "agency": "so-y-te", "subsystem": "health",
        "calendar": "day", "period": "2026-11-20", "starts": "2026-11-20", "title": "Giường bệnh", "title_en": "Beds", "title_fr": None,
        "agency_title": "Sở Y tế", "agency_title_en": None, "agency_title_fr": None, "clause": "quy-che-ioc/dieu-12",
        "due_rule": "17:00", "due_at": "2026-11-20T10:00:00+00:00", "moment": NOW.isoformat(), "received_at": None, "excused_until": None,
        "excused_by": None, "excuse_reason": None, "punctuality": "missing", "quality": "none", "is_zero": False, "simulated": False,
        "edition": None, "rows_accepted": None, "rows_rejected": None, "units_present": None, "units_expected": None, "zero_by": None,
        "steward": "so-y-te/truong-phong-nghiep-vu-y", "ckan_resource": None, **more,
    }  # fmt: skip


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind, "at": "2026-11-20T11:00:00+00:00", "received_at": None, "by": None, "until": None, "note": None, "details": {},
        "edition": None, "ckan_resource": "abc", **more,
    }  # fmt: skip


def told(found: dict[str, Any], events: list[dict[str, Any]], language: str = "vi") -> dict[str, Any]:
    return report(found, events, language, read_reference(), "Y tế", "http://portal")


def test_an_obligation_names_clause_steward_due_moment_and_how_long_it_is_late() -> None:
    made = told(state(), [])
    assert made["clause"]["title"].startswith("Điều 12. ")
    assert "thời hạn" in made["clause"]["text"]
    assert made["steward"] == "Trưởng phòng Nghiệp vụ Y, Sở Y tế"
    assert (made["due_at"], made["due_rule"]) == ("17:00 20/11/2026", "ngày cuối kỳ, 17:00")
    assert (made["period"], made["hours"]) == ("20/11/2026", 66)
    assert made["links"]["dataset"] == "http://portal/dataset/health-bed-days"
    assert made["links"]["desk"] == "http://portal/ioc/desk/health-bed-days/so-y-te/2026-11-20"
    assert made["links"]["delivery"] is None


def test_deliveries_are_told_newest_first_with_editions_and_where_they_are() -> None:
    events = [
        event("refused", details={"refused_code": "header"}, ckan_resource="one"),
        event(
            "accepted", received_at="2026-11-20T10:30:00+00:00", edition=12, details={"accepted": 40, "rejected": 2}, ckan_resource="two"
        ),
    ]
    made = told(state(punctuality="late", quality="accepted_with_rejects", received_at="2026-11-20T10:30:00+00:00"), events)
    assert [one["kind"] for one in made["deliveries"]] == ["accepted", "refused"]
    assert made["deliveries"][0]["address"] == "http://portal/dataset/health-bed-days/resource/two"
    assert (made["deliveries"][0]["edition"], made["deliveries"][0]["accepted"], made["deliveries"][0]["rejected"]) == (12, 40, 2)
    assert [one["at"] for one in made["events"]] == ["18:00 20/11/2026"] * 2
    assert made["hours"] == 0


def test_an_excuse_is_told_with_position_moment_and_reason() -> None:
    until = "2026-11-24T10:00:00+00:00"
    by = "van-phong-ubnd-tinh/ban-chi-dao-truong-ban"
    made = told(state(punctuality="excused", excused_until=until, excused_by=by, excuse_reason="Mưa lũ"), [])
    assert made["excuse"] == {"until": "17:00 24/11/2026", "by": "Trưởng Ban Chỉ đạo, Văn phòng Ủy ban nhân dân tỉnh", "reason": "Mưa lũ"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_clause_of_the_regulation_can_be_shown(language: str) -> None:
    reference = read_reference()
    assert reference.clauses
    for basis in reference.clauses:
        made = clause_words(basis, reference, language)
        assert made is not None
        assert made["text"]
        assert made["regulation"]


def test_what_is_no_longer_in_the_reference_does_not_break_an_obligation() -> None:
    reference = read_reference()
    assert clause_words("quy-che-ioc/dieu-999", reference, "vi") is None
    assert clause_words("another", reference, "vi") is None
    assert position_words("nobody/nothing", reference, "vi") == "nobody/nothing"
    assert position_words("Nguyễn Văn A (editor-so-y-te)", reference, "vi") == "Nguyễn Văn A (editor-so-y-te)"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("17:00", "ngày cuối kỳ, 17:00"),
        ("+10d 17:00", "10 ngày sau khi hết kỳ, 17:00"),
        ("+3wd 08:30", "3 ngày làm việc sau khi hết kỳ, 08:30"),
        ("one day", "one day"),
    ],
)
def test_a_due_rule_is_told_in_words(rule: str, says: str) -> None:
    assert due_rule(rule, "vi") == says
