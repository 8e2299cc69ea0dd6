"""Simulated rows of the public services contract, keyed by the store's columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from datasets.demonstration.row import Row
from datasets.demonstration.world import World, count, share
from datasets.model.contract import Resource

BY_WEEKDAY = (1.25, 1.05, 1.0, 0.95, 0.85, 0.3, 0.0)  # Monday to Sunday
PER_INHABITANT = 0.00045  # files a working day
PROGRESS = 0.06  # what the share of online files gains in a year
MONTHS = 6
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


def files(world: World, resource: Resource) -> Iterator[Row]:
    """Files at each commune; a ward that publishes delivers its own, the first publisher all others."""
    agencies = world.reference.agencies
    own = {agencies[name].unit: name for name in resource.publishers if agencies[name].unit is not None}
    desks: dict[str, Desk] = {}
    for day in world.working_days:
        people = world.people(day)
        for unit in world.communes(day):
            desk = desks.setdefault(unit.unit_id, Desk(world, unit.code, people[unit.unit_id] * PER_INHABITANT))
            yield Row(own.get(unit.code, resource.owner), day, {"day": day, "commune": unit.code, **desk.day(day)})


def department_files(world: World, resource: Resource) -> Iterator[Row]:
    """Files of each department at the provincial centre."""
    desks = [Desk(world, name, typical) for name, typical in OFFICES.items() if name in world.reference.agencies]
    for day in world.working_days:
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


MAKERS = {"files": files, "department-files": department_files, "satisfaction": satisfaction}
