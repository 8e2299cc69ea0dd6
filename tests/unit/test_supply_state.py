"""A due moment and events go in; the state of the report at a moment comes out. Each table is a story told by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

import pytest

from datasets.model.calendar import ZONE
from datasets.model.supply_state import (
    PUNCTUALITIES,
    QUALITIES,
    Event,
    EventKind,
    Punctuality,
    Quality,
    Rates,
    ReportState,
    rates,
    state_of,
)
from tests.supply_events import POSITION as HEAD
from tests.supply_events import random_events

pytestmark = pytest.mark.unit


def moment(text: str) -> datetime:
    """A moment of March 2026, `04 17:00`, in the province's time."""
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


DUE = moment("04 17:00")


def accepted(at: str, received: str | None = None, rejected: int = 0) -> Event:
    return Event("accepted", moment(at), received_at=moment(received) if received else None, rejected=rejected)


def zero(at: str) -> Event:
    return Event("zero", moment(at), by="Nguyễn Thị Hoa")


def refused(at: str) -> Event:
    return Event("refused", moment(at))


def withdrawn(at: str) -> Event:
    return Event("withdrawn", moment(at))


def excused(at: str, until: str) -> Event:
    return Event("excused", moment(at), until=moment(until), by=HEAD)


def ended(at: str) -> Event:
    return Event("excuse_ended", moment(at), by=HEAD)


STORIES: list[tuple[str, list[Event], list[tuple[str, str, str]]]] = [
    (
        "nothing comes",
        [],
        [
            ("01 08:00", "not_due", "none"),
            ("03 16:59", "not_due", "none"),
            ("03 17:00", "due_soon", "none"),
            ("04 17:00", "due_soon", "none"),
            ("04 17:01", "missing", "none"),
            ("31 08:00", "missing", "none"),
        ],
    ),
    (
        "it comes early and is counted once due",
        [accepted("02 09:00")],
        [("02 08:59", "not_due", "none"), ("02 09:00", "on_time", "accepted"), ("05 08:00", "on_time", "accepted")],
    ),
    ("at the very moment", [accepted("04 17:00")], [("04 16:59", "due_soon", "none"), ("04 17:00", "on_time", "accepted")]),
    ("a minute late", [accepted("04 17:01")], [("04 17:01", "late", "accepted"), ("31 08:00", "late", "accepted")]),
    (
        "received in time and checked after it was due",
        [accepted("04 17:10", received="04 16:58")],
        [("04 17:05", "missing", "none"), ("04 17:10", "on_time", "accepted")],
    ),
    (
        "refused, then accepted in time",
        [refused("04 09:00"), accepted("04 11:00")],
        [("04 09:30", "due_soon", "refused"), ("04 11:00", "on_time", "accepted"), ("05 08:00", "on_time", "accepted")],
    ),
    (
        "refused in time, accepted late",
        [refused("04 16:00"), accepted("05 10:00")],
        [("04 16:30", "due_soon", "refused"), ("04 18:00", "missing", "refused"), ("05 10:00", "late", "accepted")],
    ),
    (
        "a correction that is refused leaves what stands",
        [accepted("04 09:00"), refused("04 10:00")],
        [("04 12:00", "on_time", "accepted"), ("06 12:00", "on_time", "accepted")],
    ),
    (
        "a correction after the cut-off does not make it late",
        [accepted("04 09:00", rejected=3), accepted("07 10:00")],
        [("05 09:00", "on_time", "accepted_with_rejects"), ("07 10:00", "on_time", "accepted")],
    ),
    (
        "a correction with rejects",
        [accepted("04 09:00"), accepted("07 10:00", rejected=1)],
        [("05 09:00", "on_time", "accepted"), ("07 10:00", "on_time", "accepted_with_rejects")],
    ),
    (
        "withdrawn in time and delivered again late",
        [accepted("03 09:00"), withdrawn("04 09:00"), accepted("06 09:00")],
        [
            ("03 10:00", "on_time", "accepted"),
            ("04 10:00", "due_soon", "none"),
            ("05 10:00", "missing", "none"),
            ("06 09:00", "late", "accepted"),
        ],
    ),
    (
        "withdrawn after it was due",
        [accepted("03 09:00"), withdrawn("08 09:00")],
        [("07 09:00", "on_time", "accepted"), ("08 09:00", "missing", "none")],
    ),
    (
        "withdrawn and delivered again in time",
        [accepted("02 09:00"), withdrawn("03 09:00"), accepted("04 09:00")],
        [("03 10:00", "not_due", "none"), ("05 09:00", "on_time", "accepted")],
    ),
    (
        "a refusal before a withdrawal is over with it",
        [accepted("02 09:00"), refused("03 09:00"), withdrawn("04 09:00")],
        [("04 10:00", "due_soon", "none"), ("05 09:00", "missing", "none")],
    ),
    (
        "a refusal after a withdrawal",
        [accepted("02 09:00"), withdrawn("03 09:00"), refused("04 09:00")],
        [("04 10:00", "due_soon", "refused"), ("05 09:00", "missing", "refused")],
    ),
    (
        "excused before it is due",
        [excused("02 09:00", "10 17:00")],
        [
            ("02 10:00", "not_due", "none"),
            ("04 10:00", "due_soon", "none"),
            ("05 10:00", "excused", "none"),
            ("10 17:00", "excused", "none"),
            ("10 17:01", "missing", "none"),
        ],
    ),
    (
        "excused after it was due",
        [excused("06 09:00", "10 17:00")],
        [("05 10:00", "missing", "none"), ("06 09:00", "excused", "none"), ("11 09:00", "missing", "none")],
    ),
    (
        "delivered within the excuse",
        [excused("02 09:00", "10 17:00"), accepted("10 17:00")],
        [("10 16:59", "excused", "none"), ("10 17:00", "on_time", "accepted"), ("20 09:00", "on_time", "accepted")],
    ),
    (
        "delivered after the excuse",
        [excused("02 09:00", "10 17:00"), accepted("10 17:01")],
        [("10 17:00", "excused", "none"), ("10 17:01", "late", "accepted")],
    ),
    (
        "excused after it came late",
        [accepted("06 09:00"), excused("07 09:00", "10 17:00")],
        [("06 10:00", "late", "accepted"), ("07 09:00", "on_time", "accepted")],
    ),
    (
        "an excuse up to a moment before the due one changes nothing",
        [excused("01 09:00", "03 09:00"), accepted("04 16:00")],
        [("02 10:00", "not_due", "none"), ("05 09:00", "on_time", "accepted")],
    ),
    (
        "the excuse is ended",
        [excused("02 09:00", "10 17:00"), ended("06 09:00")],
        [("05 10:00", "excused", "none"), ("06 09:00", "missing", "none")],
    ),
    (
        "the excuse is ended and given again",
        [excused("02 09:00", "10 17:00"), ended("03 09:00"), excused("05 09:00", "08 17:00")],
        [("04 18:00", "missing", "none"), ("05 09:00", "excused", "none"), ("09 09:00", "missing", "none")],
    ),
    (
        "a longer excuse replaces a shorter one",
        [excused("02 09:00", "06 17:00"), excused("03 09:00", "10 17:00")],
        [("07 09:00", "excused", "none"), ("11 09:00", "missing", "none")],
    ),
    (
        "a withdrawal does not end an excuse",
        [excused("02 09:00", "10 17:00"), accepted("03 09:00"), withdrawn("05 09:00")],
        [("04 09:00", "on_time", "accepted"), ("05 10:00", "excused", "none"), ("11 09:00", "missing", "none")],
    ),
    (
        "a declaration of zero is a report",
        [zero("04 09:00")],
        [("04 08:00", "due_soon", "none"), ("05 09:00", "on_time", "accepted")],
    ),
    ("a declaration of zero may be late", [zero("06 09:00")], [("05 09:00", "missing", "none"), ("06 09:00", "late", "accepted")]),
]


@pytest.mark.parametrize(("events", "seen"), [story[1:] for story in STORIES], ids=[story[0] for story in STORIES])
def test_a_report_is_at_each_moment_what_the_story_says(events: list[Event], seen: list[tuple[str, str, str]]) -> None:
    for at, punctuality, quality in seen:
        state = state_of(DUE, events, moment(at))
        assert (state.punctuality, state.quality) == (punctuality, quality), at


def test_the_stories_tell_of_every_punctuality_and_quality() -> None:
    told = [at for _, _, seen in STORIES for at in seen]
    assert {punctuality for _, punctuality, _ in told} == set(PUNCTUALITIES) == set(get_args(Punctuality))
    assert {quality for _, _, quality in told} == set(QUALITIES) == set(get_args(Quality))
    assert {event.kind for _, events, _ in STORIES for event in events} == set(get_args(EventKind))


def test_zero_is_what_the_last_of_the_standing_deliveries_says() -> None:
    events = [zero("03 09:00"), accepted("05 09:00"), zero("06 09:00"), withdrawn("07 09:00")]
    seen = {at: state_of(DUE, events, moment(at)) for at in ("04 09:00", "05 09:00", "06 09:00", "08 09:00")}
    assert [state.is_zero for state in seen.values()] == [True, False, True, False]
    assert seen["05 09:00"].punctuality == "on_time", "the declaration was there in time"
    assert seen["08 09:00"].punctuality == "missing"


def test_the_excuse_is_named_with_its_end_and_position_until_it_is_ended() -> None:
    events = [excused("02 09:00", "10 17:00"), ended("06 09:00")]
    state = state_of(DUE, events, moment("05 09:00"))
    assert (state.excused_until, state.excused_by) == (moment("10 17:00"), HEAD)
    state = state_of(DUE, events, moment("06 09:00"))
    assert (state.excused_until, state.excused_by) == (None, None)
    assert state_of(DUE, events[:1], moment("31 09:00")).excused_until == moment("10 17:00"), "an excuse that has run out is still named"


def test_what_arrived_first_and_stands_is_when_it_was_received() -> None:
    events = [
        accepted("03 09:00", received="03 08:50"),
        accepted("06 09:00"),
        withdrawn("07 09:00"),
        accepted("08 09:00", received="08 08:00"),
    ]
    assert state_of(DUE, events, moment("06 10:00")).received_at == moment("03 08:50")
    assert state_of(DUE, events, moment("07 10:00")).received_at is None
    assert state_of(DUE, events, moment("08 10:00")).received_at == moment("08 08:00")


COUNTED = [
    # events, at → expected, received, on time
    ([], "04 16:59", (0, 0, 0)),
    ([], "04 17:00", (1, 0, 0)),
    ([accepted("02 09:00")], "03 09:00", (0, 0, 0)),
    ([accepted("02 09:00")], "04 17:00", (1, 1, 1)),
    ([zero("02 09:00")], "05 09:00", (1, 1, 1)),
    ([accepted("05 09:00")], "06 09:00", (1, 1, 0)),
    ([refused("04 09:00")], "06 09:00", (1, 0, 0)),
    ([excused("02 09:00", "10 17:00")], "06 09:00", (0, 0, 0)),
    ([excused("02 09:00", "10 17:00"), accepted("06 09:00")], "06 09:00", (1, 1, 1)),
    ([excused("02 09:00", "10 17:00")], "11 09:00", (1, 0, 0)),
    ([accepted("03 09:00"), withdrawn("05 09:00")], "06 09:00", (1, 0, 0)),
]


@pytest.mark.parametrize(("events", "at", "counts"), COUNTED)
def test_a_report_counts_once_it_is_due_and_not_excused(events: list[Event], at: str, counts: tuple[int, int, int]) -> None:
    found = rates([state_of(DUE, events, moment(at))])
    assert (found.expected, found.received, found.on_time) == counts


def test_late_is_complete_and_not_timely() -> None:
    """21 agencies: 15 on time, 3 late, 2 missing, 1 excused; worked out by hand: 18 of 20 reported, 15 of 20 in time."""
    late, missing = [accepted("05 09:00")], list[Event]()
    reports = [[accepted("03 09:00")]] * 14 + [[zero("03 09:00")]] + [late] * 3 + [missing] * 2 + [[excused("02 09:00", "20 17:00")]]
    found = rates(state_of(DUE, events, moment("06 09:00")) for events in reports)
    assert found == Rates(expected=20, received=18, on_time=15)
    assert (found.reporting, found.timeliness) == (0.9, 0.75)


def test_rates_of_nothing_are_none_and_not_zero() -> None:
    assert (Rates(0, 0, 0).reporting, Rates(0, 0, 0).timeliness) == (None, None)
    assert rates([]) == Rates(0, 0, 0)


def test_moments_without_a_zone_and_events_out_of_order_are_no_report() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        state_of(DUE.replace(tzinfo=None), [], moment("04 09:00"))
    with pytest.raises(ValueError, match="has no time zone"):
        state_of(DUE, [Event("refused", datetime(2026, 3, 1, 9))], moment("04 09:00"))  # noqa: DTZ001
    with pytest.raises(ValueError, match="never go back"):
        state_of(DUE, [accepted("03 09:00"), withdrawn("02 09:00")], moment("04 09:00"))
    with pytest.raises(ValueError, match="until when"):
        state_of(DUE, [Event("excused", moment("03 09:00"), by=HEAD)], moment("04 09:00"))


@pytest.mark.parametrize("seed", range(300))
def test_a_state_at_a_moment_depends_on_nothing_that_came_after_it(seed: int) -> None:
    events = random_events(seed, DUE)
    moments = [DUE + timedelta(hours=hours) for hours in range(-130, 400, 11)] + [event.at for event in events]
    for at in moments:
        state = state_of(DUE, events, at)
        assert state == state_of(DUE, [event for event in events if event.at <= at], at)
        later = [Event(kind, at + timedelta(seconds=1), until=at + timedelta(days=9)) for kind in get_args(EventKind)]
        assert state == state_of(DUE, [event for event in events if event.at <= at] + later, at)
        check_that_it_agrees_with_itself(state, at)


def check_that_it_agrees_with_itself(state: ReportState, at: datetime) -> None:
    there = state.quality in ("accepted", "accepted_with_rejects")
    assert there == (state.punctuality in ("on_time", "late")) == (state.received_at is not None)
    assert state.is_on_time <= state.is_received <= state.is_expected
    assert there or not state.is_zero
    assert state.is_expected == (at >= DUE and state.punctuality != "excused")
    assert (state.punctuality in ("missing", "excused")) <= (at > DUE)
    assert (state.excused_by is None) == (state.excused_until is None)


@pytest.mark.parametrize("seed", range(100))
def test_events_that_are_no_delivery_change_no_quality(seed: int) -> None:
    events = random_events(seed, DUE)
    at = DUE + timedelta(days=20)
    without = [event for event in events if event.kind not in ("excused", "excuse_ended")]
    one, other = state_of(DUE, events, at), state_of(DUE, without, at)
    assert (one.quality, one.is_zero, one.received_at) == (other.quality, other.is_zero, other.received_at)
