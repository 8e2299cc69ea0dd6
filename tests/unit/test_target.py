"""What a period is held against: the target that is valid then, and of a paced one the part for the year so far."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from datasets.model.calendar_name import Calendar
from datasets.model.indicator import Indicator
from datasets.model.target import elapsed_share, target_metric

pytestmark = pytest.mark.unit

BASIS = {"kind": "proposed"}


def indicator(*targets: dict[str, Any]) -> Indicator:
    said = {"title": "Tỷ lệ", "titles": {"en": "Rate"}, "method": {"vi": "Tỷ lệ"}, "unit": "%", "value": "cases", "direction": "up"}
    return Indicator.model_validate({**said, "targets": [{"basis": BASIS, **target} for target in targets]})


def test_a_target_holds_from_its_day_until_the_next() -> None:
    targets = (
        {"value": 85, "from": "2021-01-01", "to": "2022-01-01"},
        {"value": 82.5, "from": "2022-01-01"},
        {"value": 70, "from": "2022-01-01", "unit": "16681"},
    )
    assert target_metric(indicator(*targets), Calendar.WEEK) == (
        "CASE WHEN MAX(period_starts) >= DATE '2021-01-01' AND MAX(period_starts) < DATE '2022-01-01' THEN 85"
        " WHEN MAX(period_starts) >= DATE '2022-01-01' THEN 82.5 END"
    )
    assert target_metric(indicator(), Calendar.WEEK) is None


def test_a_paced_target_of_a_month_is_the_part_for_the_days_up_to_its_end() -> None:
    month = target_metric(indicator({"value": 95, "paced": True, "from": "2021-01-01"}), Calendar.MONTH)
    assert month is not None and "(MAX(period_starts) + INTERVAL '1 month')" in month and "THEN 95 * CAST(" in month


@pytest.mark.parametrize("calendar", [Calendar.YEAR, Calendar.ADMINISTRATIVE_YEAR, Calendar.SCHOOL_YEAR])
def test_a_paced_target_of_a_year_is_the_whole(calendar: Calendar) -> None:
    assert (target_metric(indicator({"value": 95, "paced": True, "from": "2021-01-01"}), calendar) or "").endswith("THEN 95 END")


@pytest.mark.parametrize(
    ("calendar", "starts", "days", "of"),
    [
        (Calendar.DAY, "2026-01-01", 1, 365),
        (Calendar.MONTH, "2026-10-01", 304, 365),  # 31+28+31+30+31+30+31+31+30+31
        (Calendar.MONTH, "2024-02-01", 60, 366),
        (Calendar.MONTH, "2026-12-01", 365, 365),
        (Calendar.QUARTER, "2026-07-01", 273, 365),
        (Calendar.WEEK, "2025-12-29", 4, 365),  # Monday 29 December to Sunday 4 January: it belongs to 2026
        (Calendar.YEAR, "2026-01-01", 365, 365),
        (Calendar.ADMINISTRATIVE_MONTH, "2025-12-15", 31, 365),  # 15 December to 14 January, the first of 2026
        (Calendar.ADMINISTRATIVE_QUARTER, "2026-09-15", 365, 365),
        (Calendar.ADMINISTRATIVE_YEAR, "2025-12-15", 365, 365),
        (Calendar.SCHOOL_YEAR, "2025-08-01", 365, 365),
    ],
)
def test_the_share_of_the_year_that_has_passed_is_counted_in_days(calendar: Calendar, starts: str, days: int, of: int) -> None:
    assert elapsed_share(calendar, dt.date.fromisoformat(starts)) == days / of
