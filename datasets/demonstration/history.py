"""What of the demonstration's supply is no file: since when its agencies owe, and what one of them is excused from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from datasets.demonstration.generate import DemonstrationFile
from datasets.demonstration.habits import EXCUSED_FOR, OBLIGED_DAYS, PLANTED, Habit, calendar_of_reports
from datasets.demonstration.world import ONE_DAY
from datasets.model.calendar import ZONE
from datasets.model.contract import Scope
from datasets.model.period import bounds

EXCUSED_BY = "so-khoa-hoc-va-cong-nghe/to-giup-viec-to-truong"
REASON = "Mô phỏng: bệnh viện thay phần mềm quản lý giường bệnh, Tổ giúp việc cho lùi hạn."


@dataclass(frozen=True, slots=True)
class DemonstrationExcuse:
    """A report from which an agency is excused."""

    obligation: str
    """`dataset@agency`."""
    period: str
    until: datetime
    """With a time zone."""
    by: str = EXCUSED_BY
    """The position that excuses."""
    reason: str = REASON


@dataclass(frozen=True, slots=True)
class History:
    """Obligations and excuses of the demonstration."""

    since: dict[str, date]
    """Dataset → day on which its obligations come into force."""
    excuses: list[DemonstrationExcuse]


def history_of(files: Iterable[DemonstrationFile], until: date, *, full: bool = False) -> History:
    """The history that goes with these files, whose last day is `until`.

    A dataset is owed for a hundred days, or since the first period that is delivered if that is later: what nobody delivers is not missing.
    `full`: it is owed since the first period that is delivered, however long ago; but not one that is replaced whole. Of that the portal
    keeps the last file, and does not take an earlier one in its place when the light version was delivered before.
    """
    periods: dict[tuple[str, str], set[str]] = defaultdict(set)
    since: dict[str, date] = {}
    short = until - timedelta(days=OBLIGED_DAYS)
    for file in files:
        periods[file.contract.name, file.resource.name].add(file.period)
        dataset, starts = file.contract.dataset_name(file.resource), bounds(calendar_of_reports(file.resource), file.period)[0]
        if full and file.resource.delivery.scope is Scope.WHOLE:
            since[dataset] = max(since.get(dataset, short), starts)
        else:
            since[dataset] = min(since.get(dataset, starts), starts)
    earliest = date.min if full else short
    ends = datetime.combine(until + ONE_DAY, time(17), ZONE) + EXCUSED_FOR
    excuses = [
        DemonstrationExcuse(f"{planted.contract}-{planted.resource}@{planted.agency}".replace("_", "-"), known[-1 - planted.nth_last], ends)
        for planted in PLANTED
        if planted.habit is Habit.EXCUSED
        for known in [sorted(periods[planted.contract, planted.resource])]
        if planted.nth_last < len(known)
    ]
    return History({dataset: max(first, earliest) for dataset, first in since.items()}, excuses)
