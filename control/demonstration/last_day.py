"""Up to which day the figures of an instance's demonstration go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from control.secrets import Secrets
from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar, Contract
from datasets.model.obligation import due_at
from datasets.model.reference import Reference

ONE_DAY = dt.timedelta(days=1)
KEY = "demonstration_until"


def last_day(now: dt.datetime, contracts: Iterable[Contract], reference: Reference) -> dt.date:
    """Today when all that is owed each day is due already, otherwise yesterday, in the province.

    So a new instance lacks no report but those that are planted, at any hour.
    """
    today = now.astimezone(ZONE).date()
    daily = [r.obligation.due for contract in contracts for r in contract.resources if r.obligation.calendar is Calendar.DAY]
    due = [due_at(rule, today, today + ONE_DAY, reference.calendar) for rule in daily]
    is_due = bool(due) and max(due) <= now
    return today if is_due else today - ONE_DAY


def kept_last_day(secrets: Secrets, contracts: Iterable[Contract], reference: Reference) -> dt.date:
    """The last day of this instance: that of its first demonstration, kept so that a second run writes the same files."""
    kept = secrets.get(KEY)
    if kept is None:
        kept = last_day(dt.datetime.now(ZONE), contracts, reference).isoformat()
        secrets.put(KEY, kept)
    return dt.date.fromisoformat(kept)
