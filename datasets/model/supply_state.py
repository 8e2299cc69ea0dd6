"""The state of one expected report, a pure function of its due moment, its events up to a moment, and that moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

EventKind = Literal["accepted", "zero", "refused", "withdrawn", "excused", "excuse_ended"]
Punctuality = Literal["not_due", "due_soon", "on_time", "late", "missing", "excused"]
Quality = Literal["accepted", "accepted_with_rejects", "refused", "none"]

SOON = timedelta(hours=24)
"""How long before its due moment a report is due soon."""

PUNCTUALITIES: tuple[Punctuality, ...] = ("not_due", "due_soon", "on_time", "late", "missing", "excused")
QUALITIES: tuple[Quality, ...] = ("accepted", "accepted_with_rejects", "refused", "none")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an expected report. Events are appended in order and never changed."""

    kind: EventKind
    at: datetime
    """When it was recorded; never before the event that it follows."""
    received_at: datetime | None = None
    """When the delivery arrived, for accepted and zero; without it, `at`."""
    rejected: int = 0
    """Rows that were rejected, for accepted."""
    until: datetime | None = None
    """Moment up to which the report is excused, for excused."""
    by: str | None = None
    """Position that excused, or the person who declared zero."""


@dataclass(frozen=True, slots=True)
class ReportState:
    """What is true of an expected report at a moment."""

    punctuality: Punctuality
    quality: Quality
    is_zero: bool
    """Whether what stands is a declaration of zero."""
    received_at: datetime | None
    """When the first delivery that stands arrived; a later correction does not change it."""
    excused_until: datetime | None
    """End of the excuse that was not ended, be it past."""
    excused_by: str | None
    is_expected: bool
    """Whether it is counted: due, and not excused."""
    is_received: bool
    """Whether it is counted and there, on time or late."""
    is_on_time: bool
    """Whether it is counted and came on time."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Expected, received and on time, as DHIS2 counts them: a late report is complete, not timely."""

    expected: int
    received: int
    on_time: int

    @property
    def reporting(self) -> float | None:
        """Share of the expected reports that are there, 0 to 1; None when none is expected."""
        return self.received / self.expected if self.expected else None

    @property
    def timeliness(self) -> float | None:
        """Share of the expected reports that came on time, 0 to 1; None when none is expected."""
        return self.on_time / self.expected if self.expected else None


def state_of(due_at: datetime, events: Sequence[Event], at: datetime) -> ReportState:
    """The state at the moment `at`: of the events, in their order, those recorded up to it count and no others.

    Raises ValueError for moments without a time zone and for events whose moments go back.
    """
    past = _past(due_at, events, at)
    standing: list[Event] = []
    is_refused = False
    excuse: Event | None = None
    for event in past:
        match event.kind:
            case "accepted" | "zero":
                standing.append(event)
            case "refused":
                is_refused = True
            case "withdrawn":
                standing.clear()
                is_refused = False
            case "excused":
                excuse = event
            case "excuse_ended":
                excuse = None
    received_at = (standing[0].received_at or standing[0].at) if standing else None
    until = excuse.until if excuse else None
    punctuality = _punctuality(due_at, received_at, until, at)
    counted = due_at <= at and punctuality != "excused"
    return ReportState(
        punctuality=punctuality,
        quality=_quality(standing, is_refused),
        is_zero=bool(standing) and standing[-1].kind == "zero",
        received_at=received_at,
        excused_until=until,
        excused_by=excuse.by if excuse else None,
        is_expected=counted,
        is_received=counted and received_at is not None,
        is_on_time=counted and punctuality == "on_time",
    )


def rates(states: Iterable[ReportState]) -> Rates:
    """Expected, received and on time of these reports; early ones count once they are due, excused ones do not."""
    counted = [state for state in states if state.is_expected]
    return Rates(len(counted), sum(s.is_received for s in counted), sum(s.is_on_time for s in counted))


def _past(due_at: datetime, events: Sequence[Event], at: datetime) -> list[Event]:
    for moment in (due_at, at, *(m for e in events for m in (e.at, e.received_at, e.until) if m is not None)):
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone; use datasets.model.calendar.ZONE")
    for before, after in pairwise(events):
        if after.at < before.at:
            raise ValueError(f"the event {after.kind} of {after.at} follows {before.kind} of {before.at}; moments of events never go back")
    for event in events:
        if event.kind == "excused" and event.until is None:
            raise ValueError(f"the excuse of {event.at} does not say until when; give `until`")
    return [event for event in events if event.at <= at]


def _punctuality(due_at: datetime, received_at: datetime | None, until: datetime | None, at: datetime) -> Punctuality:
    if received_at is not None:
        return "on_time" if received_at <= max(due_at, until or due_at) else "late"
    if due_at - SOON > at:
        return "not_due"
    if at <= due_at:
        return "due_soon"
    return "excused" if until is not None and at <= until else "missing"


def _quality(standing: list[Event], is_refused: bool) -> Quality:
    if standing:
        return "accepted_with_rejects" if standing[-1].rejected else "accepted"
    return "refused" if is_refused else "none"
