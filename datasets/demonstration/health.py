"""Simulated rows of the health contract, keyed by the store's columns."""

from __future__ import annotations

import math
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
}
COVID = "covid-19"
# COVID-19 comes in waves of its own, whatever the season, and strongest around the city.
COVID_LOW, COVID_HIGH = 0.25, 3.2
COVID_EVERY, COVID_PEAK, COVID_WIDTH = 126, date(2026, 11, 8).toordinal(), 17.0
CITY, CITY_DEGREES = (105.68, 18.68), 0.3
REPORT_LAGS = (0, 1, 1, 1, 2, 2, 2, 3, 4, 6)  # days from onset to report, by frequency
REPORTED_ON = (1.25, 1.1, 1.0, 1.0, 1.0, 0.7, 0.55)  # Monday to Sunday

LABORATORIES = {"trung-tam-kiem-soat-benh-tat": "40001", "benh-vien-huu-nghi-da-khoa": "40011"}
HOSPITALS = {"benh-vien-huu-nghi-da-khoa": ("40011", 1800, 100), "benh-vien-san-nhi": ("40012", 1000, 80)}
DISTRICT_HOSPITALS = (
    *("Diễn Châu", "Yên Thành", "Quỳnh Lưu", "Đô Lương", "Nghi Lộc", "Nam Đàn", "Hưng Nguyên", "Thanh Chương", "Anh Sơn"),
    *("Tân Kỳ", "Nghĩa Đàn", "Quỳ Hợp", "Quỳ Châu", "Quế Phong", "Con Cuông", "Tương Dương", "Kỳ Sơn", "Hoàng Mai"),
)
"""Where the other hospitals stand; their codes are 40101 onwards, as the contract names them."""
BED_DAYS = 10
WEEKS, ASSESSED_WEEKS = 8, 6
MONTHS = 6
DOSE_MONTHS, TEST_MONTHS, VACCINATION_MONTHS, AGE_MONTHS = 2, 3, 3, 6

PROVINCIAL_DOCTORS = (455, 270, 140, 120, 95, 80, 60)
"""Physicians of the provincial hospitals, which stand in the largest communes."""

# Share of the inhabitants of each sex by age group, and of the cases of each disease; men fall ill with dengue a little more often.
AGES = {"0-4": 0.082, "5-14": 0.175, "15-29": 0.201, "30-59": 0.397, "60+": 0.145}
MALE = 0.502
ILL_AT = {
    "sot-xuat-huyet": (0.06, 0.22, 0.33, 0.31, 0.08),
    "tay-chan-mieng": (0.86, 0.13, 0.006, 0.003, 0.001),
    "soi": (0.48, 0.27, 0.16, 0.07, 0.02),
    COVID: (0.07, 0.11, 0.20, 0.38, 0.24),
}
MALE_ILL = {"sot-xuat-huyet": 0.54, "tay-chan-mieng": 0.58, "soi": 0.52, COVID: 0.48}

SCHEDULE = {"dpt-vgb-hib": 3, "soi-rubella": 2}  # vaccine: doses in the first two years
BIRTHS = 0.015  # a year and inhabitant


def covid_rate(world: World, unit: Unit, day: date) -> float:
    """Expected cases of COVID-19 a day per 100,000 inhabitants of a commune."""
    phase = (day.toordinal() - COVID_PEAK + COVID_EVERY / 2) % COVID_EVERY - COVID_EVERY / 2
    height = math.exp(-((phase / COVID_WIDTH) ** 2) / 2)
    if unit.lon is None or unit.lat is None:
        near = 0.5
    else:
        away = math.hypot(unit.lon - CITY[0], unit.lat - CITY[1]) / CITY_DEGREES
        near = 0.3 + 1.8 * math.exp(-(away**2) / 2)
    return (COVID_LOW + COVID_HIGH * height) * near * math.exp(world.draw("outbreak", unit.code).gauss(0, 0.55))


def new_cases(world: World, disease: str, unit: Unit, day: date, people: int) -> Counter[int]:
    """Cases of one disease that a commune reports on a day, by days since onset."""
    draw = world.draw("cases", disease, unit.code, day)
    if disease == COVID:
        rate = covid_rate(world, unit, day)
    else:
        low, high, peak, width = DISEASES[disease]
        rate = (low + high * wave(day, peak, width)) * (0.5 + 1.2 * world.draw("exposure", unit.code).random())
    expected = people * rate * REPORTED_ON[day.weekday()] / 100_000
    return Counter(draw.choice(REPORT_LAGS) for _ in range(count(draw, expected)))


def cases(world: World, resource: Resource) -> Iterator[Row]:
    """New cases by day of report, day of onset, commune and disease."""
    for day, unit, people in world.by_commune(world.weeks_back(WEEKS)):
        for disease in (*DISEASES, COVID):
            for lag, new in sorted(new_cases(world, disease, unit, day, people).items()):
                draw = world.draw("severe", disease, unit.code, day, lag)
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


def cases_by_age(world: World, resource: Resource) -> Iterator[Row]:
    """The cases that all communes reported within each of the last months, by disease, sex and age group."""
    for end in world.month_ends(AGE_MONTHS):
        month = world.by_commune([date(end.year, end.month, day) for day in range(1, end.day + 1)])
        found = Counter[str]()
        for day, unit, people in month:
            for disease in ILL_AT:
                found[disease] += new_cases(world, disease, unit, day, people).total()
        for disease, at in ILL_AT.items():
            draw = world.draw("ages of the ill", disease, end)
            male = share(draw, found[disease], MALE_ILL[disease])
            for sex, ill in (("nam", male), ("nu", found[disease] - male)):
                ages = Counter(draw.choices(list(AGES), at, k=ill))
                for group in AGES:
                    values = {"month_end": end, "disease": disease, "sex": sex, "age_group": group, "new_cases": ages[group]}
                    yield Row(resource.owner, end, values)


def epidemic_control(world: World, resource: Resource) -> Iterator[Row]:
    """The assessment of each week on its Sunday: most of the week's cases of COVID-19 were found in the community."""
    for sunday, unit, people in world.by_commune(world.ends_of("week", ASSESSED_WEEKS)):
        week = [sunday - timedelta(days=n) for n in range(7)]
        new = sum(new_cases(world, COVID, unit, day, people).total() for day in week)
        draw = world.draw("assessment", unit.code, sunday)
        community = share(draw, new, 0.85)
        contacts = count(draw, 3.2 * community)
        promptness = world.draw("tracing", unit.code).uniform(0.8, 1.0)
        active = round(new * draw.uniform(1.1, 1.6))
        able = active * 100_000 / people < 130 and draw.random() > 0.02
        values = {
            "assessed_on": sunday,
            "commune": unit.code,
            "community_cases": community,
            "active_cases": active,
            "contacts": contacts,
            "traced": share(draw, contacts, promptness),
            "capacity": "dat" if able else "khong-dat",
        }
        yield Row(resource.owner, sunday, values)


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
    for day, unit, people in world.by_commune(world.months(VACCINATION_MONTHS)):
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
    for day in world.daily_deliveries(BED_DAYS):
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
    yield from _district_hospitals(world, communes, resource.owner)
    for position, (agency, (facility, normal, intensive)) in enumerate(HOSPITALS.items()):
        if agency in resource.publishers:
            yield agency, facility, communes[position], normal, intensive


def _district_hospitals(world: World, communes: list[Unit], owner: str) -> Iterator[tuple[str, str, Unit, int, int]]:
    named = {unit.name.split(" ", 1)[-1]: unit for unit in communes}
    for number, place in enumerate(DISTRICT_HOSPITALS):
        unit = named.get(place) or communes[(number * 7 + 2) % len(communes)]
        beds = world.draw("beds of", number).randint(15, 45) * 10
        yield owner, str(40101 + number), unit, beds, max(4, beds // 18)


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
    """Inhabitants at the end of the last full years."""
    for day, unit, people in world.by_commune(world.year_ends(1)):
        adults = adults_of(world, unit, people)
        values = {"reference_date": day, "commune": unit.code, "people": people, "under_one": round(people * BIRTHS), "adults": adults}
        yield Row(resource.owner, day, values)


def population_by_age(world: World, resource: Resource) -> Iterator[Row]:
    """Inhabitants of the province at the end of the last full years by sex and age group; they add up to those of the communes."""
    for end in world.year_ends(1):
        people = sum(world.people(end).values())
        men = round(people * MALE)
        for sex, of_sex in (("nam", men), ("nu", people - men)):
            groups = {group: round(of_sex * part) for group, part in AGES.items()}
            groups["30-59"] += of_sex - sum(groups.values())
            for group, counted in groups.items():
                yield Row(resource.owner, end, {"reference_date": end, "sex": sex, "age_group": group, "people": counted})


def adults_of(world: World, unit: Unit, people: int) -> int:
    """Inhabitants aged 18 and over."""
    return round(people * world.draw("ages", unit.code).uniform(0.66, 0.71))


def coverage(world: World, resource: Resource) -> Iterator[Row]:
    """Adults vaccinated against COVID-19 up to the end of each of the last months, by dose; fewer in the mountains."""
    for day, unit, people in world.by_commune(world.month_ends(DOSE_MONTHS)):
        eligible = adults_of(world, unit, people)
        draw = world.draw("covid doses", unit.code)
        remote = unit.lon is not None and unit.lon < 104.95
        reached = draw.uniform(0.62, 0.92) if remote else draw.uniform(0.86, 0.985)
        slower = 0.02 * math.exp(-(day - date(2023, 1, 1)).days / 700)  # the last ones come over the years
        for dose, part in enumerate((1.0, draw.uniform(0.92, 0.97), draw.uniform(0.5, 0.72)), start=1):
            values = {"dose": dose, "vaccinated": round(eligible * (reached - slower) * part), "eligible": eligible}
            yield Row(resource.owner, day, {"cutoff_date": day, "commune": unit.code, **values})


def immunisation(world: World, resource: Resource) -> Iterator[Row]:
    """Children who turned one within each of the last months, boys and girls, and how many had every vaccine."""
    for day, unit, people in world.by_commune(world.month_ends(MONTHS)):
        reached = world.draw("immunised", unit.code).uniform(0.91, 0.995)
        for sex, part in (("nam", 0.528), ("nu", 0.472)):
            draw = world.draw("turned one", unit.code, sex, day)
            children = count(draw, people * BIRTHS / 12 * part)
            values = {"turned_one": children, "fully_immunised": share(draw, children, reached)}
            yield Row(resource.owner, day, {"cutoff_date": day, "commune": unit.code, "sex": sex, **values})


def staff(world: World, resource: Resource) -> Iterator[Row]:
    """Physicians, pharmacists and nurses at the end of the last quarter: stations, area centres, hospitals and private practice."""
    for day in world.quarter_ends(1):
        people = world.people(day)
        communes = sorted(world.communes(day), key=lambda u: (-people[u.unit_id], u.code))
        centres = {unit.unit_id for _, _, unit, _, _ in _district_hospitals(world, communes, resource.owner)}
        for rank, unit in enumerate(communes):
            draw = world.draw("staff", unit.code)
            doctors = {"xa": draw.randint(1, 3)}
            if unit.unit_id in centres:
                doctors["khu-vuc"] = draw.randint(38, 75)
            if rank < len(PROVINCIAL_DOCTORS):
                doctors["tinh"] = PROVINCIAL_DOCTORS[rank]
            if unit.name.startswith("Phường") or draw.random() < 0.25:
                doctors["tu-nhan"] = draw.randint(4, 42)
            for level, physicians in doctors.items():
                pharmacists = None if level == "tu-nhan" and draw.random() < 0.3 else max(1, round(physicians * 0.12))
                counted = {"doctors": physicians, "pharmacists": pharmacists, "nurses": round(physicians * 1.7)}
                yield Row(resource.owner, day, {"cutoff_date": day, "commune": unit.code, "care_level": level, **counted})


MAKERS = {
    "cases": cases,
    "cases-by-age": cases_by_age,
    "epidemic-control": epidemic_control,
    "tests": tests,
    "vaccination": vaccination,
    "coverage": coverage,
    "immunisation": immunisation,
    "staff": staff,
    "bed-days": bed_days,
    "insurance": insurance,
    "population": population,
    "population-by-age": population_by_age,
}
