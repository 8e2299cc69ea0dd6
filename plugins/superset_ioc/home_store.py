"""What the home page reads of the store, with the login of the viewer's audience: three questions, however many subsystems there are."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datasets.model.audience import PUBLIC
from superset_ioc.home_figure import Figure, Headline, Look, Period, figure_of, status_at
from superset_ioc.home_supply import Supply
from superset_ioc.supply.facts import read_facts

log = logging.getLogger(__name__)

FIGURES_SHOWN = 2
"""Figures of each subsystem."""
OPEN_SUFFIX = "__open"
NOTHING_LOADED = "Chưa có số liệu"
"""What ledger.source notes of a dataset without a delivery that stands."""
LOOK_BACK = {"day": 14, "week": 56, "month": 186, "administrative-month": 186}
"""Days before the last period with data in which a figure is looked for; of longer calendars LONGEST."""
LONGEST = 1100
LOOK_BACK_SIGNED = {"day": 60, "week": 420, "month": 1830, "administrative-month": 1830}
"""The same of a figure that may be below zero: it is written with its sign when it was in the time that its tile shows."""
LONGEST_SIGNED = 3660

# One row of three lists. A view that is not there, or that this audience may not read, leaves its figures out.
WHAT_THERE_IS = """
SELECT
    (SELECT json_agg(s ORDER BY s.position, s.subsystem)
     FROM (SELECT subsystem, position, title, title_en, title_fr, datasets, applied_at FROM ledger.subsystem) s),
    (SELECT json_agg(c) FROM (
        SELECT subsystem, count(*) AS datasets, count(*) FILTER (WHERE note <> %(nothing)s) AS loaded, max(last_loaded_at) AS loaded_at,
            max(edition) AS edition, coalesce(bool_or(simulated), false) AS simulated
        FROM ledger.source GROUP BY subsystem) c),
    (SELECT json_agg(h ORDER BY h.subsystem, h.position) FROM (
        SELECT h.*, to_regclass(h.view_name || %(suffix)s)::text AS view_read FROM indicator.headline h
        WHERE (h.access = 'open' OR NOT %(public)s)
            AND CASE WHEN to_regclass(h.view_name || %(suffix)s) IS NULL THEN false
                ELSE has_table_privilege(to_regclass(h.view_name || %(suffix)s)::oid, 'SELECT') END) h),
    (SELECT json_agg(d) FROM (SELECT measure, calendar FROM measure.definition WHERE closed_by IS NULL AND NOT as_of) d)
"""

# The last period of a measure's cells; the index is read from its end.
LAST = """(SELECT max(starts) FROM measure.value
WHERE measure = %({measure})s AND calendar = %({calendar})s AND closed_by IS NULL AND value IS NOT NULL)"""
DATA_UNTIL = """(SELECT {place} AS place, {last} AS starts, NULL::numeric AS value, NULL::numeric AS target, NULL::numeric AS numerator,
    NULL::numeric AS denominator, NULL::int AS firmness)"""
FIGURE = """(SELECT {place} AS place, period_starts AS starts, ({metric})::numeric AS value, ({target})::numeric AS target,
    ({numerator})::numeric AS numerator, ({denominator})::numeric AS denominator, ({firmness})::int AS firmness FROM {view}
WHERE measure = ANY (%({measures})s) AND period_starts BETWEEN {last} - {days} AND LEAST({newest}, current_date) GROUP BY period_starts)"""
# Periods without a value are asked for too: one that is over and has none, although its data came, is named beside the figure.
BESIDE = ("target", "numerator", "denominator", "firmness")
"""What is asked for beside a figure; NULL where it has none."""

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""


@dataclass
class Found:
    """One applied subsystem as this audience sees it."""

    name: str
    position: int
    titles: dict[str, str]
    datasets: int
    """All datasets of the contract."""
    applied_at: dt.datetime
    visible: int = 0
    """Datasets that the audience may read."""
    loaded: int = 0
    """Those of them that hold data."""
    loaded_at: dt.datetime | None = None
    edition: int | None = None
    simulated: bool = False
    until: tuple[str, dt.date] | None = None
    """Calendar and first day of the last period with data."""
    overdue: int = 0
    """Reports that were due last and are not there."""
    asked: list[tuple[Headline, list[Period]]] = field(default_factory=list)
    """Its headlines with their periods, the first days rising."""
    figures: list[Figure] = field(default_factory=list)


def _titles(row: dict[str, Any]) -> dict[str, str]:
    return {"vi": row["title"], "en": row["title_en"] or row["title"], "fr": row["title_fr"] or row["title"]}


def read_home(ask: Ask, audience: str, failure: type[Exception]) -> list[Found]:
    """Every applied subsystem, for one audience; `failure` is what `ask` raises.

    While the figures are read it leaves them out and is logged: one contract's expression must not take the page away. Before that it is
    raised.
    """
    is_public = audience == PUBLIC
    asked = {"nothing": NOTHING_LOADED, "suffix": OPEN_SUFFIX if is_public else "", "public": is_public}
    ((subsystems, sources, headlines, calendars),) = ask(WHAT_THERE_IS, asked)
    found = {row["subsystem"]: _found(row) for row in subsystems or []}
    for row in sources or []:
        if row["subsystem"] in found:
            _add_source(found[row["subsystem"]], row)
    try:
        _add_figures(ask, found, headlines or [], {row["measure"]: row["calendar"] for row in calendars or []})
    except failure as problem:
        log.warning("The home page shows no figures: %s", problem)
    try:
        _add_supply(Supply(read_facts(ask, audience)), found)
    except failure as problem:
        # A figure of which nobody knows whether its data are there is not shown.
        log.warning("The home page shows no figures, as nobody can judge them: %s", problem)
    return list(found.values())


def _add_supply(supply: Supply, found: Mapping[str, Found]) -> None:
    for name, one in found.items():
        one.overdue = supply.overdue(name)
        one.figures = [figure_of(headline, course, supply) for headline, course in one.asked]


def _found(row: dict[str, Any]) -> Found:
    return Found(row["subsystem"], row["position"], _titles(row), row["datasets"], dt.datetime.fromisoformat(row["applied_at"]))


def _add_source(to: Found, row: dict[str, Any]) -> None:
    to.visible, to.loaded, to.edition, to.simulated = row["datasets"], row["loaded"], row["edition"], row["simulated"]
    to.loaded_at = dt.datetime.fromisoformat(row["loaded_at"]) if row["loaded_at"] else None


class _Question:
    """Parts of one query, and its parameters."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.parameters: dict[str, Any] = {}

    def _parameter(self, value: Any) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return name

    def last(self, measure: str, calendar: str) -> str:
        """SQL of the first day of the last period in which a measure has a value."""
        return LAST.format(measure=self._parameter(measure), calendar=self._parameter(calendar))

    def until(self, place: int, measure: str, calendar: str) -> None:
        """Asks until when a measure has data."""
        self.parts.append(DATA_UNTIL.format(place=place, last=self.last(measure, calendar)))

    def figure(self, place: int, row: Mapping[str, Any]) -> None:
        """Asks for a figure: its periods up to the last one that has data."""
        lasts = [self.last(measure, row["calendar"]) for measure in row["flows"]]
        days, longest = (LOOK_BACK_SIGNED, LONGEST_SIGNED) if row["look"].get("may_sink") else (LOOK_BACK, LONGEST)
        # Metrics were written by apply from the contract's checked expressions.
        beside = {name: row["beside"].get(name, "NULL").replace("%", "%%") for name in BESIDE}
        self.parts.append(
            FIGURE.format(
                place=place,
                metric=row["metric"].replace("%", "%%"),
                view=row["view_read"],  # quoted by the store
                measures=self._parameter(row["measures"]),
                last=f"LEAST({', '.join(lasts)})" if lasts else "current_date",
                newest=f"GREATEST({', '.join(lasts)})" if lasts else "current_date",
                days=days.get(row["calendar"], longest),
                **beside,
            )
        )

    def answer(self, ask: Ask) -> dict[int, list[Period]]:
        """Periods by place, their first days rising; of what has no data none."""
        found: dict[int, list[Period]] = {}
        if self.parts:
            for place, starts, value, *numbers, firmness in ask(" UNION ALL ".join(self.parts), self.parameters):
                target, above, below = (None if one is None else float(one) for one in numbers)
                if starts is not None:
                    found.setdefault(place, []).append(Period(starts, value, target, above, below, status_at(firmness)))
        return {place: sorted(periods, key=lambda period: period.starts) for place, periods in found.items()}


def _candidates(rows: Sequence[dict[str, Any]], subsystems: Container[str]) -> list[dict[str, Any]]:
    """The first figures of each subsystem in their order; one over a restricted dataset is asked beside them, as it may give way."""
    chosen, sure = [], Counter[str]()
    for row in rows:
        if row["subsystem"] in subsystems and sure[row["subsystem"]] < FIGURES_SHOWN:
            chosen.append(row)
            sure[row["subsystem"]] += row["access"] != "restricted"
    return chosen


def _add_figures(ask: Ask, found: dict[str, Found], rows: Sequence[dict[str, Any]], calendars: dict[str, str]) -> None:
    """Asks for the candidates of every subsystem, and until when the measures of their figures have data, in one query."""
    chosen = _candidates(rows, found)
    question = _Question()
    for place, row in enumerate(chosen):
        question.figure(place, row)
    until: dict[str, tuple[int, str, str]] = {}
    for row in chosen:
        for measure in row["flows"]:
            if measure in calendars and measure not in until:
                until[measure] = (len(chosen) + len(until), row["subsystem"], calendars[measure])
                question.until(until[measure][0], measure, calendars[measure])
    answered = question.answer(ask)
    for place, row in enumerate(chosen):
        course = answered.get(place, [])
        if row["access"] == "restricted" and all(one.value is None for one in course):
            continue  # perhaps there is one, for others
        look = Look(**row["look"])
        headline = Headline(row["indicator"], _titles(row), row["unit"], row["decimals"], row["calendar"], row["access"], look)
        found[row["subsystem"]].asked.append((headline, course))
    for place, subsystem, calendar in until.values():
        (last,) = answered.get(place, [None])
        known = found[subsystem].until
        if last is not None and (known is None or last.starts > known[1]):
            found[subsystem].until = (calendar, last.starts)
