"""Simulated rows of the information security contract, keyed by the store's columns.

Incidents are made one by one and attacks by agency and day; the public totals are counted from them, so that the datasets agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from datasets.demonstration.row import Row
from datasets.demonstration.world import ONE_DAY, World, count, share
from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar, Resource
from datasets.model.period import period_of

MONTHS, VULNERABILITY_WEEKS, TOTAL_REPORTS, TABLE_MONTHS = 6, 8, 1, 12
KINDS = {"lua-dao": 0.34, "ma-doc": 0.38, "thay-doi-giao-dien": 0.05, "tu-choi-dich-vu": 0.08, "lo-tai-khoan": 0.15}
SEVERITIES = {"nghiem-trong": 0.06, "cao": 0.24, "trung-binh": 0.45, "thap": 0.25}
OPEN_SEVERITIES = {"nghiem-trong": 0.18, "cao": 0.42, "trung-binh": 0.40}
DAYS_TO_MEND = {"nghiem-trong": 10.0, "cao": 11.0, "trung-binh": 20.0}
"""Median, by severity."""
PUBLIC_COLUMN = {"lua-dao": "phishing", "thay-doi-giao-dien": "defacement", "ma-doc": "malware"}
SIZE = {"office": 1.3, "department": 1.5, "hospital": 1.2, "locality": 0.55}
"""Of an agency's network, by its kind."""
SLOW, SLOWER = 0.3, 3.0
"""Share of agencies that mend slowly, and how many times as long they take."""
FOUND_FROM = timedelta(days=150)
"""Vulnerabilities are made from so long before the first cut-off day."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident that was confirmed."""

    agency: str
    kind: str
    severity: str
    began_at: datetime
    detected_at: datetime
    contained_at: datetime | None
    """None for what was not contained when the world ends."""


def _size(world: World, agency: str) -> float:
    return SIZE[world.reference.agencies[agency].kind] * world.draw("network", agency).uniform(0.7, 1.4)


def _running(world: World, months: int) -> list[date]:
    """Days of the months that are over, and of the running one up to the last day."""
    days = world.months(months)
    while days[-1] < world.until:
        days.append(days[-1] + ONE_DAY)
    return days


def incidents_of(world: World, day: date) -> Iterator[Incident]:
    """Incidents of all agencies that were detected on a day, in the order of agencies."""
    for agency in world.reference.agencies:
        draw = world.draw("incidents", agency, day)
        for _ in range(count(draw, 0.034 * _size(world, agency) * world.scale)):
            detected = datetime.combine(day, time(), ZONE) + timedelta(minutes=draw.randint(0, 1439))
            began = detected - timedelta(minutes=5 + round(60 * draw.lognormvariate(1.9, 1.0)))
            contained = detected + timedelta(minutes=10 + round(60 * draw.lognormvariate(1.7, 0.9)))
            yield Incident(
                agency,
                draw.choices(tuple(KINDS), tuple(KINDS.values()))[0],
                draw.choices(tuple(SEVERITIES), tuple(SEVERITIES.values()))[0],
                began,
                detected,
                contained if contained.date() <= world.until else None,
            )


def incidents(world: World, resource: Resource) -> Iterator[Row]:
    """Incidents of the months that are over and of the running one, numbered within their month."""
    numbers: Counter[str] = Counter()
    for day in _running(world, MONTHS):
        for incident in incidents_of(world, day):
            month = f"{day:%Y%m}"
            numbers[month] += 1
            values = {
                "incident": f"SC{month}-{numbers[month]:03d}",
                "detected_on": day,
                "office": incident.agency,
                "kind": incident.kind,
                "severity": incident.severity,
                "began_at": incident.began_at,
                "detected_at": incident.detected_at,
                "contained_at": incident.contained_at,
            }
            yield Row(resource.owner, day, values)


def blocked_at(world: World, agency: str, day: date) -> int:
    """Attacks that were blocked at an agency on a day; now and then a campaign makes them many times more."""
    campaign = 2.6 if world.draw("campaign", day.isocalendar()[:2]).random() < 0.08 else 1.0
    return count(world.draw("blocked", agency, day), 160 * _size(world, agency) * campaign)


def monitoring(world: World, resource: Resource) -> Iterator[Row]:
    """Attacks, addresses in botnets and warnings of each agency by day."""
    for day in _running(world, MONTHS):
        for agency in world.reference.agencies:
            draw = world.draw("monitoring", agency, day)
            warnings = count(draw, 0.5 * _size(world, agency))
            infected = world.draw("botnet", agency, day.isocalendar()[:2])
            values = {
                "day": day,
                "office": agency,
                "blocked": blocked_at(world, agency, day),
                "botnet": count(infected, 0.22 * _size(world, agency)),
                "warnings": warnings,
                "acknowledged": share(draw, warnings, world.draw("acknowledges", agency).uniform(0.82, 1.0)),
            }
            yield Row(resource.owner, day, values)


def systems_of(world: World, agency: str, end: date) -> dict[str, int | str]:
    """Systems and endpoints of an agency at the end of a month; what is in order grows from month to month."""
    draw = world.draw("systems", agency)
    size = _size(world, agency)
    number, endpoints = max(2, round(7 * size)), round(130 * size)
    months = (end.year - 2023) * 12 + end.month
    approved = min(1.0, draw.uniform(0.45, 0.75) + 0.008 * months)
    managed = min(1.0, draw.uniform(0.5, 0.8) + 0.006 * months)
    return {
        "systems": number,
        "approved": round(number * approved),
        "endpoints": endpoints,
        "managed": round(endpoints * managed),
        "four_layers": "co" if months >= draw.uniform(4, 52) else "chua",
    }


def systems(world: World, resource: Resource) -> Iterator[Row]:
    """Security levels of each agency's systems on the last day of each month."""
    for end in world.month_ends(MONTHS):
        for agency in world.reference.agencies:
            yield Row(resource.owner, end, {"cutoff_date": end, "office": agency, **systems_of(world, agency, end)})


def vulnerabilities(world: World, resource: Resource) -> Iterator[Row]:
    """What is open on each Sunday."""
    cutoffs = world.ends_of(Calendar.WEEK, VULNERABILITY_WEEKS)
    found: list[tuple[date, date, str, str, str]] = []
    pace = {agency: SLOWER if world.draw("mends", agency).random() < SLOW else 1.0 for agency in world.reference.agencies}
    day = cutoffs[0] - FOUND_FROM
    while day <= cutoffs[-1]:
        number = 0
        for agency in world.reference.agencies:
            draw = world.draw("vulnerabilities", agency, day)
            for _ in range(count(draw, 0.05 * _size(world, agency) * world.scale)):
                number += 1
                severity = draw.choices(tuple(OPEN_SEVERITIES), tuple(OPEN_SEVERITIES.values()))[0]
                slow = 0.65 if severity == "nghiem-trong" else 0.7
                taken = DAYS_TO_MEND[severity] * draw.lognormvariate(0, slow) * pace[agency]
                mended = day + timedelta(days=max(1, round(taken)))
                found.append((day, mended, f"LH{day:%Y%m%d}-{number:03d}", agency, severity))
        day += ONE_DAY
    for cutoff in cutoffs:
        for began, mended, code, agency, severity in found:
            if began <= cutoff < mended:
                values = {"cutoff_date": cutoff, "vulnerability": code, "office": agency, "severity": severity, "found_on": began}
                yield Row(resource.owner, cutoff, values)


def totals(world: World, resource: Resource) -> Iterator[Row]:
    """The province's totals of each month, the whole table with each report."""
    ends = world.month_ends(TABLE_MONTHS)
    kinds: dict[str, Counter[str]] = {period_of(Calendar.MONTH, end): Counter() for end in ends}
    blocked: Counter[str] = Counter()
    for day in world.months(TABLE_MONTHS):
        month = period_of(Calendar.MONTH, day)
        kinds[month].update(PUBLIC_COLUMN.get(incident.kind, "other") for incident in incidents_of(world, day))
        blocked[month] += sum(blocked_at(world, agency, day) for agency in world.reference.agencies)
    for report in world.month_ends(TOTAL_REPORTS):
        for end in (end for end in ends if end <= report):
            month = period_of(Calendar.MONTH, end)
            counted = {column: kinds[month][column] for column in (*PUBLIC_COLUMN.values(), "other")}
            owned = [systems_of(world, agency, end) for agency in world.reference.agencies]
            levels = {column: sum(int(one[column]) for one in owned) for column in ("systems", "approved")}
            yield Row(resource.owner, report, {"month_end": end, **counted, "blocked": blocked[month], **levels})


MAKERS = {
    "incidents": incidents,
    "monitoring": monitoring,
    "systems": systems,
    "vulnerabilities": vulnerabilities,
    "totals": totals,
}
CASES = {"incidents": "incident", "vulnerabilities": "vulnerability"}
