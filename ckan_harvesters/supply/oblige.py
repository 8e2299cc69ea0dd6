"""Obligations: what contracts say that agencies owe, brought into the store with the reports that follow from it.

A rule that changes never makes anyone late for what was due before: only due moments that lie ahead move, and only to moments ahead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from ckan_harvesters.clock import store_now
from ckan_harvesters.measure.lock import alone_with_contract
from ckan_harvesters.supply.reports import Wanted, local_day, make
from datasets.model.contract import Contract, Resource
from datasets.model.obligation import due_at, in_force
from datasets.model.period import bounds, period_of
from datasets.model.reference import Reference

SAID = (
    "contract",
    "dataset",
    "view_name",
    "subsystem",
    "agency",
    "clause",
    "calendar",
    "due_rule",
    "scope",
    "access",
    "steward",
    "localities",
    "title",
    "title_en",
    "title_fr",
    "valid_from",
    "valid_to",
)
"""Columns of supply.obligation that a contract says."""
COLUMNS = ("obligation", *SAID, "first_seen")

THERE = "SELECT * FROM supply.obligation WHERE contract = %s ORDER BY obligation"
SET = f"""
INSERT INTO supply.obligation AS o ({", ".join(COLUMNS)}) VALUES ({", ".join(f"%({c})s" for c in COLUMNS)})
ON CONFLICT (obligation) DO UPDATE SET ({", ".join(COLUMNS[1:])}) = ROW({", ".join(f"excluded.{c}" for c in COLUMNS[1:])})
"""  # noqa: S608 - names of columns, from here
REMADE = "UPDATE supply.obligation SET made_until = NULL WHERE obligation = %s"
END = "UPDATE supply.obligation SET valid_to = %s WHERE obligation = %s"
# What has not come due and of which nothing is known; the rest stays as it was.
TO_COME = """
SELECT report, obligation, period, starts, ends, due_at FROM supply.report
WHERE obligation = ANY (%s) AND due_at > %s ORDER BY obligation, starts
"""
MOVE = "UPDATE supply.report r SET due_at = m.due FROM unnest(%s::bigint[], %s::timestamptz[]) m (report, due) WHERE r.report = m.report"
FORGET = "DELETE FROM supply.report WHERE report = ANY (%s) AND last_event IS NULL"
# Where an obligation goes on, what is forgotten of it may be owed again one day.
MADE_AGAIN = """
UPDATE supply.obligation o SET made_until = least(o.made_until, r.starts)
FROM (SELECT obligation, min(starts) AS starts FROM supply.report WHERE report = ANY (%s) AND last_event IS NULL GROUP BY 1) r
WHERE o.obligation = r.obligation AND o.obligation <> ALL (%s)
"""
SEEN = "UPDATE supply.obligation SET first_seen = %s WHERE dataset = %s AND first_seen > %s"

Line = dict[str, Any]
Kind = Literal["made", "changed"]


@dataclass
class Difference:
    """What a contract's obligations in the store have otherwise than the contract."""

    set: list[Line] = field(default_factory=list)
    """New or other, with the line there was before under `before`."""
    ended: list[str] = field(default_factory=list)
    moved: dict[int, datetime] = field(default_factory=dict)
    """Due moments by report."""
    gone: list[int] = field(default_factory=list)
    """Reports to come that are owed no more."""
    wanted: list[Wanted] = field(default_factory=list)
    words: list[tuple[Kind, str]] = field(default_factory=list)
    """What `ioc plan` prints, each with the kind of change."""


def difference(conn: psycopg.Connection[Any], contract: Contract, reference: Reference) -> Difference:
    """Reads the store and says what `oblige` would do; changes nothing."""
    now = store_now(conn)
    today = local_day(now)
    with conn.cursor(row_factory=dict_row) as cursor:
        there = {row["obligation"]: row for row in cursor.execute(THERE, (contract.name,))}
    found = Difference()
    lines = [line for resource in contract.resources for line in _lines(contract, resource, reference, there, today)]
    for line in lines:
        before = there.pop(line["obligation"], None)
        changed = [c for c in SAID if before is None or before[c] != line[c]]
        if changed:
            found.set.append(line)
            found.words.append(_words(line, before, changed))
        found.wanted += _wanted(line, before, changed, now)
    for name, before in there.items():
        if before["valid_to"] is None or before["valid_to"] > today:
            found.ended.append(name)
            found.words.append(("changed", f"obligation {name} ends; what was due stays as it was"))
    _to_come(conn, found, {line["obligation"]: line for line in lines}, now, reference)
    return found


def oblige(conn: psycopg.Connection[Any], contract: Contract, reference: Reference) -> Difference:
    """Brings obligations and expected reports to what the contract says, in the current transaction, which holds the contract's lock.

    `conn`: as ioc_owner. A second time there is nothing to do but to make reports whose time has come since.
    """
    found = difference(conn, contract, reference)
    today = local_day(store_now(conn))
    for line in found.set:
        conn.execute(SET, line)
    conn.execute(MADE_AGAIN, (found.gone, found.ended))
    conn.execute(FORGET, (found.gone,))
    for wanted in found.wanted:
        if wanted.due_after is not None:
            conn.execute(REMADE, (wanted.obligation,))
    for name in found.ended:
        conn.execute(END, (today, name))
    conn.execute(MOVE, (list(found.moved), list(found.moved.values())))
    make(conn, found.wanted, today, reference.calendar)
    return found


def oblige_since(conn: psycopg.Connection[Any], since: Mapping[str, date], contracts: Sequence[Contract], reference: Reference) -> None:
    """Sets back the day on which datasets (by name) were first seen, and makes the reports that are owed since then.

    `conn`: as ioc_owner, in no transaction; one transaction for each contract. A day that is not before the one kept changes nothing. What
    had been delivered before counts when it came.
    """
    for contract in contracts:
        with conn.transaction():
            alone_with_contract(conn, contract.name)
            for resource in contract.resources:
                day = since.get(contract.dataset_name(resource))
                if day is not None:
                    conn.execute(SEEN, (day, contract.dataset_name(resource), day))
            oblige(conn, contract, reference)


def _lines(contract: Contract, resource: Resource, reference: Reference, there: Mapping[str, Line], today: date) -> list[Line]:
    """Lines of supply.obligation, one for each publisher."""
    dataset, clause = contract.dataset_name(resource), reference.clauses.get(resource.legal_basis)
    lines = []
    for agency in resource.publishers:
        name = f"{dataset}@{agency}"
        before = there.get(name)
        # What had ended and is owed again is owed from now on.
        is_kept = before is not None and (before["valid_to"] is None or before["valid_to"] > today)
        first_seen = before["first_seen"] if before is not None and is_kept else today
        days = (clause.valid_from, clause.valid_to) if clause else (None, None)
        force = in_force(*days, resource.obligation.since, first_seen)
        if force is None or (before is not None and not is_kept and force.end is not None and force.end <= today):
            continue
        lines.append(
            {
                "obligation": name,
                "contract": contract.name,
                "dataset": dataset,
                "view_name": f"{contract.pg_schema}.{contract.view(resource)}",
                "subsystem": contract.name,
                "agency": agency,
                "clause": resource.legal_basis,
                "calendar": resource.obligation.calendar.value,
                "due_rule": resource.obligation.due,
                "scope": resource.delivery.scope.value,
                "access": resource.access_class,
                "steward": resource.steward,
                "localities": resource.obligation.localities,
                "title": resource.title,
                "title_en": resource.titles.en,
                "title_fr": resource.titles.fr,
                "valid_from": force.first,
                "valid_to": force.end,
                "first_seen": first_seen,
            }
        )
    return lines


def _words(line: Line, before: Line | None, changed: Sequence[str]) -> tuple[Kind, str]:
    name = line["obligation"]
    if before is None:
        return "made", f"obligation {name}: each {line['calendar']}, due {line['due_rule']}, from {line['valid_from']}"
    return "changed", f"obligation {name} is changed: {', '.join(f'{c} {before[c]} → {line[c]}' for c in changed)}"


def _wanted(line: Line, before: Line | None, changed: Sequence[str], now: datetime) -> list[Wanted]:
    """Periods of which reports are to be made: those to come, and where it is owed from an earlier day those since then."""
    name, calendar, rule = line["obligation"], line["calendar"], line["due_rule"]
    if before is not None and "calendar" in changed:
        return [Wanted(name, calendar, rule, max(local_day(now), line["valid_from"]), line["valid_to"], now)]
    first = line["valid_from"]
    if before is not None and "valid_from" not in changed and before["made_until"] is not None:
        first = before["made_until"]
    return [Wanted(name, calendar, rule, first, line["valid_to"])]


def _to_come(conn: psycopg.Connection[Any], found: Difference, lines: Mapping[str, Line], now: datetime, reference: Reference) -> None:
    """What becomes of reports that were made and are not due: some are owed no more, some are due at another moment.

    Who is no publisher any more cannot deliver the running period either, and does not owe it.
    """
    rows = conn.execute(TO_COME, ([*lines, *found.ended], now)).fetchall()
    known: dict[tuple[str, date, date], datetime] = {}
    for report, name, text, starts, ends, due in rows:
        line = lines.get(name)
        if line is None or not _is_owed(line, text, starts, ends):
            found.gone.append(report)
        else:
            key = (line["due_rule"], starts, ends)
            if key not in known:
                known[key] = due_at(*key, reference.calendar)
            moment = known[key]
            if moment != due and moment > now:
                found.moved[report] = moment
    if found.moved:
        found.words.append(("changed", f"{len(found.moved)} due moments to come move"))


def _is_owed(line: Line, text: str, starts: date, ends: date) -> bool:
    """Whether the period is one of the obligation's calendar, within its days."""
    try:
        same = bounds(line["calendar"], text) == (starts, ends) and period_of(line["calendar"], ends - timedelta(days=1)) == text
    except ValueError:
        return False
    return same and ends > line["valid_from"] and (line["valid_to"] is None or starts < line["valid_to"])
