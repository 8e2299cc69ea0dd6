"""One expected report as the board opens it: clause, steward, due moment, what happened to it, deliveries, and where they are in CKAN."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from datasets.model.reference import Reference
from datasets.model.table_schema import Translations
from superset_ioc.portal import address_of
from superset_ioc.supply.texts import due_rule
from superset_ioc.words import day, moment, period

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""
Row = dict[str, Any]

# One row: the report, its obligation and its events with the editions they made.
REPORT = """
SELECT to_jsonb(s), (
    SELECT jsonb_agg(to_jsonb(e) || jsonb_build_object('edition', n.edition) ORDER BY e.event)
    FROM supply.event e LEFT JOIN ledger.edition n ON n.load_id = e.load_id WHERE e.report = s.report)
FROM supply.state s WHERE s.obligation = %(obligation)s AND s.period = %(period)s
"""
DELIVERED = ("accepted", "zero", "refused")


def read_report(ask: Ask, obligation: str, period_: str) -> tuple[Row, list[Row]] | None:
    """The report's state and its events in order; None when there is no such report. Raises what asking raises."""
    found = ask(REPORT, {"obligation": obligation, "period": period_})
    return (found[0][0], found[0][1] or []) if found else None


def spoken_of(vietnamese: str, translations: Translations, language: str) -> str:
    """The text in a language; the Vietnamese one where that is missing."""
    translated = {"vi": vietnamese, "en": translations.en, "fr": translations.fr}[language]
    return translated or vietnamese


def _at(value: str | None) -> str | None:
    return moment(dt.datetime.fromisoformat(value)) if value else None


def _title(row: Row, key: str, language: str) -> str:
    titled: str = row[key] if language == "vi" else (row[f"{key}_{language}"] or row[key])
    return titled


def position_words(name: str | None, reference: Reference, language: str) -> str:
    """`so-y-te/chanh-van-phong` in words: "Chánh Văn phòng, Sở Y tế"; what is no position stays as it is."""
    if not name:
        return ""
    position = reference.positions.get(name)
    if position is None:
        return name
    agency = reference.agencies.get(name.split("/")[0])
    words = spoken_of(position.title, position.titles, language)
    return f"{words}, {spoken_of(agency.title, agency.titles, language)}" if agency else words


def clause_words(name: str, reference: Reference, language: str) -> Row | None:
    """The clause `quy-che-ioc/dieu-12` with its regulation; None when it is no longer there."""
    of, _, which = name.partition("/")
    regulation = reference.regulations.get(of)
    clause = next((one for one in regulation.clauses if one.name == which), None) if regulation else None
    if regulation is None or clause is None:
        return None
    article = f"{clause.article}. {clause.title}" if language == "vi" else clause.article
    return {
        "title": article,
        "text": spoken_of(clause.text, clause.texts, language),
        "regulation": f"{spoken_of(regulation.title, regulation.titles, language)}, {regulation.number}, {day(regulation.adopted)}",
        "is_model": regulation.model,
    }


def report(state: Row, events: Sequence[Row], language: str, reference: Reference, subsystem: str | None, portal: str) -> Row:
    """What `/ioc/supply/report.json` answers; moments are words, `portal` has no slash at its end."""
    now = dt.datetime.fromisoformat(state["moment"])
    effective = max(filter(None, (state["due_at"], state["excused_until"])), key=dt.datetime.fromisoformat)
    since = dt.datetime.fromisoformat(state["received_at"]) if state["received_at"] else now
    return {
        "dataset": _title(state, "title", language),
        "agency": _title(state, "agency_title", language) if state["agency_title"] else state["agency"],
        "subsystem": subsystem or state["subsystem"],
        "period": period(state["calendar"], dt.date.fromisoformat(state["starts"]), language),
        "punctuality": state["punctuality"],
        "quality": state["quality"],
        "is_zero": state["is_zero"],
        "hours": int((since - dt.datetime.fromisoformat(effective)).total_seconds() // 3600),
        "simulated": state["simulated"],
        "due_at": _at(state["due_at"]),
        "due_rule": due_rule(state["due_rule"], language),
        "received_at": _at(state["received_at"]),
        "edition": state["edition"],
        "rows": [state["rows_accepted"], state["rows_rejected"]],
        "units": [state["units_present"], state["units_expected"]] if state["units_expected"] else None,
        "zero_by": state["zero_by"],
        "excuse": _excuse(state, reference, language),
        "steward": position_words(state["steward"], reference, language),
        "clause": clause_words(state["clause"], reference, language),
        "events": [_event(event, reference, language) for event in events],
        "deliveries": [_delivery(event, state["dataset"], portal) for event in reversed(events) if event["kind"] in DELIVERED],
        "links": {
            "dataset": address_of(portal, state["dataset"]),
            "delivery": _resource(state["dataset"], state["ckan_resource"], portal),
            "desk": f"{portal}/ioc/desk/{state['dataset']}/{state['agency']}/{quote(state['period'])}",
        },
    }


def _excuse(state: Row, reference: Reference, language: str) -> Row | None:
    if not state["excused_until"] or not state["excused_by"]:
        return None
    by = position_words(state["excused_by"], reference, language)
    return {"until": _at(state["excused_until"]), "by": by, "reason": state["excuse_reason"] or ""}


def _event(event: Row, reference: Reference, language: str) -> Row:
    return {
        "kind": event["kind"],
        "at": _at(event["at"]),
        "received_at": _at(event["received_at"]),
        "by": position_words(event["by"], reference, language),
        "until": _at(event["until"]),
        "note": event["note"] or "",
        "rejected": event["details"].get("rejected") or 0,
        "edition": event["edition"],
    }


def _delivery(event: Row, dataset: str, portal: str) -> Row:
    details = event["details"]
    return {
        "kind": event["kind"],
        "at": _at(event["received_at"] or event["at"]),
        "edition": event["edition"] if event["kind"] != "refused" else None,
        "accepted": details.get("accepted"),
        "rejected": details.get("rejected"),
        "address": _resource(dataset, event["ckan_resource"], portal),
    }


def _resource(dataset: str, resource: str | None, portal: str) -> str | None:
    return address_of(portal, dataset, resource) if resource else None
