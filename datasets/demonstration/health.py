"""Simulated rows of the health contract, keyed by the store's columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from datasets.demonstration.row import Row
from datasets.demonstration.world import World, count, share, wave
from datasets.model.contract import Resource
from datasets.model.unit import Unit

# Expected cases a day per 100,000 inhabitants, low season and what the wave adds; the peak as a day of the year, its width in days.
DISEASES = {
    "sot-xuat-huyet": (0.25, 1.6, 300, 28.0),
    "tay-chan-mieng": (0.30, 0.7, 275, 35.0),
    "soi": (0.03, 0.15, 80, 30.0),
    "covid-19": (0.12, 0.45, 330, 30.0),
}
REPORT_LAGS = (0, 1, 1, 1, 2, 2, 2, 3, 4, 6)  # days from onset to report, by frequency
REPORTED_ON = (1.25, 1.1, 1.0, 1.0, 1.0, 0.7, 0.55)  # Monday to Sunday

LABORATORIES = {"trung-tam-kiem-soat-benh-tat": "40001", "benh-vien-huu-nghi-da-khoa": "40011"}
HOSPITALS = {"benh-vien-huu-nghi-da-khoa": ("40011", 1800, 100), "benh-vien-san-nhi": ("40012", 1000, 80)}
DISTRICT_HOSPITALS = (
    *("Diễn Châu", "Yên Thành", "Quỳnh Lưu", "Đô Lương", "Nghi Lộc", "Nam Đàn", "Hưng Nguyên", "Thanh Chương", "Anh Sơn"),
    *("Tân Kỳ", "Nghĩa Đàn", "Quỳ Hợp", "Quỳ Châu", "Quế Phong", "Con Cuông", "Tương Dương", "Kỳ Sơn", "Hoàng Mai"),
)
"""Where the other hospitals stand; their codes are 40101 onwards, as the contract names them."""
DAILY_DELIVERIES = 14
MONTHS = 6
TEST_MONTHS = 4

SCHEDULE = {"dpt-vgb-hib": 3, "soi-rubella": 2}  # vaccine: doses in the first two years
BIRTHS = 0.015  # a year and inhabitant


def cases(world: World, resource: Resource) -> Iterator[Row]:
    """New cases by day of report, day of onset, commune and disease."""
    for day, unit, people in world.by_commune(world.weeks):
        near = 0.5 + 1.2 * world.draw("exposure", unit.code).random()
        for disease, (low, high, peak, width) in DISEASES.items():
            draw = world.draw("cases", disease, unit.code, day)
            rate = (low + high * wave(day, peak, width)) * near * REPORTED_ON[day.weekday()]
            onsets = Counter(draw.choice(REPORT_LAGS) for _ in range(count(draw, people * rate / 100_000)))
            for lag, new in sorted(onsets.items()):
                severe = share(draw, new, 0.04)
                values = {
                    "report_date": day,
                    "onset_date": day - timedelta(days=lag),
                    "commune": unit.code,
                    "disease": disease,
                    "new_cases": new,
                    "severe_cases": severe,
                    "deaths": int(severe > 0 and draw.random() < 0.02),
                }
                yield Row(resource.owner, day, values)


def tests(world: World, resource: Resource) -> Iterator[Row]:
    """Samples by laboratory, working day, commune of residence and method, of the months that are over."""
    for day in (day for day in world.months(TEST_MONTHS) if world.is_working_day(day)):
        people = world.people(day)
        communes = world.communes(day)
        for agency in resource.publishers:
            draw = world.draw("tests", agency, day)
            sampled = {draw.choices(communes, [people[u.unit_id] for u in communes])[0] for _ in range(9)}
            for unit in sorted(sampled, key=lambda u: u.code):
                for method, typical in (("pcr", 12), ("khang-nguyen", 20)):
                    tested = count(draw, typical)
                    if tested:
                        positive = share(draw, tested, 0.03 + 0.06 * wave(day, 330, 20.0))
                        keys = {"test_date": day, "commune": unit.code, "facility": LABORATORIES[agency], "method": method}
                        yield Row(agency, day, {**keys, "tested": tested, "positive": positive})


def vaccination(world: World, resource: Resource) -> Iterator[Row]:
    """Children vaccinated on their commune's day of the month, by vaccine and dose; never more than were born in a month."""
    for day, unit, people in world.by_commune(world.months(MONTHS)):
        if day.day != world.draw("vaccination day", unit.code).randint(5, 25):
            continue
        for vaccine, doses in SCHEDULE.items():
            for dose in range(1, doses + 1):
                draw = world.draw("vaccination", vaccine, dose, unit.code, day)
                reached = world.draw("reached", unit.code).uniform(0.90, 1.0) - 0.02 * dose
                vaccinated = share(draw, int(people * BIRTHS / 12), reached)
                values = {"vaccination_date": day, "commune": unit.code, "vaccine": vaccine, "dose": dose, "people": vaccinated}
                yield Row(resource.owner, day, values)


def bed_days(world: World, resource: Resource) -> Iterator[Row]:
    """Beds of the provincial hospitals, delivered by themselves, and of the district ones, delivered by the department."""
    for day in world.days[-DAILY_DELIVERIES:]:
        for agency, facility, unit, normal, intensive in _facilities(world, resource, day):
            for ward, beds in (("thuong", normal), ("hoi-suc", intensive)):
                draw = world.draw("beds", facility, ward, day)
                crowded = world.draw("crowded", facility, ward).gauss(0, 0.07)
                used = 0.76 + 0.10 * wave(day, 330, 40.0) + crowded - (0.06 if day.weekday() >= 5 else 0) + draw.gauss(0, 0.03)
                silent = facility.startswith("401") and draw.random() < 0.02
                keys = {"day": day, "commune": unit.code, "facility": facility, "ward": ward, "beds_available": beds}
                yield Row(agency, day, {**keys, "beds_occupied": None if silent else round(beds * min(max(used, 0.3), 1.1))})


def _facilities(world: World, resource: Resource, day: date) -> Iterator[tuple[str, str, Unit, int, int]]:
    """Agency, code, commune, beds and intensive-care beds of each facility."""
    people = world.people(day)
    communes = sorted(world.communes(day), key=lambda u: (-people[u.unit_id], u.code))
    named = {unit.name.split(" ", 1)[-1]: unit for unit in communes}
    for number, place in enumerate(DISTRICT_HOSPITALS):
        unit = named.get(place) or communes[(number * 7 + 2) % len(communes)]
        beds = world.draw("beds of", number).randint(15, 45) * 10
        yield resource.owner, str(40101 + number), unit, beds, max(4, beds // 18)
    for position, (agency, (facility, normal, intensive)) in enumerate(HOSPITALS.items()):
        if agency in resource.publishers:
            yield agency, facility, communes[position], normal, intensive


def insurance(world: World, resource: Resource) -> Iterator[Row]:
    """People insured at the end of each of the last months, by who pays."""
    for day in world.month_ends(MONTHS):
        people = world.people(day)
        for unit in world.communes(day):
            draw = world.draw("insurance", unit.code)
            workers = draw.uniform(0.12, 0.22)
            budget = draw.uniform(0.50, 0.60)
            households = min(0.99, draw.gauss(0.93, 0.02)) - workers - budget
            for payer, part in (("nguoi-lao-dong", workers), ("ngan-sach", budget), ("ho-gia-dinh", households)):
                insured = round(people[unit.unit_id] * part * (1 + world.draw("insured", unit.code, payer, day).gauss(0, 0.003)))
                yield Row(resource.owner, day, {"cutoff_date": day, "commune": unit.code, "payer": payer, "insured": insured})


def population(world: World, resource: Resource) -> Iterator[Row]:
    """Inhabitants at the end of the last full year."""
    day = date(world.until.year - (world.until < date(world.until.year, 12, 31)), 12, 31)
    for unit in world.communes(day):
        draw = world.draw("ages", unit.code)
        people = world.people(day)[unit.unit_id]
        adults = round(people * draw.uniform(0.66, 0.71))
        values = {"reference_date": day, "commune": unit.code, "people": people, "under_one": round(people * BIRTHS), "adults": adults}
        yield Row(resource.owner, day, values)


MAKERS = {
    "cases": cases,
    "tests": tests,
    "vaccination": vaccination,
    "bed-days": bed_days,
    "insurance": insurance,
    "population": population,
}
