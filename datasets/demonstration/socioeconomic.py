"""Simulated rows of the socio-economic contract, keyed by the store's columns.

What the statistics office, the treasury and the departments publish is restated: each report brings the whole series as it is known
then, so the same month has other figures, and another status, in a later report.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from datasets.demonstration.row import Row
from datasets.demonstration.world import World, count, wave
from datasets.model.contract import Calendar, Level, Resource
from datasets.model.period import bounds, period_of
from datasets.model.unit import Unit

REPORTS = 2
"""Reports of a restated series in the light version, so that there is something to restate."""
INVESTMENT_MONTHS = 7
ENTERPRISE_MONTHS = 6
RURAL_QUARTERS = 2
YEARS_BEFORE = 2
"""A series begins with January so many years before its first report."""

SECTORS = {  # billion VND a quarter at 2010 prices in 2024, growth a year in %, the quarter's share of the year by quarter
    "nong-lam-thuy-san": (5_600, 4.3, (0.21, 0.29, 0.23, 0.27)),
    "cong-nghiep-xay-dung": (9_300, 13.2, (0.21, 0.25, 0.25, 0.29)),
    "dich-vu": (11_900, 7.8, (0.24, 0.25, 0.25, 0.26)),
    "thue-san-pham": (1_400, 5.6, (0.23, 0.25, 0.25, 0.27)),
}
INDUSTRIES = {"khai-khoang": (3.5, 104.0), "che-bien-che-tao": (78.0, 112.5), "dien": (17.0, 107.0), "nuoc-chat-thai": (1.5, 106.0)}
GOODS = {  # weight in %, growth of prices a year in %
    **{
        "an-uong": (33.6, 3.9),
        "do-uong-thuoc-la": (2.7, 2.6),
        "may-mac": (5.7, 1.6),
        "nha-o": (18.8, 4.6),
        "thiet-bi-gia-dinh": (6.7, 1.5),
    },
    **{"thuoc-y-te": (5.4, 5.8), "giao-thong": (9.7, -0.8), "buu-chinh-vien-thong": (3.1, -0.4), "giao-duc": (6.2, 3.2)},
    **{"van-hoa-du-lich": (4.6, 2.2), "hang-khac": (3.5, 5.4)},
}
REVENUE = {  # estimate of 2024 in billion VND, how much of the estimate is reached in a whole year
    "san-xuat-kinh-doanh": (7_100, 1.09),
    "tien-su-dung-dat": (4_200, 1.22),
    "thue-phi-khac": (4_500, 1.06),
    "xuat-nhap-khau": (1_450, 0.93),
}
OF_THE_YEAR = (0.115, 0.06, 0.075, 0.095, 0.07, 0.07, 0.09, 0.07, 0.075, 0.095, 0.08, 0.105)
"""Share of the year's revenue in each month."""
COMMODITIES = {"dien-tu": (0.38, 0.45), "det-may": (0.18, 0.12), "go-dam-go": (0.09, 0.04), "thuy-san": (0.09, 0.05)} | {
    "vat-lieu-xay-dung": (0.08, 0.12),
    "khac": (0.18, 0.22),
}
"""Share of exports, share of imports."""
EXPORTS, IMPORTS, TRADE_GROWTH = 3_080.0, 2_050.0, 0.145  # million USD in 2024, growth a year
ZONES = {"khu-kinh-te-dong-nam": 0.6, "hoang-mai": 0.22, "khu-cong-nghiep-khac": 0.1, "ngoai-khu-cong-nghiep": 0.08}
FOREIGN = 105.0  # million USD a month
PLANS = {  # billion VND in a year; localities get theirs by a draw
    "so-xay-dung": 2_950,
    "so-nong-nghiep-va-moi-truong": 1_480,
    "so-y-te": 460,
    "so-giao-duc-va-dao-tao": 410,
    "so-van-hoa-the-thao-va-du-lich": 190,
    "so-khoa-hoc-va-cong-nghe": 140,
    "cong-an-tinh": 150,
    "so-dan-toc-va-ton-giao": 330,
}
PER_HOUSEHOLD = 3.9
FORMER_YEARS = range(2019, 2025)


def grdp(world: World, resource: Resource) -> Iterator[Row]:
    """GRDP of each quarter by sector, with that of the same quarter of the year before; estimated, then preliminary, then official."""
    for report in world.quarter_ends(REPORTS):
        for end in _ends(world, Calendar.QUARTER, report, world.quarter_ends(REPORTS)[0]):
            age = (report.year - end.year) * 4 + (report.month - end.month) // 3
            for sector, (level, growth, parts) in SECTORS.items():
                here, before = (_product(world, sector, year, end.month // 3, level, growth, parts) for year in (end.year, end.year - 1))
                error = world.draw("grdp error", sector, end).gauss(0, 0.009) * _unsettled(age, settled=8)
                values = {"quarter_end": end, "sector": sector, "grdp": round(here * (1 + error), 1), "grdp_before": round(before, 1)}
                yield Row(resource.owner, report, {**values, "figure": _status(age, settled=8)})


def _product(world: World, sector: str, year: int, quarter: int, level: float, growth: float, parts: tuple[float, ...]) -> float:
    swing = 1 + world.draw("grdp", sector, year, quarter).gauss(0, 0.006)
    return level * 4 * parts[quarter - 1] * (1 + growth / 100) ** (year - 2024) * swing


def industrial_production(world: World, resource: Resource) -> Iterator[Row]:
    """Index of each industry against the same month of the year before and the month before; mining did not report one month."""
    for report, end, age in _months(world):
        for industry, (weight, typical) in INDUSTRIES.items():
            draw = world.draw("iip", industry, end)
            index = typical + 2.5 * math.sin(end.month / 2) + draw.gauss(0, 1.8)
            index += world.draw("iip error", industry, end).gauss(0, 1.2) * _unsettled(age, settled=12)
            before = None if industry == "khai-khoang" and draw.random() < 0.1 else round(100 + draw.gauss(1.0, 3.0), 1)
            values = {"month_end": end, "industry": industry, "weight": weight, "index_same_month": round(index, 1)}
            yield Row(resource.owner, report, {**values, "index_month_before": before, "figure": _status(age, settled=12)})


def consumer_prices(world: World, resource: Resource) -> Iterator[Row]:
    """Prices of each group of goods against the same month of the year before, and against the last December."""
    for report, end, _ in _months(world):
        for goods, (weight, growth) in GOODS.items():
            draw = world.draw("cpi", goods, end)
            year = growth + 0.8 * math.sin(end.month / 3) + draw.gauss(0, 0.25)
            december = growth * end.month / 12 + (1.1 * wave(end, 35, 25.0) if goods == "an-uong" else 0.0) + draw.gauss(0, 0.15)
            values = {"month_end": end, "goods": goods, "weight": weight, "index_same_month": round(100 + year, 2)}
            yield Row(resource.owner, report, {**values, "index_december": round(100 + december, 2)})


def budget_revenue(world: World, resource: Resource) -> Iterator[Row]:
    """Revenue of each month and since January by item, beside the year's estimate; closed years are official."""
    for report, end, age in _months(world):
        for item, (estimate, reached) in REVENUE.items():
            year_estimate = round(estimate * 1.055 ** (end.year - 2024), -1)
            months = [date(end.year, month, 1) for month in range(1, end.month + 1)]
            collected = [_revenue(world, item, month, year_estimate * reached, age + end.month - month.month) for month in months]
            values: dict[str, Any] = {"month_end": end, "item": item, "estimate": float(year_estimate), "revenue": collected[-1]}
            yield Row(
                resource.owner,
                report,
                {**values, "revenue_to_date": round(sum(collected), 1), "figure": _status(age, settled=end.month + 6)},
            )


def _revenue(world: World, item: str, month: date, of_the_year: float, age: int) -> float:
    swing = 1 + world.draw("revenue", item, month).gauss(0, 0.05)
    error = world.draw("revenue error", item, month).gauss(-0.02, 0.02) * _unsettled(age, settled=12)
    return round(of_the_year * OF_THE_YEAR[month.month - 1] * swing * (1 + error), 1)


def public_investment(world: World, resource: Resource) -> Iterator[Row]:
    """Plans, funds carried over and payments up to each month's end, by investing agency."""
    localities = [agency.name for agency in world.reference.agencies.values() if agency.kind == "locality"]
    plans = PLANS | {name: world.draw("plan", name).randint(6, 42) * 10 for name in localities}
    for end in world.month_ends(INVESTMENT_MONTHS):
        for investor, plan in plans.items():
            draw = world.draw("investment", investor, end.year)
            province = round(plan * 1.06 ** (end.year - 2024), 1)
            carried = round(province * draw.uniform(0.03, 0.16), 1)
            pace, start = draw.uniform(0.74, 1.08), draw.uniform(1.15, 1.9)
            part = min(0.985, pace * (end.month / 12) ** start)
            values = {
                "month_end": end,
                "investor": investor,
                "plan_government": round(province * draw.uniform(0.84, 0.99), 1),
                "plan_province": province,
                "carried_over": carried,
                "paid": round(province * 0.93 * part, 1),
                "paid_carried_over": round(carried * min(1.0, part * 1.1), 1),
            }
            yield Row(resource.owner, end, values)


def trade(world: World, resource: Resource) -> Iterator[Row]:
    """Exports and imports of each month and since January, by group of goods; the last two months are corrected later."""
    for report, end, age in _months(world):
        for commodity, parts in COMMODITIES.items():
            for flow, level, part in zip(("xuat-khau", "nhap-khau"), (EXPORTS, IMPORTS), parts, strict=True):
                months = range(1, end.month + 1)
                values = [_turnover(world, flow, commodity, date(end.year, m, 1), level * part, age + end.month - m) for m in months]
                keys = {"month_end": end, "flow": flow, "commodity": commodity}
                yield Row(resource.owner, report, {**keys, "turnover": values[-1], "turnover_to_date": round(sum(values), 1)})


def _turnover(world: World, flow: str, commodity: str, month: date, year: float, age: int) -> float:
    tet_pause = 1 - 0.28 * wave(month, 45, 14.0)
    swing = 1 + world.draw("trade", flow, commodity, month).gauss(0, 0.06)
    error = world.draw("trade error", flow, commodity, month).gauss(0, 0.03) * _unsettled(age, settled=2)
    return round(year / 12 * 1.025 * (1 + TRADE_GROWTH) ** (month.year - 2024) * tet_pause * swing * (1 + error), 1)


def enterprises(world: World, resource: Resource) -> Iterator[Row]:
    """Enterprises founded, resumed, suspended and dissolved in each commune and month, and new capital; more in towns, few around Tết."""
    for day, unit, people in world.by_commune(world.month_ends(ENTERPRISE_MONTHS)):
        draw = world.draw("enterprises", unit.code, day)
        expected = people / 10_000 * (1.9 if unit.name.startswith("Phường") else 0.42) * (1 - 0.4 * wave(day, 45, 20.0))
        founded, stopped = count(draw, expected), 1.6 if day.month == 1 else 1.0
        capital = round(sum(min(90.0, draw.lognormvariate(1.5, 1.0)) for _ in range(founded)), 1)
        values = {"month_end": day, "commune": unit.code, "founded": founded, "resumed": count(draw, expected * 0.35)}
        values |= {"suspended": count(draw, expected * 0.55 * stopped), "dissolved": count(draw, expected * 0.12), "capital": capital}
        yield Row(resource.owner, day, values)


def foreign_investment(world: World, resource: Resource) -> Iterator[Row]:
    """Projects and capital of each month by zone, and since January; a few large projects make most of a year."""
    for report, end, _ in _months(world):
        for zone, part in ZONES.items():
            months = [_registered(world, zone, date(end.year, month, 1), FOREIGN * part) for month in range(1, end.month + 1)]
            projects, new, added = months[-1]
            values = {"month_end": end, "zone": zone, "projects": projects, "capital_new": new, "capital_added": added}
            yield Row(resource.owner, report, {**values, "capital_to_date": round(sum(n + a for _, n, a in months), 1)})


def _registered(world: World, zone: str, month: date, level: float) -> tuple[int, float, float]:
    draw = world.draw("fdi", zone, month)
    projects = count(draw, 2.6 * level / FOREIGN)
    added = round(level * draw.uniform(0.15, 0.9), 1) if draw.random() < 0.6 else 0.0
    return projects, round(sum(min(level * 5, level * draw.lognormvariate(-0.9, 0.9)) for _ in range(projects)), 1), added


def poverty(world: World, resource: Resource) -> Iterator[Row]:
    """Households, poor and near-poor ones of each commune at the beginning and the end of the year; the mountains have more."""
    for end in (end for end in world.year_ends(1) if end.year >= FORMER_YEARS.stop):
        people = world.people(end)
        for unit in world.communes(end):
            households = round(people[unit.unit_id] / PER_HOUSEHOLD)
            share = _poor_share(world, unit, end.year)
            before = _poor_share(world, unit, end.year - 1)
            earlier = round(households * 0.992)
            values = {"cutoff_date": end, "commune": unit.code, "households": households, "poor": round(households * share)}
            values |= {"near_poor": round(households * share * 1.15), "households_before": earlier, "poor_before": round(earlier * before)}
            yield Row(resource.owner, end, values)


def poverty_former_districts(world: World, resource: Resource) -> Iterator[Row]:
    """The closed series of the 21 districts, 20 from December 2024 on, as each yearbook prints it; one figure is not known."""
    for report in world.year_ends(1):
        for end in (date(year, 12, 31) for year in FORMER_YEARS):
            districts = world.reference.unit_index.valid(Level.DISTRICT, end, world.reference.province)
            for unit in districts:
                size = world.draw("district", unit.code).uniform(0.6, 1.5) * (1.25 if unit.code == "412" and len(districts) < 21 else 1.0)
                households = round(3_400_000 / PER_HOUSEHOLD / 21 * size * (0.5 if _is_mountain(unit) else 1.1))
                poor = None if (unit.code, end.year) == ("417", 2019) else round(households * _poor_share(world, unit, end.year))
                values = {"cutoff_date": end, "district": unit.code, "households": households, "poor": poor}
                yield Row(resource.owner, report, values)


def _is_mountain(unit: Unit) -> bool:
    return unit.lon is not None and unit.lon < 104.95


def _poor_share(world: World, unit: Unit, year: int) -> float:
    draw = world.draw("poor", unit.code)
    level = draw.uniform(0.14, 0.30) if _is_mountain(unit) else draw.uniform(0.01, 0.045)
    yearly = draw.uniform(0.82, 0.9)
    return max(0.002, level * yearly ** (year - 2025))


def new_rural(world: World, resource: Resource) -> Iterator[Row]:
    """The standard that each commune has reached at the end of each quarter; wards are not part of the programme."""
    for end in world.quarter_ends(RURAL_QUARTERS):
        for unit in (unit for unit in world.communes(end) if unit.name.startswith("Xã")):
            draw = world.draw("new rural", unit.code)
            progress = draw.gauss(0.25 if _is_mountain(unit) else 0.66, 0.15) + (end.year - 2026 + end.month / 12) * 0.06
            standard = "kieu-mau" if progress > 0.98 else "nang-cao" if progress > 0.82 else "dat-chuan" if progress > 0.55 else "chua-dat"
            criteria = 19 if standard != "chua-dat" else min(18, max(6, round(19 * (progress + 0.4))))
            yield Row(resource.owner, end, {"cutoff_date": end, "commune": unit.code, "standard": standard, "criteria": criteria})


def _months(world: World) -> Iterator[tuple[date, date, int]]:
    """Each report's day with every month of its series and how many months old it was then."""
    reports = world.month_ends(REPORTS)
    for report in reports:
        for end in _ends(world, Calendar.MONTH, report, reports[0]):
            yield report, end, (report.year - end.year) * 12 + report.month - end.month


def _ends(world: World, calendar: Calendar, report: date, first_report: date) -> list[date]:
    """Last days of the periods from the series' beginning to the report's."""
    ends, day = [], date(first_report.year - YEARS_BEFORE, 1, 1)
    while day <= report:
        after = bounds(calendar, period_of(calendar, day))[1]
        ends.append(after - timedelta(days=1))
        day = after
    return ends


def _unsettled(age: int, settled: int) -> float:
    """How much of a first error is left after so many periods."""
    return 1.0 if age == 0 else 0.35 if age < settled else 0.0


def _status(age: int, settled: int) -> str:
    return "uoc-tinh" if age == 0 else "so-bo" if age < settled else "chinh-thuc"


MAKERS = {
    "grdp": grdp,
    "industrial-production": industrial_production,
    "consumer-prices": consumer_prices,
    "budget-revenue": budget_revenue,
    "public-investment": public_investment,
    "trade": trade,
    "enterprises": enterprises,
    "foreign-investment": foreign_investment,
    "poverty": poverty,
    "poverty-former-districts": poverty_former_districts,
    "new-rural": new_rural,
}
