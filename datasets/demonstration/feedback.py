"""Simulated rows of the feedback contract, keyed by the store's columns."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from datasets.demonstration.roads import commune_near
from datasets.demonstration.row import Row
from datasets.demonstration.world import ONE_DAY, World, count, share, wave
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Resource
from datasets.model.period import Period, period, period_of
from datasets.model.unit import Unit

WEEKS = 16
MONTHS = 6
REPORTS_A_DAY = 44
BY_WEEKDAY = (1.15, 1.05, 1.0, 1.0, 1.0, 0.95, 0.85)  # Monday to Sunday
HOURS = (1, 0, 0, 0, 0, 1, 3, 7, 9, 9, 8, 6, 4, 5, 7, 8, 8, 7, 6, 6, 5, 4, 3, 2)  # reports by hour of the day
TOWNS = 2.4
"""How much more the people of a ward report than those of a rural commune."""

CATEGORIES = {"moi-truong": 26, "giao-thong": 21, "do-thi": 15, "dien-nuoc": 15, "an-ninh": 9, "thu-tuc": 8, "khac": 6}
RAINS = ("dien-nuoc", 290, 25.0, 16)
"""A category that grows with the rains of October: its peak as a day of the year, width in days, and what it gains."""
OFFICES = {
    "moi-truong": "so-nong-nghiep-va-moi-truong",
    "giao-thong": "so-xay-dung",
    "do-thi": "so-xay-dung",
    "dien-nuoc": "so-cong-thuong",
    "an-ninh": "cong-an-tinh",
    "thu-tuc": "trung-tam-phuc-vu-hanh-chinh-cong",
    "khac": "van-phong-ubnd-tinh",
}
BY_THE_COMMUNE = 0.6
"""Share of the reports from a commune whose people's committee is an agency that it handles itself."""
CHANNELS = {"ung-dung": 46, "tong-dai": 27, "zalo": 16, "trang-web": 11}
URGENCIES = {"khan-cap": (8, 1), "xu-ly-ngay": (37, 3), "thuong": (55, 7)}
"""How often, and the working days within which it is due."""
SCREENING = {"hop-le": 84, "trung-lap": 7, "thieu-thong-tin": 5, "ngoai-tham-quyen": 4}
CLOSES = time(17)
SPREAD = 0.012  # degrees around a commune's centre
SPOT_SPREAD = 0.0002  # about 20 m
SPOTS_A_WEEK = 2
REPORTS_OF_A_SPOT = 1.7  # a week


@dataclass(frozen=True)
class Spot:
    """A place that people report again and again for some weeks."""

    unit: Unit
    longitude: float
    latitude: float
    category: str


def _choice(draw: random.Random, weights: dict[str, Any]) -> str:
    return draw.choices(list(weights), [w[0] if isinstance(w, tuple) else w for w in weights.values()])[0]


def _weights(world: World, day: date) -> dict[str, float]:
    """Share of a day's reports by unit_id."""
    people = world.people(day)
    found = {
        u.unit_id: people[u.unit_id] * (TOWNS if u.name.startswith("Phường") else 1.0) for u in world.communes(day) if u.lon is not None
    }
    total = sum(found.values())
    return {unit_id: weight / total for unit_id, weight in found.items()}


def _spots_begun(world: World, week: Period) -> list[tuple[Spot, int]]:
    """Places that become hot in a week, with the weeks for which they stay so."""
    draw = world.draw("hot spots", week.text)
    by_id = {u.unit_id: u for u in world.communes(week.starts)}
    weights = _weights(world, week.starts)
    spots = []
    for unit_id in draw.choices(list(weights), list(weights.values()), k=SPOTS_A_WEEK):
        unit = by_id[unit_id]
        place = (unit.lon or 0) + draw.gauss(0, SPREAD / 2), (unit.lat or 0) + draw.gauss(0, SPREAD / 2)
        spots.append((Spot(unit, *place, _choice(draw, {"moi-truong": 45, "giao-thong": 30, "dien-nuoc": 25})), draw.randint(2, 5)))
    return spots


def _hot(world: World, day: date) -> list[Spot]:
    """Places that are hot on a day."""
    here = period(Calendar.WEEK, period_of(Calendar.WEEK, day))
    found: list[Spot] = []
    for back in range(6):
        week = period(Calendar.WEEK, period_of(Calendar.WEEK, here.starts - timedelta(weeks=back)))
        found += [spot for spot, weeks in _spots_begun(world, week) if weeks > back]
    return found


def reports(world: World, resource: Resource) -> Iterator[Row]:
    """Reports of the weeks that are over, as they stand at the end of the last day: what was not resolved by then is open."""
    for day in world.weeks_back(WEEKS):
        draw = world.draw("feedback", day)
        placed = _placed(world, day, draw)
        placed.sort(key=lambda one: one[1])
        for number, (place, received, category) in enumerate(placed, start=1):
            unit, longitude, latitude = place
            values = {
                "report": f"PA{day:%y%j}{number:03d}",
                "received_at": received,
                "channel": _choice(draw, CHANNELS),
                "category": category,
                "urgency": _choice(draw, URGENCIES),
                "commune": unit.code,
                "longitude": round(longitude, 5),
                "latitude": round(latitude, 5),
                "screening": _choice(draw, SCREENING),
                "transfers": draw.choices((0, 1, 2, 3), (78, 14, 6, 2))[0],
            }
            yield Row(resource.owner, day, {**values, **_handled(world, draw, unit, values)})


def _placed(world: World, day: date, draw: random.Random) -> list[tuple[tuple[Unit, float, float], datetime, str]]:
    """Where, when and about what people report on a day."""
    weights = _weights(world, day)
    by_id = {u.unit_id: u for u in world.communes(day)}
    name, peak, width, gain = RAINS
    categories = {**CATEGORIES, name: CATEGORIES[name] + gain * wave(day, peak, width)}
    expected = REPORTS_A_DAY * world.scale * BY_WEEKDAY[day.weekday()] * sum(categories.values()) / 100
    placed = []
    for unit_id in draw.choices(list(weights), list(weights.values()), k=count(draw, expected)):
        unit = by_id[unit_id]
        place = (unit, (unit.lon or 0) + draw.gauss(0, SPREAD), (unit.lat or 0) + draw.gauss(0, SPREAD))
        placed.append((place, _moment(draw, day), _choice(draw, categories)))
    for spot in _hot(world, day):
        # A spot that became hot before a reform lies in another commune after it.
        unit = by_id.get(spot.unit.unit_id) or commune_near(world, day, spot.longitude, spot.latitude)
        for _ in range(count(draw, REPORTS_OF_A_SPOT / 7)):
            place = (unit, spot.longitude + draw.gauss(0, SPOT_SPREAD), spot.latitude + draw.gauss(0, SPOT_SPREAD))
            placed.append((place, _moment(draw, day), spot.category))
    return placed


def _moment(draw: random.Random, day: date) -> datetime:
    hour = draw.choices(range(24), HOURS)[0]
    return datetime.combine(day, time(hour, draw.randrange(60)))


def _office(world: World, draw: random.Random, unit: Unit, category: str) -> str:
    of_unit = {agency.unit: name for name, agency in world.reference.agencies.items() if agency.unit is not None}
    if unit.code in of_unit and draw.random() < BY_THE_COMMUNE:
        return of_unit[unit.code]
    return OFFICES[category]


def _handled(world: World, draw: random.Random, unit: Unit, values: dict[str, Any]) -> dict[str, Any]:
    """What became of a report by the end of the last day."""
    if values["screening"] != "hop-le":
        nothing = dict.fromkeys(("office", "due_at", "first_answer_at", "resolved_at", "is_public"))
        return {**nothing, "progress": "khong-xu-ly", "reopenings": 0, "transfers": min(values["transfers"], 1)}
    received, end = values["received_at"], datetime.combine(world.until + ONE_DAY, time())
    office = _office(world, draw, unit, values["category"])
    days = URGENCIES[values["urgency"]][1]
    due = datetime.combine(world.reference.calendar.add_working_days(received.date(), days), CLOSES)
    punctual = world.draw("punctual", office).uniform(0.88, 0.985) - 0.03 * values["transfers"]
    if draw.random() < punctual:
        resolved = received + (due - received) * draw.uniform(0.12, 0.97)
    else:
        resolved = due + timedelta(hours=draw.expovariate(1 / 120))
    first = received + min(timedelta(hours=draw.lognormvariate(2.35, 0.8)), resolved - received)
    resolved, first = (moment.replace(second=0, microsecond=0) for moment in (resolved, first))
    is_open = resolved >= end
    return {
        "office": office,
        "due_at": due,
        "first_answer_at": first if first < end else None,
        "resolved_at": None if is_open else resolved,
        "progress": ("qua-han" if due < end else "dang-xu-ly") if is_open else "da-xu-ly",
        "reopenings": 0 if is_open else draw.choices((0, 1, 2), (957, 38, 5))[0],
        "is_public": None if is_open else draw.random() < 0.955,
    }


def ratings(world: World, resource: Resource) -> Iterator[Row]:
    """What citizens answered when they were asked about the reports resolved in each of the last months, by commune."""
    for day in world.month_ends(MONTHS):
        for unit_id, weight in _weights(world, day).items():
            unit = world.reference.unit_index.by_id[unit_id]
            draw = world.draw("ratings", unit.code, day)
            asked = count(draw, REPORTS_A_DAY * 30 * 0.8 * weight)
            answers = share(draw, asked, world.draw("answering", unit.code).uniform(0.3, 0.6))
            content = world.draw("content with answers", unit.code).uniform(0.83, 0.97)
            values = {"asked": asked, "answers": answers, "satisfied": share(draw, answers, content)}
            yield Row(resource.owner, day, {"month_end": day, "commune": unit.code, **values})


MAKERS = {"reports": reports, "ratings": ratings}
CASES = {"reports": "report"}
