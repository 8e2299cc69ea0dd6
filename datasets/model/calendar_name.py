"""Names of the calendars by which deliveries, obligations, measures and indicators are counted."""

from __future__ import annotations

from enum import StrEnum


class Calendar(StrEnum):
    """Calendar by which deliveries, obligations and measures are counted."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ADMINISTRATIVE_MONTH = "administrative-month"
    ADMINISTRATIVE_QUARTER = "administrative-quarter"
    ADMINISTRATIVE_YEAR = "administrative-year"
    SCHOOL_YEAR = "school-year"
