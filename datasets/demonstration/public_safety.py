"""Simulated rows of the public safety contract, keyed by the store's columns."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from datasets.demonstration.roads import accident_place, commune_near
from datasets.demonstration.row import Row
from datasets.demonstration.world import ONE_DAY, World, count, share, tet, wave
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Resource
from datasets.model.period import Period, period_of, periods

MONTHS = 6
ACCIDENT_MONTHS = 12
CAMERA_WEEKS = 6

ACCIDENTS_A_DAY = 1.75
BASE_YEAR, LESS_A_YEAR = 2026, 0.07
"""So much fewer accidents each year; the figure above is that of this year."""
HOURS = (3, 2, 1, 1, 1, 2, 4, 6, 4, 3, 4, 5, 4, 3, 4, 5, 6, 9, 9, 8, 7, 6, 5, 4)  # accidents by hour of the day
TET_DAYS, TET_MORE = 10, 0.5
VEHICLES = {"xe-may": 58, "o-to-con": 17, "o-to-tai": 16, "o-to-khach": 4, "khac": 5}
CAUSES = {"lan-duong": 29, "chuyen-huong": 19, "toc-do": 14, "nong-do-con": 11, "uu-tien": 12, "khac": 15}

FIRES_A_DAY, RESCUES_A_DAY = 0.55, 0.3
FIRES = {"nha-dan": 44, "co-so": 20, "phuong-tien": 19, "rung": 6}
FOREST_PEAK = ("rung", 175, 28.0, 60)
"""Forest fires in the dry west wind of June: peak as a day of the year, width in days, and what they gain."""
LOSSES = {"nha-dan": 4.2, "co-so": 5.8, "phuong-tien": 4.6, "rung": 3.6, "cuu-nan": 0.0}  # logarithm of million VND

CRIMES_A_MONTH = 5.2  # per 100,000 inhabitants
VIOLATIONS_A_MONTH = 190


def _choice(draw: random.Random, weights: dict[str, int]) -> str:
    return draw.choices(list(weights), list(weights.values()))[0]


def _moment(draw: random.Random, day: date, hours: tuple[int, ...]) -> datetime:
    return datetime.combine(day, time(draw.choices(range(24), hours)[0], draw.randrange(60)))


def _accidents_on(world: World, day: date) -> list[dict[str, Any]]:
    """Accidents of one day, by time; the same whoever asks."""
    draw = world.draw("accidents", day)
    near_tet = abs((day - tet(day.year)).days) <= TET_DAYS
    trend = (1 - LESS_A_YEAR) ** (int(period_of(Calendar.ADMINISTRATIVE_YEAR, day)[:4]) - BASE_YEAR)
    expected = ACCIDENTS_A_DAY * world.scale * trend * (1 + TET_MORE * near_tet) * (1.12 if day.weekday() >= 5 else 0.96)
    found = []
    for _ in range(count(draw, expected)):
        road, longitude, latitude = accident_place(world, draw, day)
        deaths = draw.choices((0, 1, 2, 3), (745, 240, 13, 2))[0]
        injured = draw.choices((0, 1, 2, 3, 4), (18, 52, 21, 6, 3))[0] if deaths else draw.choices((1, 2, 3, 4), (66, 25, 7, 2))[0]
        found.append(
            {
                "occurred_at": _moment(draw, day, HOURS),
                "commune": commune_near(world, day, longitude, latitude).code,
                "road": road,
                "longitude": round(longitude, 5),
                "latitude": round(latitude, 5),
                "vehicle": _choice(draw, VEHICLES),
                "cause": _choice(draw, CAUSES),
                "deaths": deaths,
                "injured": injured,
            }
        )
    return sorted(found, key=lambda one: one["occurred_at"])


def accidents(world: World, resource: Resource) -> Iterator[Row]:
    """Accidents of the administrative months that are over."""
    for day in world.days_of(Calendar.ADMINISTRATIVE_MONTH, ACCIDENT_MONTHS):
        for number, values in enumerate(_accidents_on(world, day), start=1):
            yield Row(resource.owner, day, {"accident": f"TN{day:%y%j}{number:03d}", **values})


def _count_of(world: World, month: Period) -> Counter[str]:
    """Accidents, deaths and injured of a month."""
    total: Counter[str] = Counter()
    for n in range((month.ends - month.starts).days):
        found = _accidents_on(world, month.starts + timedelta(days=n))
        total.update(accidents=len(found), deaths=sum(one["deaths"] for one in found), injured=sum(one["injured"] for one in found))
    return total


def traffic_summary(world: World, resource: Resource) -> Iterator[Row]:
    """The months that are over, the year so far, and the same months of the year before."""
    shown = world.over(Calendar.ADMINISTRATIVE_MONTH, MONTHS)
    known = periods(Calendar.ADMINISTRATIVE_MONTH, shown[0].starts - timedelta(days=2 * 366), shown[-1].starts)
    counts = {month.text: _count_of(world, month) for month in known}
    for month in shown:
        year, number = int(month.text[:4]), int(month.text[5:7])
        so_far, before = (sum((counts[f"{y}-{n:02d}A"] for n in range(1, number + 1)), Counter()) for y in (year, year - 1))
        last = month.ends - ONE_DAY
        values: dict[str, Any] = {"cutoff_date": last}
        for name in ("accidents", "deaths", "injured"):
            values |= {f"{name}_in_month": counts[month.text][name], f"{name}_so_far": so_far[name], f"{name}_year_before": before[name]}
        yield Row(resource.owner, last, values)


def monthly_cases(world: World, resource: Resource) -> Iterator[Row]:
    """Cases and violations of each commune in the administrative months that are over."""
    for month in world.over(Calendar.ADMINISTRATIVE_MONTH, MONTHS):
        last = month.ends - ONE_DAY
        people = world.people(last)
        for unit in world.communes(last):
            draw = world.draw("cases", unit.code, month.text)
            near = world.draw("crime", unit.code).uniform(0.5, 1.5) * (1.5 if unit.name.startswith("Phường") else 0.9)
            inhabitants = people[unit.unit_id] / 100_000
            criminal = count(draw, CRIMES_A_MONTH * inhabitants * near)
            violations = count(draw, VIOLATIONS_A_MONTH * inhabitants * near)
            values = {
                "criminal_cases": criminal,
                "cleared_cases": share(draw, criminal, world.draw("clearing", unit.code).uniform(0.72, 0.94)),
                "drug_cases": count(draw, 2.6 * inhabitants * near),
                "order_incidents": count(draw, 0.8 * inhabitants * near),
                "violations": violations,
                "alcohol_violations": share(draw, violations, 0.24),
            }
            yield Row(resource.owner, last, {"cutoff_date": last, "commune": unit.code, **values})


def callouts(world: World, resource: Resource) -> Iterator[Row]:
    """Fires and rescues of the administrative months that are over."""
    for day in world.days_of(Calendar.ADMINISTRATIVE_MONTH, MONTHS):
        draw = world.draw("callouts", day)
        name, peak, width, gain = FOREST_PEAK
        kinds = {**FIRES, name: FIRES[name] + round(gain * wave(day, peak, width))}
        fires = count(draw, FIRES_A_DAY * world.scale * sum(kinds.values()) / sum(FIRES.values()))
        found = [_choice(draw, kinds) for _ in range(fires)] + ["cuu-nan"] * count(draw, RESCUES_A_DAY * world.scale)
        for number, kind in enumerate(found, start=1):
            yield Row(resource.owner, day, {"callout": f"CC{day:%y%j}{number:03d}", **_callout(world, draw, day, kind)})


def _callout(world: World, draw: random.Random, day: date, kind: str) -> dict[str, Any]:
    people, communes = world.people(day), world.communes(day)
    remote = [u for u in communes if u.lon is not None and u.lon < 105.2] or communes
    unit = draw.choice(remote) if kind == "rung" else draw.choices(communes, [people[u.unit_id] for u in communes])[0]
    called = _moment(draw, day, (2,) * 6 + (3,) * 6 + (5,) * 10 + (3,) * 2)
    typical = 9 if unit.name.startswith("Phường") else 34 if kind == "rung" else 21
    deaths = int(draw.random() < (0.12 if kind == "cuu-nan" else 0.03))
    burnt = LOSSES[kind]
    return {
        "called_at": called,
        "arrived_at": called + timedelta(minutes=max(3, round(draw.lognormvariate(0, 0.35) * typical))) if draw.random() < 0.97 else None,
        "commune": unit.code,
        "kind": kind,
        "deaths": deaths,
        "injured": draw.choices((0, 1, 2, 3), (80, 14, 4, 2))[0],
        "loss": round(draw.lognormvariate(burnt, 0.9), 1) if burnt and draw.random() < 0.85 else None,
    }


def cameras(world: World, resource: Resource) -> Iterator[Row]:
    """Cameras of the communes that have some, on the days of the weeks that are over."""
    for day in world.weeks_back(CAMERA_WEEKS):
        for unit in world.communes(day):
            own = world.draw("cameras", unit.code)
            is_ward = unit.name.startswith("Phường")
            if not is_ward and own.random() > 0.35:
                continue
            installed = own.randint(30, 140) if is_ward else own.randint(6, 30)
            usual = own.uniform(0.93, 0.995)
            draw = world.draw("cameras online", unit.code, day)
            online = None if draw.random() < 0.01 else share(draw, installed, usual - (0.5 if draw.random() < 0.02 else 0.0))
            yield Row(resource.owner, day, {"day": day, "commune": unit.code, "installed": installed, "online": online})


MAKERS = {
    "accidents": accidents,
    "traffic-summary": traffic_summary,
    "monthly-cases": monthly_cases,
    "callouts": callouts,
    "cameras": cameras,
}
CASES = {"accidents": "accident", "callouts": "callout"}
