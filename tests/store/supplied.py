"""What tests of supply share: a clock that is set, contracts that oblige, small deliveries, and states as the store tells them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import psycopg

from ckan_harvesters.load import Outcome, load
from ckan_harvesters.outcome import Checked
from datasets.model.contract import Contract
from tests.store.conftest import Store
from tests.store.contracts import UNITS, checked, contract, frame, resource

SET_CLOCK = "INSERT INTO supply.clock (at) VALUES (%s) ON CONFLICT (is_set) DO UPDATE SET at = excluded.at"
LOCAL = "+07:00"
"""Viet Nam has no summer time."""


def at(text: str) -> datetime:
    """A moment in the province, "2026-03-04 17:00"."""
    return datetime.fromisoformat(text + LOCAL)


def do(store: Store, statement: str, *parameters: Any) -> None:
    """A statement, as the owner."""
    with psycopg.connect(store.owner) as conn:
        conn.execute(statement.encode(), parameters or None)


def set_clock(store: Store, moment: datetime | str) -> None:
    do(store, SET_CLOCK, at(moment) if isinstance(moment, str) else moment)


def owing(
    *resources: dict[str, Any], version: str = "1.0.0", calendar: str = "day", due: str = "17:00", scope: str = "period", **obligation: Any
) -> Contract:
    """A contract called `owing` with the dataset owing-cases, or the resources given."""
    return contract(*(resources or (owed("cases", calendar, due, scope, **obligation),)), version=version, name="owing")


def owed(
    name: str, calendar: str, due: str, scope: str = "period", publishers: list[str] | None = None, access: str = "open", **obligation: Any
) -> dict[str, Any]:
    """A resource that is owed."""
    delivery = {"scope": scope, **({"calendar": calendar, "column": "ngay"} if scope == "period" else {})}
    said = {"calendar": calendar, "due": due, **obligation}
    more = {"publishers": publishers} if publishers else {}
    return {**resource(name, access=access), "delivery": delivery, "obligation": said, "allowed_reject_share": 1.0, **more}


def delivery(
    of: Contract, scope: str, cases: int | None = 1, name: str = "cases", ckan_resource: str | None = None, **more: Any
) -> Checked:
    """A delivery of one row with that many cases; None: no row at all."""
    rows = frame([("2026-01-01", UNITS[0], f"{name} {scope}", cases)] if cases is not None else [])
    return checked(rows, scope=scope, of=of, resource_name=name, ckan_resource=ckan_resource or f"{name} of {scope}", **more)


def deliver(store: Store, checked_delivery: Checked, job: str) -> Outcome:
    return load(store.loader, checked_delivery, job)


def state(store: Store, period: str, obligation: str = "owing-cases@so-y-te") -> tuple[Any, ...]:
    """(punctuality, quality) of a report now."""
    query = "SELECT punctuality, quality FROM supply.state WHERE obligation = %s AND period = %s"
    return store.ask(query, obligation, period)[0]


def events(store: Store, period: str, obligation: str = "owing-cases@so-y-te") -> list[str]:
    """Kinds of a report's events, in their order."""
    query = """
    SELECT e.kind FROM supply.event e JOIN supply.report r USING (report) WHERE r.obligation = %s AND r.period = %s ORDER BY e.event
    """
    return [row[0] for row in store.ask(query, obligation, period)]


def periods(store: Store, obligation: str = "owing-cases@so-y-te") -> list[str]:
    """Periods of the expected reports, in their order."""
    return [row[0] for row in store.ask("SELECT period FROM supply.report WHERE obligation = %s ORDER BY starts", obligation)]


def day(text: str) -> date:
    return date.fromisoformat(text)
