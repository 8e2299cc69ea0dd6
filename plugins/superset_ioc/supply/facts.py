"""What tiles, maps and rankings have to know of the supply of their data, for each indicator of a subsystem.

It is asked anew whenever a dashboard refreshes and is not part of a chart's answer, which Superset keeps as long as the data are the same:
a report becomes late without any change of data. Everyone who may see dashboards may ask; the public is told of open datasets only.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from datasets.model.audience import PUBLIC
from datasets.model.calendar import ZONE
from datasets.model.calendar_name import Calendar
from datasets.model.freshness import LIMITS
from datasets.model.supply_state import ReportState
from datasets.model.tile_state import SUPPLY_ORDER, Supply, supply_of
from superset_ioc.audience import audience_of

ADDRESS = "/ioc/supply"
MOST_NAMED = 5
"""Reports of a dataset that are named when they are not there; the others are counted."""
DAYS_OF_DAILY, DAYS_OF_OTHERS = 100, 800
"""How far back coverage is told: as far as charts look back."""

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""

FACTS = """
WITH rests_on AS MATERIALIZED (
    SELECT t.indicator, t.dataset, t.as_of FROM supply.{rests_on} t
    WHERE %(subsystem)s::text IS NULL OR split_part(t.indicator, '.', 1) = %(subsystem)s
), state AS MATERIALIZED (
    SELECT s.* FROM supply.{state} s
    WHERE s.dataset IN (SELECT r.dataset FROM rests_on r) AND s.starts <= (s.moment AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
        AND s.ends > (s.moment AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - CASE s.calendar WHEN 'day' THEN %(daily)s ELSE %(others)s END
)
SELECT
    (SELECT supply.now()),
    (SELECT json_agg(json_build_array(r.indicator, r.dataset, r.as_of) ORDER BY r.indicator, r.as_of, r.dataset) FROM rests_on r),
    (SELECT json_agg(l) FROM (
        SELECT DISTINCT ON (s.obligation) s.dataset, s.agency, s.agency_title, s.agency_title_en, s.agency_title_fr, s.calendar, s.period,
            s.starts, s.due_at, s.received_at, s.excused_until, s.punctuality, s.quality, s.is_zero, s.is_expected, s.is_received,
            s.is_on_time
        FROM state s
        WHERE s.due_at <= s.moment AND (s.valid_to IS NULL OR s.valid_to > (s.moment AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
        ORDER BY s.obligation, s.due_at DESC, s.ends DESC) l),
    (SELECT json_agg(json_build_array(p.dataset, p.starts, p.ends, p.expected, p.received, p.due, p.received_at, p.present, p.units)
            ORDER BY p.dataset, p.starts) FROM (
        SELECT s.dataset, s.starts, s.ends, count(*) AS expected, count(s.received_at) AS received,
            count(*) FILTER (WHERE s.due_at <= s.moment) AS due,
            extract(epoch FROM max(s.received_at)) AS received_at,
            (min(ARRAY[s.units_present, s.units_expected]) FILTER (WHERE s.units_expected > 0))[1] AS present,
            (min(ARRAY[s.units_present, s.units_expected]) FILTER (WHERE s.units_expected > 0))[2] AS units
        FROM state s GROUP BY s.dataset, s.starts, s.ends) p),
    (SELECT json_agg(d) FROM (
        SELECT c.dataset, c.title, c.title_en, c.title_fr, c.simulated, c.last_loaded_at AS loaded_at, c.edition, o.calendar,
            coalesce(o.is_owed, false) AS is_owed
        FROM ledger.source c
        LEFT JOIN (
            SELECT s.dataset, min(s.calendar) AS calendar,
                bool_or(s.valid_to IS NULL OR s.valid_to > (s.moment AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) AS is_owed
            FROM state s GROUP BY s.dataset) o ON o.dataset = c.dataset
        WHERE c.dataset IN (SELECT r.dataset FROM rests_on r)) d)
"""


def read_facts(ask: Ask, audience: str, subsystem: str | None = None) -> dict[str, Any]:
    """The facts of a subsystem's indicators, or of all, as this audience may know them; raises what asking raises.

    `indicators`: by full name its datasets, each with whether only stocks are read from it. `datasets`: by name the title, whether it is
    simulated, the word for its last due reports (`supply`), those of them that are not there (`last`, the worst first; `missing` counts
    all, `overdue` those without an excuse), and `periods`: [first day, first day after, reports expected, received, past due, moment of
    the last receipt in seconds, localities present and expected where those are counted].
    """
    is_public = audience == PUBLIC
    views = {"rests_on": "rests_on__open", "state": "state__open"} if is_public else {"rests_on": "rests_on", "state": "state"}
    asked = {"subsystem": subsystem, "daily": DAYS_OF_DAILY, "others": DAYS_OF_OTHERS}
    ((moment, rests_on, last, periods, sources),) = ask(FACTS.format(**views), asked)
    indicators: dict[str, list[list[Any]]] = defaultdict(list)
    for indicator, dataset, as_of in rests_on or []:
        indicators[indicator].append([dataset, as_of])
    by_dataset: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in last or []:
        by_dataset[row["dataset"]].append(row)
    known = {row["dataset"]: row for row in sources or []}
    of_periods: dict[str, list[list[Any]]] = defaultdict(list)
    for dataset, *numbers in periods or []:
        of_periods[dataset].append(numbers)
    names = {dataset for used in indicators.values() for dataset, _ in used}
    return {
        "moment": moment.astimezone(ZONE).isoformat(timespec="seconds"),
        "indicators": indicators,
        "datasets": {
            name: {
                **_source(known.get(name), moment),
                **_last(by_dataset[name], _stale(known.get(name), moment)),
                "periods": of_periods[name],
            }
            for name in sorted(names)
        },
    }


def _titles(row: Mapping[str, Any], key: str) -> dict[str, str]:
    vietnamese = row[key]
    return {"vi": vietnamese, "en": row[f"{key}_en"] or vietnamese, "fr": row[f"{key}_fr"] or vietnamese}


def _source(row: Mapping[str, Any] | None, moment: dt.datetime) -> dict[str, Any]:
    """Title, simulated and last load of a dataset; nothing of one that the audience may not read."""
    if row is None:
        return {"title": None, "simulated": False, "loaded_at": None, "edition": None}
    loaded = dt.datetime.fromisoformat(row["loaded_at"]) if row["loaded_at"] else None
    return {
        "title": _titles(row, "title"),
        "simulated": row["simulated"],
        "loaded_at": None if loaded is None else loaded.astimezone(ZONE).isoformat(timespec="seconds"),
        "edition": row["edition"],
    }


def _stale(row: Mapping[str, Any] | None, moment: dt.datetime) -> Supply:
    """The word for a dataset that nobody owes: HDX's freshness by how often it used to come."""
    if row is None or row["is_owed"] or row["calendar"] is None or not row["loaded_at"]:
        return "none"
    days = LIMITS[Calendar(row["calendar"])].overdue
    return "stale" if moment - dt.datetime.fromisoformat(row["loaded_at"]) > dt.timedelta(days=days) else "none"


def _state(row: Mapping[str, Any]) -> ReportState:
    moments = {key: row[key] and dt.datetime.fromisoformat(row[key]) for key in ("received_at", "excused_until")}
    return ReportState(
        punctuality=row["punctuality"],
        quality=row["quality"],
        is_zero=row["is_zero"],
        excused_by=None,
        is_expected=row["is_expected"],
        is_received=row["is_received"],
        is_on_time=row["is_on_time"],
        **moments,
    )


def _last(rows: Sequence[Mapping[str, Any]], otherwise: Supply) -> dict[str, Any]:
    """The word for the last due reports of a dataset, and those of them that are not there."""
    words = [(supply_of([_state(row)]), row) for row in rows]
    away = sorted(
        ((word, row) for word, row in words if not row["received_at"]), key=lambda one: (SUPPLY_ORDER.index(one[0]), one[1]["due_at"])
    )
    return {
        "supply": worst(word for word, _ in words) if words else otherwise,
        "missing": len(away),
        "overdue": sum(word in ("missing", "refused") for word, _ in away),
        "last": [
            {
                "word": word,
                "agency": _titles(row, "agency_title"),
                "calendar": row["calendar"],
                "starts": row["starts"],
                "due_at": _local(row["due_at"]),
                "until": _local(row["excused_until"]),
            }
            for word, row in away[:MOST_NAMED]
        ],
    }


def _local(moment: str | None) -> str | None:
    return None if moment is None else dt.datetime.fromisoformat(moment).astimezone(ZONE).isoformat(timespec="minutes")


def worst(words: Iterable[Supply]) -> Supply:
    """What several datasets say together: the worst of their words."""
    return min(words, key=SUPPLY_ORDER.index, default="none")


def register(app: Any) -> None:
    """Serve the facts to who has the permission `can_read` on `IocIndicators`."""
    import psycopg2
    from flask import g, jsonify, request
    from flask_appbuilder.api import BaseApi, expose, protect
    from flask_appbuilder.security.decorators import permission_name
    from superset.extensions import appbuilder

    from superset_ioc.store import store_of

    def answer() -> Any:
        audience = audience_of(getattr(g, "user", None))
        store = store_of(app)
        try:
            facts = read_facts(lambda query, given: store.ask(audience, query, given), audience, request.args.get("subsystem"))
        except psycopg2.Error:
            app.logger.exception("The state of the supply cannot be read")
            sent = jsonify(message="the store does not answer")
            sent.status_code = 503
            return sent
        sent = jsonify(facts)
        sent.headers["Cache-Control"] = "no-store"
        return sent

    class IocIndicators(BaseApi):  # type: ignore[misc]
        """What charts have to know of the supply of their indicators' data."""

        route_base = ADDRESS
        class_permission_name = "IocIndicators"
        allow_browser_login = True

        @expose("/indicators.json", methods=("GET",))  # type: ignore[untyped-decorator]
        @protect()  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def read(self) -> Any:
            """The supply of the indicators of a subsystem.
            ---
            get:
              summary: The supply of the indicators of a subsystem
              parameters:
              - {in: query, name: subsystem, schema: {type: string}}
              responses:
                200: {description: Datasets of each indicator, their last due reports and the coverage of periods}
                401: {$ref: '#/components/responses/401'}
                503: {description: The store does not answer}
            """
            return answer()

    appbuilder.add_api(IocIndicators)
