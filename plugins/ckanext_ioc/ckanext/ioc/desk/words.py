"""What the desk service answers in codes, as words of the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar
from datasets.model.period import bounds, calendar_of

from .. import agencies
from ..receipt_views import readable
from ..texts import day, here, language
from .service import ServiceRefused

COLOURS = {"late": "bad", "missing": "bad", "due_soon": "watch", "excused": "grey", "not_due": "grey", "on_time": "good"}
LAST_DAY = timedelta(days=1)
KNOWN_REFUSALS = frozenset({"not_found", "unknown_dataset", "nothing_rejected", "too_large", "bad_request", "no_form", "no_template"})
"""Codes of the service that have words of their own."""

UNREADABLE = 422
"""Status with which the service refuses what the harvest would refuse too, by the same codes."""


def period_text(period: str) -> str:
    """A period as people say it: "ngày 23/11/2026", "tuần 47 năm 2026 (16/11–22/11/2026)", "tháng 11/2026"."""
    try:
        calendar = calendar_of(period)
    except ValueError:
        return period
    starts, ends = bounds(calendar, period)
    first, last = day(starts), day(ends - LAST_DAY)
    if calendar is Calendar.DAY:
        return here("desk.period.day", day=first)
    names = _numbers(calendar, period, starts, ends)
    return here(f"desk.period.{calendar.value}", first=first, last=last, **names)


def _numbers(calendar: Calendar, period: str, starts: date, ends: date) -> dict[str, Any]:
    """Numbers that the name of a period holds."""
    last = ends - LAST_DAY
    match calendar:
        case Calendar.WEEK:
            iso = starts.isocalendar()
            return {"number": iso.week, "year": iso.year}
        case Calendar.QUARTER | Calendar.ADMINISTRATIVE_QUARTER:
            return {"number": (last.month + 2) // 3, "year": last.year}
        case Calendar.SCHOOL_YEAR:
            return {"number": "", "year": period}
        case _:
            return {"number": last.month, "year": last.year}


def local(text: str | None) -> datetime | None:
    """A moment of the service (ISO 8601 with a zone) on the province's clock."""
    return datetime.fromisoformat(text).astimezone(ZONE) if text else None


def moment(found: datetime, now: datetime | None = None) -> str:
    """A moment as the reader writes it; of today and tomorrow by that word: "17:00 hôm nay"."""
    if now is not None:
        away = (found.date() - now.astimezone(ZONE).date()).days
        word = {0: "desk.today", 1: "desk.tomorrow", -1: "desk.yesterday"}.get(away)
        if word is not None:
            return here(word, time=f"{found:%H:%M}")
    return f"{found:%H:%M} {day(found)}"


def state(report: Mapping[str, Any], now: datetime | None) -> dict[str, str]:
    """Punctuality × quality in plain words: {"label", "colour", "sentence"}; without `now` every day is written out."""
    punctuality, quality = str(report["punctuality"]), str(report.get("quality") or "none")
    due = local(report["due_at"])
    received = local(report.get("received_at"))
    until = local(report.get("excused_until"))
    params = {
        "due": moment(due, now) if due else "",
        "received": moment(received, now) if received else "",
        "until": moment(until, now) if until else "",
        "by": position(report),
    }
    if quality == "refused":
        code = "refused_missing" if punctuality in ("missing", "late") else "refused"
        return {"label": here("desk.state.refused"), "colour": "bad", "sentence": here(f"desk.sentence.{code}", **params)}
    if report.get("is_zero"):
        code = f"zero_{'late' if punctuality == 'late' else 'on_time'}"
    elif received is not None:
        code = f"{'rejects' if quality == 'accepted_with_rejects' else 'accepted'}_{'late' if punctuality == 'late' else 'on_time'}"
    else:
        code = punctuality
    colour = (
        "watch"
        if code in ("rejects_on_time", "rejects_late", "accepted_late", "zero_late")
        else "good"
        if received
        else COLOURS[punctuality]
    )
    return {"label": here(f"desk.state.{code}"), "colour": colour, "sentence": here(f"desk.sentence.{code}", **params)}


def position(report: Mapping[str, Any]) -> str:
    """Who excused: the position's title where it is told, and its agency's."""
    lang = language()
    agency = str(report.get("excused_by") or "").partition("/")[0]
    told = report.get(f"excused_by_title_{lang}") or report.get("excused_by_title")
    return ", ".join(part for part in (told, agencies.title(agency, lang) if agency else "") if part)


def title(report: Mapping[str, Any]) -> str:
    """Title of the report's dataset in the reader's language."""
    lang = language()
    return str((report.get(f"title_{lang}") if lang != "vi" else None) or report.get("title") or report["dataset"])


def refusal(code: str, params: Mapping[str, Any] | None) -> str:
    """Why a file would be refused and what to do."""
    return here(f"refused.{code}", **readable(dict(params or {})))


def problem(found: Mapping[str, Any]) -> str:
    """What is wrong with a cell and what to write."""
    params = {**readable(found.get("params")), "column": found.get("column") or "", "value": found.get("value") or ""}
    return here(f"rule.{found['rule']}", **params)


def facts(report: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What the pages say about one report: its state, its due moment, its period; `…_in_full` for paper, on which "today" goes stale."""
    due = local(report["due_at"])
    return {
        "state": state(report, now),
        "due": moment(due, now) if due else "",
        "due_in_full": moment(due) if due else "",
        "sentence_in_full": state(report, None)["sentence"],
        "due_day": f"{due:%Y-%m-%d}" if due else "",
        "period_words": period_text(str(report["period"])),
        "title": title(report),
        "units": f"{report['units_present']}/{report['units_expected']}" if report.get("units_expected") else "",
    }


def service_refusal(error: ServiceRefused) -> str:
    """Why the service will not do what was asked (ServiceRefused), in words."""
    if error.status == UNREADABLE:
        return refusal(error.code, error.params)
    if error.code in KNOWN_REFUSALS:
        return here(f"desk.refused.{error.code}", **readable(dict(error.params)))
    return here("desk.service_refused", reason=error.code)


def check(answer: Mapping[str, Any], file: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """The answer of a check, put into words for the templates: its rows of errors and warnings, and what comes next.

    `titles`: what the columns mean, by their names.
    """
    state_name = str(answer["state"])
    code = answer.get("refused_code")
    accepted, rejected = int(answer.get("accepted") or 0), int(answer.get("rejected") or 0)
    return {
        **answer,
        "file": file,
        "colour": {"ok": "good", "ok_with_rejects": "watch"}.get(state_name, "bad"),
        "label": here(f"desk.check.{state_name}", accepted=accepted, rejected=rejected),
        "refusal": refusal(str(code), answer.get("params")) if code else None,
        "lines": [_line(found, titles) for found in answer.get("problems") or []],
        "cautions": [_line(found, titles) for found in answer.get("warnings") or []],
        "notes_said": [_note(note) for note in answer.get("notes") or []],
        "confirm": here("desk.confirm_rejects", accepted=accepted, rejected=rejected) if state_name == "ok_with_rejects" else None,
    }


def _note(note: Mapping[str, Any]) -> str:
    """A word on the whole file; the periods in it as people say them."""
    params = {name: period_text(value) if name in ("period", "found") else value for name, value in readable(note.get("params")).items()}
    return here(f"desk.note.{note['code']}", **params)


def _line(found: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    example = found.get("example")
    meaning = titles.get(str(found.get("field") or found.get("column") or ""), "")
    return {**found, "text": problem(found), "meaning": meaning, "example": "" if example is None else str(example)}
