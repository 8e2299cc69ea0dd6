"""Numbers, days and periods as people read them, in the three languages. Numbers and days are written the Vietnamese way in all of them.

The browser's charts say the same periods with `static/charts/figures.js`; a test holds that both agree.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar
from datasets.model.period import PATTERNS, bounds, period_of

LANGUAGES = ("vi", "en", "fr")
# {0} and {1} are the numbers of the period as it is written: 2026-11, 2026-W47, 2026-2027.
PERIODS = {
    "vi": {
        Calendar.DAY: "{2}/{1}/{0}",
        Calendar.WEEK: "Tuần {1}/{0}",
        Calendar.MONTH: "Tháng {1}/{0}",
        Calendar.QUARTER: "Quý {1}/{0}",
        Calendar.YEAR: "Năm {0}",
        Calendar.ADMINISTRATIVE_MONTH: "Tháng hành chính {1}/{0}",
        Calendar.ADMINISTRATIVE_QUARTER: "Quý hành chính {1}/{0}",
        Calendar.ADMINISTRATIVE_YEAR: "Năm hành chính {0}",
        Calendar.SCHOOL_YEAR: "Năm học {0}–{1}",
    },
    "en": {
        Calendar.DAY: "{2}/{1}/{0}",
        Calendar.WEEK: "Week {1}/{0}",
        Calendar.MONTH: "Month {1}/{0}",
        Calendar.QUARTER: "Quarter {1}/{0}",
        Calendar.YEAR: "Year {0}",
        Calendar.ADMINISTRATIVE_MONTH: "Administrative month {1}/{0}",
        Calendar.ADMINISTRATIVE_QUARTER: "Administrative quarter {1}/{0}",
        Calendar.ADMINISTRATIVE_YEAR: "Administrative year {0}",
        Calendar.SCHOOL_YEAR: "School year {0}–{1}",
    },
    "fr": {
        Calendar.DAY: "{2}/{1}/{0}",
        Calendar.WEEK: "Semaine {1}/{0}",
        Calendar.MONTH: "Mois {1}/{0}",
        Calendar.QUARTER: "Trimestre {1}/{0}",
        Calendar.YEAR: "Année {0}",
        Calendar.ADMINISTRATIVE_MONTH: "Mois administratif {1}/{0}",
        Calendar.ADMINISTRATIVE_QUARTER: "Trimestre administratif {1}/{0}",
        Calendar.ADMINISTRATIVE_YEAR: "Année administrative {0}",
        Calendar.SCHOOL_YEAR: "Année scolaire {0}–{1}",
    },
}


def spoken(language: str | None) -> str:
    """One of LANGUAGES; Vietnamese for any other."""
    short = (language or "vi")[:2]
    return short if short in LANGUAGES else "vi"


def number(value: Decimal | float, decimals: int, is_signed: bool = False) -> str:
    """1.234,5: the decimals are always written, halves go away from zero, and a rounded zero has no sign.

    A plus is written too where the number `is_signed`.
    """
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    sign = "+" if is_signed and rounded > 0 else ""
    text = f"{sign}{abs(rounded) if rounded == 0 else rounded:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,"))


def day(value: dt.date) -> str:
    """22/11/2026."""
    return f"{value:%d/%m/%Y}"


def moment(value: dt.datetime) -> str:
    """08:05 22/11/2026, by the province's clock."""
    return f"{value.astimezone(ZONE):%H:%M %d/%m/%Y}"


def period(calendar: str, starts: dt.date, language: str) -> str:
    """The period of the calendar that begins on this day, in words: "Tuần 47/2026"."""
    known = Calendar(calendar)
    text = period_of(known, starts)
    found = re.fullmatch(PATTERNS[known], text)
    if found is None:
        raise ValueError(f"{text} is no period of the calendar {calendar}")
    numbers = found.groups() if known is Calendar.DAY else [str(int(part)) for part in found.groups()]
    return PERIODS[language][known].format(*numbers)


def last_day(calendar: str, starts: dt.date) -> dt.date:
    """Last day of the period of the calendar that begins on this day."""
    known = Calendar(calendar)
    return bounds(known, period_of(known, starts))[1] - dt.timedelta(days=1)
