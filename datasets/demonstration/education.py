"""Simulated rows of the education contract, keyed by the store's columns.

A school stays where it is: it belongs to a commune of before the reorganisation, and on a later day to the commune that this became.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from datasets.demonstration.row import Row
from datasets.demonstration.world import World, count, share, wave
from datasets.model.contract import Calendar, Level, Resource
from datasets.model.reference import Reference
from datasets.model.unit import Unit

SCHOOL_YEARS = 3
FLOW_MONTHS = 6
CLOSURE_DAYS = 10
GRADUATION_YEARS = 8
BEFORE = date(2025, 6, 30)
"""The communes of this day, the last before they were merged, are where schools stand."""

STAGES = {  # pupils of a school, pupils a class, teachers a class, share of qualified teachers, chance of the national standard
    "mam-non": (480, 26, 1.78, 0.93, 0.70),
    "tieu-hoc": (780, 31, 1.39, 0.86, 0.80),
    "thcs": (680, 38, 1.87, 0.90, 0.66),
    "thpt": (1_280, 42, 2.21, 0.995, 0.58),
}
NAMES = {"mam-non": "Mầm non", "tieu-hoc": "Tiểu học", "thcs": "THCS", "thpt": "THPT"}
OF_PEOPLE = {"tieu-hoc": 0.094, "thcs": 0.063, "thpt": 0.034}
"""Pupils of a level as a share of inhabitants."""
DROPPING = {"tieu-hoc": 0.000_02, "thcs": 0.000_25, "thpt": 0.000_8}
"""Chance of dropping out within a month."""
OF_AGE = {"mam-non": (0.052, 0.935), "tieu-hoc": (0.093, 0.998), "thcs": (0.064, 0.973), "thpt": (0.046, 0.835)}
"""Children of a level's age as a share of inhabitants, and how many of them are at school."""

SUBJECTS = {  # mean mark, share of the candidates who sit it
    **{"toan": (6.1, 1.0), "ngu-van": (6.9, 1.0), "ngoai-ngu": (5.2, 0.55), "vat-ly": (6.7, 0.38), "hoa-hoc": (6.4, 0.3)},
    **{"sinh-hoc": (6.0, 0.1), "lich-su": (6.5, 0.42), "dia-ly": (6.8, 0.4)},
}


@dataclass(frozen=True, slots=True)
class School:
    """One level of one school."""

    code: str
    name: str
    stage: str
    stands_in: Unit
    size: float
    """How large it is beside a usual school of its level."""
    is_remote: bool


def schools(world: World, resource: Resource) -> Iterator[Row]:
    """Classes, pupils, teachers and rooms of each school at the end of May of each school year."""
    for end in world.ends_of(Calendar.SCHOOL_YEAR, SCHOOL_YEARS):
        day = date(end.year, 5, 31)
        for school in _schools(world):
            draw = world.draw("school", school.code)
            usual, to_class, to_teachers, qualified, standard = STAGES[school.stage]
            grown = 1 + 0.012 * (day.year - 2024) + world.draw("pupils", school.code, day).gauss(0, 0.01)
            pupils = max(30, round(usual * school.size * grown))
            classes = max(2, round(pupils / (to_class * draw.uniform(0.82, 1.14) * (0.8 if school.is_remote else 1.0))))
            staffed = world.draw("teachers of", school.stands_in.parent, school.stage).uniform(0.93, 1.09)  # each district hired its own
            teachers = round(classes * to_teachers * staffed * (draw.uniform(0.9, 1.08) + 0.011 * (day.year - 2026)))
            rooms = max(2, round(classes * draw.uniform(0.9, 1.05)))
            solid = (0.72 if school.is_remote else 0.9) + 0.015 * (day.year - 2026)
            mark = draw.random() + (0.12 if school.is_remote else 0.0) - 0.03 * (day.year - 2026)
            yield Row(
                resource.owner,
                day,
                {
                    "counted_on": day,
                    "school": school.code,
                    "school_name": school.name,
                    "commune": _unit_on(world, school.stands_in, day).code,
                    "area": _former_district(world, school.stands_in, day),
                    "stage": school.stage,
                    "ownership": "ngoai-cong-lap" if school.stage == "mam-non" and draw.random() < 0.06 else "cong-lap",
                    "classes": classes,
                    "pupils": pupils,
                    "teachers": teachers,
                    "teachers_qualified": share(draw, teachers, min(1.0, qualified + 0.02 * (day.year - 2026))),
                    "classrooms": rooms,
                    "classrooms_solid": share(draw, rooms, solid),
                    "standard": "chua" if mark > standard else "muc-2" if mark < standard * 0.3 else "muc-1",
                },
            )


@lru_cache(maxsize=4)
def _built(reference: Reference, seed: int) -> tuple[School, ...]:
    world = World(reference, seed, first=BEFORE, until=BEFORE)
    found: list[School] = []
    for unit in world.reference.unit_index.valid(Level.COMMUNE, BEFORE, world.reference.province):
        place = unit.name.removeprefix("Thị trấn ").removeprefix("Phường ").removeprefix("Xã ")
        draw = world.draw("schools of", unit.unit_id)
        is_remote = unit.lon is not None and unit.lon < 104.95
        size = draw.lognormvariate(0, 0.28) * (0.62 if is_remote else 1.6 if unit.name.startswith("Phường") else 1.0)
        there = {"mam-non": True, "tieu-hoc": True, "thcs": draw.random() < 0.78, "thpt": draw.random() < 0.2}
        for number, stage in enumerate(STAGES, start=1):
            if there[stage]:
                code = f"40{number}{unit.code.zfill(5)[-5:]}"
                of_usual = draw.uniform(0.7, 1.3) if stage == "thpt" else size
                found.append(School(code, f"Trường {NAMES[stage]} {place}", stage, unit, of_usual, is_remote))
    return tuple(found)


def _schools(world: World) -> tuple[School, ...]:
    return _built(world.reference, world.seed)


def _unit_on(world: World, unit: Unit, day: date) -> Unit:
    """The commune that bore the code of a former one on an earlier day, or that it has become on a later one."""
    before = world.reference.unit_index.resolve(unit.code, Level.COMMUNE, day) if day < BEFORE else None
    return before or _successors(world.reference)[unit.unit_id, day]


def _former_district(world: World, commune: Unit, day: date) -> str:
    """Code of the district that a commune of before the reorganisation lay in on that day, or last before districts ended."""
    then = world.reference.unit_index.resolve(commune.code, Level.COMMUNE, min(day, BEFORE)) or commune
    return world.reference.unit_index.by_id[str(then.parent)].code


class _Successors(dict[tuple[str, date], Unit]):
    def __init__(self, reference: Reference) -> None:
        super().__init__()
        self._units = {unit.unit_id: unit for unit in reference.units}
        self._next: dict[str, tuple[float, str]] = {}
        for part in reference.crosswalk:
            self._next[part.from_unit] = max(self._next.get(part.from_unit, (0.0, "")), (part.weight, part.to_unit))

    def __missing__(self, key: tuple[str, date]) -> Unit:
        unit_id, day = key
        while not self._units[unit_id].is_valid(day) and unit_id in self._next:
            unit_id = self._next[unit_id][1]
        self[key] = self._units[unit_id]
        return self[key]


@lru_cache(maxsize=4)
def _successors(reference: Reference) -> _Successors:
    return _Successors(reference)


def pupil_flow(world: World, resource: Resource) -> Iterator[Row]:
    """Pupils of each commune and level by month; more leave school after Tết and in the mountains."""
    for day, unit, people in world.by_commune(world.month_ends(FLOW_MONTHS)):
        for stage, part in OF_PEOPLE.items():
            draw = world.draw("flow", unit.code, stage, day)
            enrolled = round(people * part * world.draw("young", unit.code).uniform(0.9, 1.1))
            chance = DROPPING[stage] * (2.6 if _is_remote(unit) else 1.0) * (1 + 1.8 * wave(day, 60, 25.0) + 0.8 * wave(day, 240, 25.0))
            dropped = count(draw, enrolled * chance)
            values = {
                "month_end": day,
                "commune": unit.code,
                "stage": stage,
                "enrolled": enrolled,
                "arrived": count(draw, enrolled * 0.001),
            }
            values |= {"departed": count(draw, enrolled * 0.001), "dropped": dropped, "returned": share(draw, dropped, 0.35)}
            yield Row(resource.owner, day, values)


def universal_education(world: World, resource: Resource) -> Iterator[Row]:
    """Children of each level's age, and those at school, by commune."""
    for end in world.ends_of(Calendar.SCHOOL_YEAR, SCHOOL_YEARS):
        for day, unit, people in world.by_commune([date(end.year, 5, 31)]):
            for stage, (part, at_school) in OF_AGE.items():
                draw = world.draw("of age", unit.code, stage)
                of_age = round(people * part * draw.uniform(0.9, 1.1))
                reached = at_school - (0.06 if _is_remote(unit) and stage in ("mam-non", "thpt") else 0.0) + 0.004 * (day.year - 2026)
                values = {"cutoff_date": day, "commune": unit.code, "stage": stage, "of_age": of_age}
                yield Row(resource.owner, day, {**values, "enrolled_of_age": share(draw, of_age, reached)})


def graduation(world: World, resource: Resource) -> Iterator[Row]:
    """Candidates and graduates of each upper secondary school, all years in each report."""
    for report, day in _results(world):
        for school in (school for school in _schools(world) if school.stage == "thpt"):
            draw = world.draw("graduates", school.code)
            candidates = round(STAGES["thpt"][0] * school.size / 3.1 * (1 + 0.01 * (day.year - 2026)))
            graduated = share(world.draw("graduates", school.code, day), candidates, draw.uniform(0.972, 0.999))
            values = {"published_on": day, "school": school.code, "school_name": school.name}
            values |= {"commune": _unit_on(world, school.stands_in, day).code, "candidates": candidates, "graduated": graduated}
            yield Row(resource.owner, report, values)


def graduation_marks(world: World, resource: Resource) -> Iterator[Row]:
    """Papers of each subject, the sum of their marks, and those below five, all years in each report."""
    for report, day in _results(world):
        for subject, (mean, sat) in SUBJECTS.items():
            draw = world.draw("marks", subject, day)
            papers = round(36_500 * sat * (1 + 0.01 * (day.year - 2026)))
            of_year = mean + 0.05 * (day.year - 2026) + draw.gauss(0, 0.18)
            below = share(draw, papers, max(0.01, 0.5 - (of_year - 5) * 0.22))
            yield Row(
                resource.owner,
                report,
                {"published_on": day, "subject": subject, "papers": papers, "marks": round(papers * of_year, 2), "below_five": below},
            )


def _results(world: World) -> Iterator[tuple[date, date]]:
    """Each report with the day of the results of every year that it holds."""
    for report in world.ends_of(Calendar.SCHOOL_YEAR, 1):
        for year in range(report.year - GRADUATION_YEARS + 1, report.year + 1):
            yield report, date(year, 7, 16)


def closures(world: World, resource: Resource) -> Iterator[Row]:
    """Schools open, closed and online each day and commune: floods in autumn, cold in January, else single buildings."""
    for day, unit, people in world.by_commune(world.daily_deliveries(CLOSURE_DAYS)):
        there = max(3, round(people / 2_300))
        reason = _reason(world, unit, day)
        draw = world.draw("closed", unit.code, day)
        closed = 0 if reason is None else min(there, 1 if reason == "co-so-vat-chat" else draw.randint(1, 4))
        online = 1 if reason == "dich-benh" and closed > 1 else 0
        affected = sum(draw.randint(180, 700) for _ in range(closed))
        values = {"day": day, "commune": unit.code, "open_schools": there - closed, "closed_schools": closed - online}
        yield Row(resource.owner, day, {**values, "online_schools": online, "pupils_affected": affected, "reason": reason})


def _reason(world: World, unit: Unit, day: date) -> str | None:
    """Why schools of a commune are closed: an event that began on this day or up to three days before, and lasts."""
    for ago in range(4):
        draw = world.draw("event", unit.code, day - timedelta(days=ago))
        chances = {
            "mua-lu": 0.012 * wave(day, 295, 28.0) * (2.2 if _is_remote(unit) else 0.4),
            "ret-dam-ret-hai": 0.03 * wave(day, 15, 14.0) * (1.0 if _is_remote(unit) else 0.0),
            "dich-benh": 0.0012,
            "co-so-vat-chat": 0.0015,
        }
        at, lasts = draw.random(), draw.randint(1, 4)
        for reason, chance in chances.items():
            if at < chance:
                if lasts > ago:
                    return reason
                break
            at -= chance
    return None


def _is_remote(unit: Unit) -> bool:
    return unit.lon is not None and unit.lon < 104.95


MAKERS = {
    "schools": schools,
    "pupil-flow": pupil_flow,
    "universal-education": universal_education,
    "graduation": graduation,
    "graduation-marks": graduation_marks,
    "closures": closures,
}
