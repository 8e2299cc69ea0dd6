"""The supply board as its page shows it: what is late in one sentence, the two rates, and the matrix of reports, worst first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import dropwhile
from typing import Any

from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar
from datasets.model.period import periods
from superset_ioc.supply.board_store import COUNTED, Read
from superset_ioc.supply.filters import MOST_PERIODS, Span
from superset_ioc.supply.texts import CALENDARS
from superset_ioc.words import moment, period

WEEKDAYS = {
    "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "fr": ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
}
HEADS = {  # number of the period, and the year below it
    "vi": {"week": "Tuần {1}", "month": "T{1}", "quarter": "Quý {1}"},
    "en": {"week": "W{1}", "month": "{1}", "quarter": "Q{1}"},
    "fr": {"week": "S{1}", "month": "{1}", "quarter": "T{1}"},
}

Row = dict[str, Any]


def named(row: Mapping[str, Any], language: str) -> str:
    """Title of a row with title, title_en and title_fr."""
    title: str = row["title"] if language == "vi" else (row[f"title_{language}"] or row["title"])
    return title


def head(calendar: Calendar, starts: dt.date, text: str, language: str) -> list[str]:
    """Two short lines above a column: ["23/11", "T2"], ["Tuần 47", "2026"]."""
    if calendar is Calendar.DAY:
        return [f"{starts:%d/%m}", WEEKDAYS[language][starts.weekday()]]
    if calendar in (Calendar.YEAR, Calendar.ADMINISTRATIVE_YEAR):
        return [text[:4], ""]
    if calendar is Calendar.SCHOOL_YEAR:
        return [text.replace("-", "–"), ""]
    year, _, number = text.rstrip("A").partition("-")
    kind = calendar.value.removeprefix("administrative-")
    return [HEADS[language][kind].format(year, int(number.lstrip("WQ"))), year]


def worst_first(row: Row) -> tuple[Any, ...]:
    """Order of what was counted: most late now, most returned, lowest rates, most received late."""
    expected = row["expected"] or 1
    shares = (row["received"] / expected, row["on_time"] / expected) if row["expected"] else (2.0, 2.0)
    return (-row["overdue"], -row["returned"], *shares, -row["late"])


def summed(rows: Iterable[Row], key: str) -> dict[str, Row]:
    """Counts by what `key` names; `""` sums all."""
    found: dict[str, Row] = {}
    for row in rows:
        into = found.setdefault(row[key] if key else "", dict.fromkeys(COUNTED, 0))
        for name in COUNTED:
            into[name] += row[name]
    return found


def board(read: Read, language: str, subsystems: Mapping[str, str]) -> Row:
    """What `/ioc/supply/board.json` answers; `subsystems` gives the titles of the declared ones, in their order."""
    agencies = {one["agency"]: named(one, language) for one in read.options.agencies}
    owing = {one["subsystem"]: named(one, language) if one["title"] else one["subsystem"] for one in read.options.subsystems}
    titles = {**{name: title for name, title in subsystems.items() if name in owing}, **owing, **subsystems}
    rates = {"agency": _rates(read, "agency", agencies), "subsystem": _rates(read, "subsystem", titles)}
    totals = summed(read.counts, "").get("", dict.fromkeys(COUNTED, 0))
    older = sum(row["overdue"] for row in read.older)
    order = {one["name"]: place for place, one in enumerate(rates["agency"])}
    sections = [_section(read, span, agencies, titles, order, language) for span in read.spans]
    return {
        "now": moment(read.options.now),
        "totals": {**totals, "overdue": totals["overdue"] + older, "older": older},
        "rates": rates,
        "sections": [section for section in sections if section["obligations"]],
        "options": _options(read, agencies, {name: titles[name] for name in titles if name in owing}, language),
    }


def _rates(read: Read, key: str, titles: Mapping[str, str]) -> list[Row]:
    """Counts of the reports shown, worst first; `overdue` holds those too that are late now and belong to earlier periods."""
    counted = summed(read.counts, key)
    for row in read.older:
        counted.setdefault(row[key], dict.fromkeys(COUNTED, 0))["overdue"] += row["overdue"]
    rows = [{"name": name, "title": titles.get(name, name), **row} for name, row in counted.items()]
    return sorted(rows, key=lambda row: (*worst_first(row), row["title"]))


def _options(read: Read, agencies: Mapping[str, str], subsystems: Mapping[str, str], language: str) -> Row:
    today = read.options.now.astimezone(ZONE).date()
    months = [one.text for one in periods(Calendar.MONTH, read.options.earliest or today, today)]
    there = set(read.options.calendars)
    return {
        "agency": [[name, title] for name, title in agencies.items()],
        "subsystem": [[name, title] for name, title in subsystems.items()],
        "calendar": [[one.value, CALENDARS[language][one]] for one in Calendar if one.value in there],
        "month": [[text, f"{text[5:]}/{text[:4]}"] for text in reversed(months[-MOST_PERIODS:])],
    }


def _section(
    read: Read, span: Span, agencies: Mapping[str, str], subsystems: Mapping[str, str], order: Mapping[str, int], language: str
) -> Row:
    """One calendar's part of the matrix: its periods, and below them agencies with their datasets, or agencies alone."""
    name = span.calendar.value
    owed = {text for row in read.rows if row["calendar"] == name for text in row["periods"]}
    owed |= {row["period"] for row in read.by_period if row["calendar"] == name}
    shown = list(dropwhile(lambda one: one.text not in owed, periods(span.calendar, span.first, span.last)))  # not before anything was owed
    column = {one.text: place for place, one in enumerate(shown)}
    counts = [row for row in read.counts if row["calendar"] == name]
    of_agency = summed(counts, "agency")
    obligations = sum(row["obligations"] for row in counts)
    rows = [row for row in read.rows if row["calendar"] == name]
    by_period = [row for row in read.by_period if row["calendar"] == name]
    groups = _counted_groups(by_period, column) if by_period else _groups_of_datasets(rows, column, subsystems, language)
    by_name = {
        agency: {"name": agency, "title": agencies.get(agency, agency), **of_agency[agency], **group} for agency, group in groups.items()
    }
    return {
        "calendar": name,
        "title": CALENDARS[language][span.calendar],
        "is_cut": span.is_cut,
        "is_counted": bool(by_period),
        "obligations": obligations,
        "of_all": rows[0]["of_all"] if rows else 0,
        "shown": len(rows),
        "periods": [
            {"period": one.text, "title": period(name, one.starts, language), "head": head(span.calendar, one.starts, one.text, language)}
            for one in shown
        ],
        "groups": sorted(by_name.values(), key=lambda group: (order.get(group["name"], len(order)), group["title"])),
    }


def _counted_groups(rows: Sequence[Row], column: Mapping[str, int]) -> dict[str, Row]:
    """By agency its counts in each column; None where nothing is owed."""
    groups: dict[str, Row] = {}
    for row in rows:
        cells = groups.setdefault(row["agency"], {"counts": [None] * len(column)})["counts"]
        if row["period"] in column:
            cells[column[row["period"]]] = [row[name] for name in COUNTED]
    return groups


def _groups_of_datasets(rows: Sequence[Row], column: Mapping[str, int], subsystems: Mapping[str, str], language: str) -> dict[str, Row]:
    """By agency its datasets, worst first, each with the codes of its reports; "" where nothing is owed."""
    groups: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (-row["overdue"], -row["late"], named(row, language))):
        cells = [""] * len(column)
        for text, code in zip(row["periods"], row["codes"], strict=True):
            if text in column:
                cells[column[text]] = code
        dataset = {
            "obligation": row["obligation"],
            "title": named(row, language),
            "subsystem": subsystems.get(row["subsystem"], row["subsystem"]),
            "cells": cells,
        }
        groups.setdefault(row["agency"], {"datasets": []})["datasets"].append(dataset)
    return groups
