"""What charts of indicators share: the measures they read, what they may be grouped and narrowed by, and how they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from control.compile.superset.chart import condition, lower_first
from control.compile.superset.wide import Wide, shown_breakdown
from datasets.model.dashboard import Panel
from datasets.model.table_schema import Level

UNIT_COLUMN = "unit_name"
AGENCY_COLUMN = "agency_title"
LEVEL_NAMES = {Level.COMMUNE: "xã, phường", Level.DISTRICT: "huyện", Level.PROVINCE: "tỉnh", Level.COUNTRY: "quốc gia"}


def of_measures(wide: Wide, names: Sequence[str]) -> dict[str, Any]:
    """Only these measures' rows are read: the store finds them by its index."""
    return condition("measure", "IN", wide.measures(names))


def narrowed_by(wide: Wide, names: Sequence[str]) -> frozenset[str]:
    """Columns that every one of these indicators may be grouped by keep its figures meaningful when they filter it."""
    columns: set[str] = set()
    for by in set.intersection(*(set(wide.indicator(name).shown_by) for name in names)):
        if by == "unit":
            columns |= {UNIT_COLUMN} if all(wide.level(name) is not Level.PROVINCE for name in names) else set()
        elif by == "agency":
            columns.add(AGENCY_COLUMN)
        elif by in wide.breakdown():
            columns |= {by, shown_breakdown(wide, by)}
    return frozenset(columns)


def grouped_by(wide: Wide, by: str) -> str:
    """The column that says in words what lines or bars are for."""
    return {"unit": UNIT_COLUMN, "agency": AGENCY_COLUMN}.get(by) or shown_breakdown(wide, by)


def noun(wide: Wide, name: str, by: str) -> str:
    """What bars are for: "xã, phường", "cơ quan", "cơ sở"."""
    if by == "unit":
        return LEVEL_NAMES[wide.level(name)]
    if by == "agency":
        return "cơ quan"
    return lower_first(wide.breakdown()[by].title).removeprefix("mã ")


def chart_key(wide: Wide, kind: str, *parts: str) -> str:
    return "_".join([*(["open"] if wide.is_open else []), kind, *(part.replace("-", "_") for part in parts)])


def calendar_key(wide: Wide, panel: Panel) -> list[str]:
    """The part of a key that tells a panel by a calendar of its own choice from the one by the indicator's first."""
    return [wide.calendar.value] if panel.calendar else []


def listed(wide: Wide, title: str) -> str:
    """The title in Superset's list, where charts of everyone's dashboard stand beside the others."""
    return f"{title} (công khai)" if wide.is_open else title


def heading_of(panel: Panel, made: str) -> str:
    """The panel's own title, or the one that was made."""
    return panel.title or made
