"""Words of the supply board and of an obligation, in the three languages: `words/<language>.yaml`, and names of calendars."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from datasets.model.contract import Calendar

WORDS = Path(__file__).resolve().parent / "words"


@cache
def texts(language: str) -> dict[str, str]:
    """Every text of one of the languages, by its name."""
    found: dict[str, str] = yaml.safe_load((WORDS / f"{language}.yaml").read_text(encoding="utf-8"))
    return found


CALENDARS = {
    "vi": {
        Calendar.DAY: "Hằng ngày",
        Calendar.WEEK: "Hằng tuần",
        Calendar.MONTH: "Hằng tháng",
        Calendar.QUARTER: "Hằng quý",
        Calendar.YEAR: "Hằng năm",
        Calendar.ADMINISTRATIVE_MONTH: "Tháng hành chính",
        Calendar.ADMINISTRATIVE_QUARTER: "Quý hành chính",
        Calendar.ADMINISTRATIVE_YEAR: "Năm hành chính",
        Calendar.SCHOOL_YEAR: "Năm học",
    },
    "en": {
        Calendar.DAY: "Daily",
        Calendar.WEEK: "Weekly",
        Calendar.MONTH: "Monthly",
        Calendar.QUARTER: "Quarterly",
        Calendar.YEAR: "Yearly",
        Calendar.ADMINISTRATIVE_MONTH: "Administrative month",
        Calendar.ADMINISTRATIVE_QUARTER: "Administrative quarter",
        Calendar.ADMINISTRATIVE_YEAR: "Administrative year",
        Calendar.SCHOOL_YEAR: "School year",
    },
    "fr": {
        Calendar.DAY: "Chaque jour",
        Calendar.WEEK: "Chaque semaine",
        Calendar.MONTH: "Chaque mois",
        Calendar.QUARTER: "Chaque trimestre",
        Calendar.YEAR: "Chaque année",
        Calendar.ADMINISTRATIVE_MONTH: "Mois administratif",
        Calendar.ADMINISTRATIVE_QUARTER: "Trimestre administratif",
        Calendar.ADMINISTRATIVE_YEAR: "Année administrative",
        Calendar.SCHOOL_YEAR: "Année scolaire",
    },
}

RULE = re.compile(r"(?:\+(\d+)(wd|d) )?(\d{2}:\d{2})")


def due_rule(rule: str, language: str) -> str:
    """A contract's due rule in words: "+3wd 17:00" is "3 ngày làm việc sau khi hết kỳ, 17:00"; one of another form stays as it is."""
    found = RULE.fullmatch(rule)
    if found is None:
        return rule
    count, kind, time = found.groups()
    key = {None: "day_of_period", "d": "days_after", "wd": "working_days_after"}[kind]
    return texts(language)[key].format(n=count, time=time)
