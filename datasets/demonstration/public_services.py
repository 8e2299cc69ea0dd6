"""Simulated rows of the public services contract, keyed by the store's columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from datasets.demonstration.row import Row
from datasets.demonstration.world import World, count, share
from datasets.model.calendar import ZONE
from datasets.model.contract import Resource

BY_WEEKDAY = (1.25, 1.05, 1.0, 0.95, 0.85, 0.3, 0.0)  # Monday to Sunday
PER_INHABITANT = 0.00045  # files a working day
PROGRESS = 0.06  # what the share of online files gains in a year
MONTHS = 6
WHOLE_MONTHS = 2
"""Months that are over of which offices count by day; the running month comes after them, as far as it has gone."""
FIELDS = {
    "dat-dai": (0.46, 20),
    "ho-tich": (0.05, 5),
    "chung-thuc": (0.01, 2),
    "xay-dung": (0.2, 15),
    "bao-tro-xa-hoi": (0.18, 12),
    "kinh-doanh": (0.03, 3),
    "khac": (0.07, 7),
}
"""Share of the open files and working days allowed, by field."""
ONLINE = 0.15
"""Share of the open files that are handled wholly online, whose days are counted through holidays too."""
GROUPS = {
    "cong-khai": (18, 0.84, 0.99),
    "tien-do": (20, 0.8, 0.99),
    "so-hoa": (22, 0.62, 0.95),
    "truc-tuyen": (22, 0.5, 0.92),
    "hai-long": (18, 0.86, 0.99),
}
"""Groups of the service-quality index: most points, and the range in which a commune's share of them lies."""
OFFICES = {  # files a working day at the departments
    "so-tu-phap": 85,
    "so-xay-dung": 60,
    "so-nong-nghiep-va-moi-truong": 55,
    "so-tai-chinh": 50,
    "cong-an-tinh": 45,
    "so-y-te": 40,
    "so-noi-vu": 30,
    "so-cong-thuong": 25,
    "so-giao-duc-va-dao-tao": 20,
    "so-van-hoa-the-thao-va-du-lich": 15,
    "so-khoa-hoc-va-cong-nghe": 10,
}


class Desk:
    """One office that handles files, from day to day: what is open today is what was open, and came in, and was not resolved."""

    def __init__(self, world: World, name: str, typical: float) -> None:
        draw = world.draw("desk", name)
        self.world, self.name, self.typical = world, name, typical
        self.punctual = draw.uniform(0.93, 0.995)
        self.online = draw.uniform(0.62, 0.93)
        self.paid = draw.uniform(0.25, 0.75)
        self.open = round(typical * draw.uniform(2.0, 4.0))

    def day(self, day: date) -> dict[str, int]:
        """What the office counts on a day."""
        draw = self.world.draw("files", self.name, day)
        received = count(draw, self.typical * BY_WEEKDAY[day.weekday()])
        resolved = min(self.open + received, count(draw, (self.open + received) * 0.26))
        self.open += received - resolved
        late = share(draw, resolved, 1 - self.punctual)
        online = min(0.99, self.online + PROGRESS * day.timetuple().tm_yday / 365)
        fee_bearing = share(draw, received, 0.45)
        return {
            "received": received,
            "on_time": resolved - late,
            "late": late,
            "open_files": self.open,
            "open_overdue": share(draw, self.open, (1 - self.punctual) * 0.8),
            "online": share(draw, received, online),
            "digitised": share(draw, received, 0.6 + 0.4 * online),
            "e_results": share(draw, resolved, online),
            "fee_bearing": fee_bearing,
            "paid_online": share(draw, fee_bearing, self.paid),
        }


def office_days(world: World) -> list[date]:
    """Working days of the last months that are over and of the whole weeks of the running one: a part of a week would look like a fall."""
    first, last = world.months(WHOLE_MONTHS)[0], max(world.weeks_back(1)[-1], world.months(1)[-1])
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if world.is_working_day(day)]


def files(world: World, resource: Resource) -> Iterator[Row]:
    """Files at each commune; a ward that publishes delivers its own, the first publisher all others."""
    agencies = world.reference.agencies
    own = {agencies[name].unit: name for name in resource.publishers if agencies[name].unit is not None}
    desks: dict[str, Desk] = {}
    for day in office_days(world):
        people = world.people(day)
        for unit in world.communes(day):
            desk = desks.setdefault(unit.unit_id, Desk(world, unit.code, people[unit.unit_id] * PER_INHABITANT))
            yield Row(own.get(unit.code, resource.owner), day, {"day": day, "commune": unit.code, **desk.day(day)})


def department_files(world: World, resource: Resource) -> Iterator[Row]:
    """Files of each department at the provincial centre."""
    desks = [Desk(world, name, typical) for name, typical in OFFICES.items() if name in world.reference.agencies]
    for day in office_days(world):
        for desk in desks:
            yield Row(resource.owner, day, {"day": day, "office": desk.name, **desk.day(day)})


def satisfaction(world: World, resource: Resource) -> Iterator[Row]:
    """Answers to the survey of each of the last months, by commune."""
    for day in world.month_ends(MONTHS):
        people = world.people(day)
        for unit in world.communes(day):
            draw = world.draw("satisfaction", unit.code, day)
            asked = count(draw, people[unit.unit_id] * PER_INHABITANT * 8)
            rated = share(draw, asked, world.draw("answers", unit.code).uniform(0.25, 0.7))
            content = world.draw("content", unit.code).uniform(0.82, 0.97)
            mark = round(min(5.0, 1 + 4 * content + draw.gauss(0, 0.05)), 2) if rated else None
            values = {"asked": asked, "rated": rated, "satisfied": share(draw, rated, content), "mean_mark": mark}
            yield Row(resource.owner, day, {"cutoff_date": day, "commune": unit.code, **values})


def service_quality(world: World, resource: Resource) -> Iterator[Row]:
    """Points of the five groups at the end of each of the last months, by commune; a year adds about two hundredths."""
    ends = world.month_ends(MONTHS)
    for day in ends:
        for unit in world.communes(day):
            for name, (possible, low, high) in GROUPS.items():
                usual = world.draw("service quality", unit.code, name).triangular(low, high)
                gained = 0.02 * (day - ends[-1]).days / 365
                reached = min(1.0, max(0.0, usual + gained + world.draw("service quality", unit.code, name, day).gauss(0, 0.012)))
                values = {"group_name": name, "points": round(possible * reached, 2), "possible": float(possible)}
                yield Row(resource.owner, day, {"cutoff_date": day, "commune": unit.code, **values})


def open_files(world: World, resource: Resource) -> Iterator[Row]:
    """Files without a result at the end of the last day, by commune; nearly all that are open were promised for a later moment."""
    calendar, people = world.reference.calendar, world.people(world.until)
    shares, fields = [share for share, _ in FIELDS.values()], tuple(FIELDS)
    for unit in world.communes(world.until):
        draw = world.draw("open files", unit.code, world.until)
        tardy = 1 - Desk(world, unit.code, 1).punctual
        for number in range(count(draw, people[unit.unit_id] * PER_INHABITANT * 1.6 * world.scale)):
            field = draw.choices(fields, shares)[0]
            allowed = FIELDS[field][1]
            is_tardy = draw.random() < tardy
            if draw.random() < ONLINE:
                day = world.until - timedelta(days=allowed + draw.randint(0, 3) if is_tardy else draw.randint(0, allowed - 1))
                due_day = day + timedelta(days=allowed)
            else:
                # So many working days ago: within what is allowed, or before it for one that is overdue.
                day = _working_day_before(world, allowed + draw.randint(0, 6) if is_tardy else round(draw.random() * (allowed - 1)))
                due_day = calendar.add_working_days(day, allowed)
            received = datetime.combine(day, time(7, 30), ZONE) + timedelta(minutes=draw.randint(0, 500))
            due = datetime.combine(due_day, time(8 + draw.randint(0, 8), 30), ZONE)
            values = {"number": f"{unit.code}-{number + 1:04d}", "field": field, "received_at": received, "due_at": due}
            yield Row(resource.owner, world.until, {"commune": unit.code, **values})


def _working_day_before(world: World, ago: int) -> date:
    """The working day `ago` working days before the last one."""
    day = world.until
    while not world.is_working_day(day) or ago > 0:
        ago -= world.is_working_day(day)
        day -= timedelta(days=1)
    return day


def complaints(world: World, resource: Resource) -> Iterator[Row]:
    """Complaints of each of the last months, by commune."""
    for day in world.month_ends(MONTHS):
        people = world.people(day)
        for unit in world.communes(day):
            draw = world.draw("complaints", unit.code, day)
            received = count(draw, people[unit.unit_id] * 0.00004)
            due = max(0, received + draw.choice((-1, 0, 0, 0, 1)))
            on_time = share(draw, due, 0.94)
            values = {
                "lodged": received,
                "to_answer": due,
                "answered_on_time": on_time,
                "unanswered_overdue": share(draw, due - on_time, 0.5),
            }
            yield Row(resource.owner, day, {"cutoff_date": day, "commune": unit.code, **values})


MAKERS = {
    "files": files,
    "department-files": department_files,
    "satisfaction": satisfaction,
    "service-quality": service_quality,
    "open-files": open_files,
    "complaints": complaints,
}
CASES = {"open-files": "number"}
