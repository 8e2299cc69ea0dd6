"""Where accidents happen: along the main roads, at some places again and again, and elsewhere among the people.

The roads are sketched through towns that they pass, within some kilometres; they are no map.
"""

from __future__ import annotations

import random
from datetime import date
from itertools import pairwise
from math import cos, hypot, radians

from datasets.demonstration.world import World
from datasets.model.unit import Unit

Point = tuple[float, float]

ROADS: dict[str, tuple[Point, ...]] = {
    "Quốc lộ 1": ((105.73, 19.27), (105.68, 19.17), (105.61, 19.07), (105.60, 18.98), (105.62, 18.84), (105.67, 18.69)),
    "Quốc lộ 7": ((105.58, 18.98), (105.43, 18.97), (105.31, 18.90), (105.09, 18.93), (104.88, 19.05), (104.47, 19.26), (104.14, 19.40)),
    "Quốc lộ 48": ((105.61, 19.08), (105.50, 19.25), (105.43, 19.32), (105.25, 19.38), (105.09, 19.55), (104.93, 19.62)),
    "Quốc lộ 46": ((105.67, 18.67), (105.49, 18.70), (105.33, 18.78), (105.25, 18.70)),
    "Đường Hồ Chí Minh": ((105.43, 19.38), (105.43, 19.28), (105.27, 19.05), (105.25, 18.86), (105.32, 18.77)),
    "Đường tránh Vinh": ((105.64, 18.76), (105.63, 18.70), (105.65, 18.64)),
}
WEIGHTS = {"Quốc lộ 1": 34, "Quốc lộ 7": 20, "Quốc lộ 48": 14, "Quốc lộ 46": 10, "Đường Hồ Chí Minh": 8, "Đường tránh Vinh": 14}
ON_ROADS, AT_SPOTS = 0.62, 0.14
SPOTS = 7
ASIDE = 0.002  # degrees
AT_A_SPOT = 0.0004  # about 40 m
WITHIN_A_COMMUNE = 0.012
OTHER_ROAD = "Đường liên xã"


def _along(road: tuple[Point, ...], share: float) -> Point:
    """The point at a share (0 to 1) of a road's length."""
    steps = [hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(road)]
    left = share * sum(steps)
    for (a, b), step in zip(pairwise(road), steps, strict=True):
        if left <= step:
            part = left / step
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
        left -= step
    return road[-1]


def black_spots(world: World) -> list[tuple[str, Point]]:
    """Places of the simulated roads at which accidents happen again and again."""
    draw = world.draw("black spots")
    roads = draw.choices(list(WEIGHTS), list(WEIGHTS.values()), k=SPOTS)
    return [(road, _along(ROADS[road], draw.uniform(0.05, 0.95))) for road in roads]


def accident_place(world: World, draw: random.Random, day: date) -> tuple[str, float, float]:
    """Road, longitude and latitude (degrees) of one accident."""
    where = draw.random()
    if where < AT_SPOTS:
        road, (x, y) = draw.choice(black_spots(world))
        return road, x + draw.gauss(0, AT_A_SPOT), y + draw.gauss(0, AT_A_SPOT)
    if where < AT_SPOTS + ON_ROADS:
        road = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        x, y = _along(ROADS[road], draw.random())
        return road, x + draw.gauss(0, ASIDE), y + draw.gauss(0, ASIDE)
    people = world.people(day)
    placed = [u for u in world.communes(day) if u.lon is not None]
    unit = draw.choices(placed, [people[u.unit_id] for u in placed])[0]
    return OTHER_ROAD, (unit.lon or 0) + draw.gauss(0, WITHIN_A_COMMUNE), (unit.lat or 0) + draw.gauss(0, WITHIN_A_COMMUNE)


def commune_near(world: World, day: date, longitude: float, latitude: float) -> Unit:
    """The commune of that day whose centre is nearest."""
    east = cos(radians(latitude))
    placed = (u for u in world.communes(day) if u.lon is not None and u.lat is not None)
    return min(placed, key=lambda u: hypot(((u.lon or 0) - longitude) * east, (u.lat or 0) - latitude))
