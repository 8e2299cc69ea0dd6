"""What the home page reads of the store, with the login of the viewer's audience: three questions, however many subsystems there are."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from datasets.model.audience import PUBLIC
from superset_ioc.home_supply import Judged, Supply
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
DATA_UNTIL = "(SELECT {place} AS place, {last} AS starts, NULL::numeric AS value)"
FIGURE = """(SELECT {place} AS place, period_starts AS starts, ({metric})::numeric AS value FROM {view}
WHERE measure = ANY (%({measures})s) AND period_starts BETWEEN {last} - {days} AND {last} GROUP BY period_starts
HAVING ({metric}) IS NOT NULL ORDER BY period_starts DESC LIMIT 2)"""

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""


@dataclass(frozen=True)
class Headline:
    """One figure that stands for a subsystem, as apply declared it."""

    indicator: str
    titles: dict[str, str]
    unit: str
    decimals: int
    calendar: str
    access: str


class Figure(NamedTuple):
    """A headline with its last value, which may be missing."""

    headline: Headline
    starts: dt.date | None
    value: Decimal | None
    judged: Judged = Judged(None, None)
    before: tuple[dt.date, Decimal] | None = None
    """The period before with a value, which is shown while the last one runs."""


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
        log.warning("The home page shows figures that nobody judged: %s", problem)
        _forget_figures(found)
    return list(found.values())


def _add_supply(supply: Supply, found: Mapping[str, Found]) -> None:
    for name, one in found.items():
        one.overdue = supply.overdue(name)
        one.figures = [_judged(supply, figure) for figure in one.figures]


def _judged(supply: Supply, figure: Figure) -> Figure:
    """The figure of the last period that is over, as the tile shows it."""
    indicator, calendar = figure.headline.indicator, figure.headline.calendar
    if figure.before is not None and figure.starts is not None and not supply.is_over(indicator, calendar, figure.starts):
        figure = figure._replace(starts=figure.before[0], value=figure.before[1])
    return figure._replace(judged=supply.judge(indicator, calendar, figure.starts, figure.value))


def _forget_figures(found: Mapping[str, Found]) -> None:
    """A figure of which nobody knows whether its data are there is not shown."""
    for one in found.values():
        one.figures = []


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
        """Asks for a figure: its value in the last period that has one."""
        lasts = [self.last(measure, row["calendar"]) for measure in row["flows"]]
        self.parts.append(
            FIGURE.format(
                place=place,
                metric=row["metric"].replace("%", "%%"),  # written by apply from the contract's checked expression
                view=row["view_read"],  # quoted by the store
                measures=self._parameter(row["measures"]),
                last=f"LEAST({', '.join(lasts)})" if lasts else "current_date",
                days=LOOK_BACK.get(row["calendar"], LONGEST),
            )
        )

    def answer(self, ask: Ask) -> dict[int, list[tuple[dt.date | None, Decimal | None]]]:
        """First days of periods and their values by place, the last period first."""
        found: dict[int, list[tuple[dt.date | None, Decimal | None]]] = {}
        if self.parts:
            for place, starts, value in ask(" UNION ALL ".join(self.parts), self.parameters):
                found.setdefault(place, []).append((starts, value))
        return {place: sorted(rows, key=lambda row: row[0] or dt.date.min, reverse=True) for place, rows in found.items()}


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
    values = question.answer(ask)
    for place, row in enumerate(chosen):
        (starts, value), *earlier = values.get(place, [(None, None)])
        if value is None and row["access"] == "restricted":
            continue  # perhaps there is one, for others
        headline = Headline(row["indicator"], _titles(row), row["unit"], row["decimals"], row["calendar"], row["access"])
        before = next(((day, number) for day, number in earlier if day is not None and number is not None), None)
        found[row["subsystem"]].figures.append(Figure(headline, starts, value, before=before))
    for place, subsystem, calendar in until.values():
        began = values.get(place, [(None, None)])[0][0]
        known = found[subsystem].until
        if began is not None and (known is None or began > known[1]):
            found[subsystem].until = (calendar, began)
