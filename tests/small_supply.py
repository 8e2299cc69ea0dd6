"""One agency that owes one dataset of its own, with a report in each state, put into a running instance's store and taken out again.

Its due moments are told from the store's moment, so that the states are the same at every hour and on every day.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.running import Running

AGENCY = "thanh-tra-tinh"
SUBSYSTEM = "infosec"
"""In which the agency owes nothing by day."""
STATES = ("late", "zero", "rejects", "returned", "missing", "excused", "due_soon")
"""Of the reports in the order of their days; the last one's day is today."""

OBLIGATION = """
INSERT INTO supply.obligation (obligation, contract, dataset, view_name, subsystem, agency, clause, calendar, due_rule, scope, access,
    steward, title, title_en, title_fr, valid_from, valid_to, first_seen)
SELECT %(obligation)s, 'small-supply', %(dataset)s, 'infosec.small', %(subsystem)s, %(agency)s, 'quy-che-ioc/dieu-12', 'day', '17:00',
    'period', 'shared', %(agency)s || '/can-bo-cung-cap-so-lieu', %(title)s, 'Trial of supply', 'Essai de fourniture', today - 6, today + 1,
    today - 6
FROM (SELECT (supply.now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS today) t
"""
# The day of a report says nothing of its due moment here: that is `hours` from now.
REPORT = """
INSERT INTO supply.report (obligation, period, starts, ends, due_at)
SELECT %(obligation)s, to_char(today - %(back)s, 'YYYY-MM-DD'), today - %(back)s, today - %(back)s + 1,
    now + make_interval(hours => %(hours)s)
FROM (SELECT supply.now() AS now, (supply.now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS today) t RETURNING report, period
"""
EVENT = """
INSERT INTO supply.event (report, at, kind, received_at, load_id, by, until, note, details)
SELECT %(report)s, now + make_interval(hours => %(hours)s), %(kind)s::text,
    CASE WHEN %(kind)s::text IN ('accepted', 'zero') THEN now + make_interval(hours => %(hours)s) END,
    CASE WHEN %(kind)s::text <> 'excused' THEN -%(report)s END, %(by)s::text,
    CASE WHEN %(kind)s::text = 'excused' THEN now + interval '50 hours' END, %(note)s::text, %(details)s::jsonb
FROM (SELECT supply.now() AS now) t
"""
GONE = (
    "DELETE FROM supply.event WHERE report IN (SELECT report FROM supply.report WHERE obligation = %s)",
    "DELETE FROM supply.report WHERE obligation = %s",
    "DELETE FROM supply.obligation WHERE obligation = %s",
)


@dataclass
class SmallSupply:
    """The obligation, and the period of the report in each state."""

    instance: Running
    dataset: str
    periods: dict[str, str]
    reports: dict[str, int]

    @property
    def obligation(self) -> str:
        return f"{self.dataset}@{AGENCY}"

    @property
    def title(self) -> str:
        return f"Thử cung cấp số liệu {self.dataset[-6:]}"

    def event(self, state: str, kind: str, hours: int, **more: Any) -> None:
        """Something that happens to the report that began in this state, `hours` from now."""
        told = {"report": self.reports[state], "kind": kind, "hours": hours, "by": None, "note": None, "details": {}, **more}
        with self.instance.store() as conn:
            conn.execute(EVENT, {**told, "details": json.dumps(told["details"])})


@contextmanager
def small_supply(instance: Running) -> Iterator[SmallSupply]:
    """Of this kind one of its own, as long as it is used."""
    made = SmallSupply(instance, f"small-supply-{secrets.token_hex(3)}", {}, {})
    try:
        with instance.store() as conn:
            asked = {"obligation": made.obligation, "dataset": made.dataset, "subsystem": SUBSYSTEM, "agency": AGENCY, "title": made.title}
            conn.execute(OBLIGATION, asked)
            for back, state in enumerate(reversed(STATES)):
                hours = {"due_soon": 5, "excused": -30}.get(state, -72)
                row = conn.execute(REPORT, {"obligation": made.obligation, "back": back, "hours": hours}).fetchone()
                assert row is not None
                made.reports[state], made.periods[state] = row
        made.event("late", "accepted", -20, details={"accepted": 12, "rejected": 0})
        made.event("zero", "zero", -80, by="Nguyễn Văn An")
        made.event("rejects", "accepted", -75, details={"accepted": 12, "rejected": 3})
        made.event("returned", "refused", -74, details={"refused_code": "header"})
        made.event("excused", "excused", -40, by="van-phong-ubnd-tinh/ban-chi-dao-truong-ban", note="Mưa lũ, mất điện")
        yield made
    finally:
        with instance.store() as conn:
            for statement in GONE:
                conn.execute(statement, (made.obligation,))
