"""Simulated rows of the tourism contract, keyed by the store's columns.

Visits are made by destination and day; lodging, receipts and the plan follow from the same seasons, so that the datasets agree.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from datasets.demonstration.row import Row
from datasets.demonstration.world import ONE_DAY, World, count, share, tet, wave
from datasets.model.contract import Calendar, Resource
from datasets.model.period import period_of

QUARTERS, LODGING_MONTHS, LODGING_QUARTERS, RESTATED_MONTHS = 12, 8, 3, 1
TABLE_MONTHS = 36
"""Months of the table of receipts, whichever version: a season is seen only over years."""
STATUS_WORDS = {"estimate": "Ước tính", "preliminary": "Sơ bộ", "official": "Chính thức"}
"""As the statistics office writes them, and the contract says."""
GROWTH = 1.085
"""Of visits, from year to year."""
PLANNED_GROWTH = 1.09
SPEND = 1.08e-3
"""Billion VND that one visit leaves in the province."""
PREPARED_BEFORE_TET = 9
"""Days before the lunar new year on which people stay at home."""


@dataclass(frozen=True, slots=True)
class Place:
    """A destination: a commune's code, which was valid before the reform of 2025 too, and what draws people there."""

    code: str
    name: str
    kind: str
    typical: int
    """Visits on a typical day of the first year."""


PLACES = (
    Place("16732", "Biển Cửa Lò", "beach", 6500),
    Place("17833", "Biển Bãi Lữ", "beach", 900),
    Place("17464", "Biển Diễn Thành", "beach", 1700),
    Place("17212", "Biển Quỳnh", "beach", 900),
    Place("17128", "Đền Cờn", "heritage", 1500),
    Place("17971", "Khu di tích Kim Liên", "heritage", 4200),
    Place("17950", "Di tích Phan Bội Châu", "heritage", 800),
    Place("16681", "Thành cổ Vinh", "city", 3800),
    Place("16690", "Lâm viên núi Quyết", "city", 2300),
    Place("17254", "Vườn quốc gia Pù Mát", "mountain", 800),
    Place("17263", "Đập Phà Lài", "mountain", 350),
    Place("16831", "Mường Lống", "mountain", 300),
    Place("16777", "Hang Bua", "mountain", 350),
    Place("16738", "Thác Bảy Tầng", "mountain", 350),
)
SEASONS = {  # low season, and waves of a year: height, peak as a day of the year, width in days
    "beach": (0.25, ((3.1, 185, 32.0),)),
    "heritage": (0.75, ((0.9, 140, 18.0), (0.5, 250, 20.0))),
    "city": (0.85, ((0.4, 185, 40.0),)),
    "mountain": (0.6, ((0.7, 75, 25.0), (0.9, 285, 22.0))),
}
AFTER_TET = {"beach": 0.9, "heritage": 3.0, "city": 1.2, "mountain": 1.8}
BY_WEEKDAY = (0.75, 0.72, 0.75, 0.85, 1.05, 1.55, 1.4)  # Monday to Sunday
HOLIDAYS = {(4, 29): 1.7, (4, 30): 2.4, (5, 1): 2.5, (5, 2): 1.8, (5, 19): 1.3, (9, 1): 1.7, (9, 2): 2.3, (9, 3): 1.5, (1, 1): 1.6}
OVERNIGHT = {"beach": 0.42, "heritage": 0.12, "city": 0.38, "mountain": 0.3}
FOREIGN = {"beach": 0.006, "heritage": 0.014, "city": 0.035, "mountain": 0.03}
RANKS = {  # rooms of an establishment, what a room is sold more often than the average, nights of a guest
    "4-5-sao": (130, 1.12, 1.9),
    "3-sao": (70, 1.05, 1.7),
    "1-2-sao": (34, 0.98, 1.55),
    "nha-nghi": (14, 0.9, 1.4),
    "homestay": (4, 0.85, 1.6),
}
HOUSES = {
    "beach": {"4-5-sao": 5, "3-sao": 14, "1-2-sao": 38, "nha-nghi": 95},
    "heritage": {"1-2-sao": 4, "nha-nghi": 12},
    "city": {"4-5-sao": 5, "3-sao": 11, "1-2-sao": 30, "nha-nghi": 48},
    "mountain": {"1-2-sao": 2, "nha-nghi": 7, "homestay": 18},
}
"""Establishments of a destination by its kind, at 3,000 visits a day."""


@lru_cache(maxsize=4000)
def _tet_factor(day: date, kind: str) -> float:
    """Fewer journeys before the lunar new year, festivals of spring after it."""
    for year in (day.year, day.year + 1):
        away = (day - tet(year)).days
        if -PREPARED_BEFORE_TET <= away < 0:
            return 0.45
        if 0 <= away <= 25:
            return 1 + (AFTER_TET[kind] - (0 if away > 2 else 0.4)) * math.exp(-away / 9)
    return 1.0


def expected(place: Place, day: date, growth: float = GROWTH, since: int = 2023) -> float:
    """Visits of a destination that are to be expected on a day: its season, the weekday, holidays, Tết, and growth since a year."""
    low, waves = SEASONS[place.kind]
    season = low + sum(height * wave(day, peak, width) for height, peak, width in waves)
    years = day.year - since + day.timetuple().tm_yday / 365 - 0.5
    holiday = HOLIDAYS.get((day.month, day.day), 1.0)
    return float(place.typical * season * BY_WEEKDAY[day.weekday()] * holiday * _tet_factor(day, place.kind) * growth**years)


def visits_of(world: World, place: Place, day: date) -> dict[str, int]:
    """What a destination counts on a day."""
    draw = world.draw("visits", place.code, day)
    everyone = count(draw, expected(place, day) * draw.lognormvariate(0, 0.12))
    foreign = share(draw, everyone, FOREIGN[place.kind])
    overnight = share(draw, everyone - foreign, OVERNIGHT[place.kind])
    return {
        "domestic_overnight": overnight,
        "domestic_same_day": everyone - foreign - overnight,
        "international": foreign,
        "complaints": count(draw, everyone * 0.75e-4),
    }


def visits(world: World, resource: Resource) -> Iterator[Row]:
    """Visits of three years by destination and day, from their first Monday on, with the running quarter up to the last day."""
    day = world.quarters(QUARTERS)[0]
    day += timedelta(days=-day.weekday() % 7)  # a part of a week would look like a fall
    while day <= world.until:
        for place in PLACES:
            values = {"day": day, "commune": place.code, "destination": place.name}
            yield Row(resource.owner, day, {**values, **visits_of(world, place, day)})
        day += ONE_DAY


def lodging(world: World, resource: Resource) -> Iterator[Row]:
    """Rooms sold and guests of each month; a ward that publishes delivers its own, the first publisher all others."""
    own = {world.reference.agencies[name].unit: name for name in resource.publishers}
    for end in world.month_ends(LODGING_MONTHS):
        days = [end - timedelta(days=n) for n in range(end.day)]
        for place in PLACES:
            busy = sum(expected(place, day) for day in days) / sum(_typical(place, day) for day in days)
            for rank, houses in _houses(world, place, end).items():
                size, sold_more, nights = RANKS[rank]
                draw = world.draw("lodging", place.code, rank, end)
                available = houses * size * len(days)
                sold = share(draw, available, min(0.93, 0.2 + 0.24 * busy) * sold_more)
                guest_nights = round(sold * draw.uniform(1.6, 1.9))
                guests = min(guest_nights, round(guest_nights / (nights * draw.uniform(0.94, 1.06))))
                values = {
                    "cutoff_date": end,
                    "commune": place.code,
                    "rank": rank,
                    "room_nights_available": available,
                    "room_nights_sold": sold,
                    "guests": guests,
                    "guest_nights": guest_nights,
                }
                yield Row(own.get(place.code, resource.owner), end, values)


def _typical(place: Place, day: date) -> float:
    return float(place.typical * GROWTH ** (day.year - 2023))


def _houses(world: World, place: Place, day: date) -> dict[str, int]:
    """Establishments by rank; a few open each year."""
    size = place.typical / 3000
    opened = 1 + 0.03 * (day.year - 2023 + day.month / 12)
    spread = {rank: world.draw("houses", place.code, rank).uniform(0.8, 1.2) for rank in HOUSES[place.kind]}
    return {rank: max(1, round(number * size * opened * spread[rank])) for rank, number in HOUSES[place.kind].items()}


def establishments(world: World, resource: Resource) -> Iterator[Row]:
    """Establishments and rooms on the last day of each quarter."""
    for end in world.quarter_ends(LODGING_QUARTERS):
        for place in PLACES:
            for rank, houses in _houses(world, place, end).items():
                keys = {"cutoff_date": end, "commune": place.code, "rank": rank}
                yield Row(resource.owner, end, {**keys, "establishments": houses, "rooms": houses * RANKS[rank][0]})


def receipts(world: World, resource: Resource) -> Iterator[Row]:
    """The whole table with each report: its last month an estimate, the two before preliminary, older ones official and a little other."""
    by_month: dict[str, int] = defaultdict(int)
    ends = _table_months(world)
    day = ends[0].replace(day=1)
    while day <= ends[-1]:
        by_month[period_of(Calendar.MONTH, day)] += sum(sum(visits_of(world, place, day).values()) for place in PLACES)
        day += ONE_DAY
    for report in world.month_ends(RESTATED_MONTHS):
        known = [end for end in ends if end <= report]
        for age, end in enumerate(reversed(known)):
            status = "estimate" if age == 0 else "preliminary" if age < 3 else "official"
            draw = world.draw("receipts", end)
            total = by_month[period_of(Calendar.MONTH, end)] * SPEND * draw.uniform(0.94, 1.06)
            total *= 1 + world.draw("restated", end, status).uniform(-0.03, 0.03)
            values = {
                "cutoff_date": end,
                "total_receipts": round(total, 1),
                "business_revenue": round(total * draw.uniform(0.29, 0.35), 1),
                "figure_status": STATUS_WORDS[status],
            }
            yield Row(resource.owner, report, values)


def _table_months(world: World) -> list[date]:
    """Last days of the 36 months that were over by the last day."""
    ends = [world.month_ends(1)[-1]]
    while len(ends) < TABLE_MONTHS:
        ends.append(ends[-1].replace(day=1) - ONE_DAY)
    return ends[::-1]


def plan(world: World, resource: Resource) -> Iterator[Row]:
    """The plan of each year by month, as the report of the last year that is planned: so much growth as was hoped for."""
    first = _table_months(world)[0].year
    for report in world.year_ends(1):
        for year in range(first, report.year + 2):
            for month in range(1, 13):
                end = date(year + month // 12, month % 12 + 1, 1) - ONE_DAY
                days = [end - timedelta(days=n) for n in range(end.day)]
                planned = sum(expected(place, day, PLANNED_GROWTH) for place in PLACES for day in days)
                values = {"month_end": end, "planned_visits": round(planned / 1000) * 1000, "planned_receipts": round(planned * SPEND, 1)}
                yield Row(resource.owner, report + ONE_DAY, values)


MAKERS = {"visits": visits, "lodging": lodging, "receipts": receipts, "establishments": establishments, "plan": plan}
