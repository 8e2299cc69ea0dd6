"""Places of charts on a dashboard, in Superset's grid of twelve columns and units of 8 pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from control.compile.superset.chart import Chart

GRID_COLUMNS = 12


def widths(wanted: Sequence[int | None]) -> list[float]:
    """Widths that fill a row: those that are wanted, the rest shared; all shared when what is wanted does not fit.

    Equal shares may be parts of a column (five tiles are 2.4 wide each): Superset draws them so.
    """
    free = GRID_COLUMNS - sum(width or 0 for width in wanted)
    shared = sum(width is None for width in wanted)
    if free < 2 * shared or (not shared and free):
        wanted, free, shared = [None] * len(wanted), GRID_COLUMNS, len(wanted)
    share = free / shared if shared else 0
    equal = int(share) if share == int(share) else round(share, 2)
    return [equal if width is None else width for width in wanted]


@dataclass
class Grid:
    """Position of every component, built from top to bottom."""

    title: str
    components: dict[str, Any] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)

    def number(self, chart: Chart) -> int:
        """What the chart is called inside this export; the importer puts its id in the place."""
        return self.charts.index(chart) + 1

    def heading(self, key: str, words: str) -> None:
        """A line over what follows."""
        name = f"HEADER-{key}"
        self.components[name] = {
            "children": [],
            "id": name,
            "meta": {"background": "BACKGROUND_TRANSPARENT", "headerSize": "MEDIUM_HEADER", "text": words},
            "parents": ["ROOT_ID", "GRID_ID"],
            "type": "HEADER",
        }
        self.rows.append(name)

    def row(self, charts: Sequence[Chart], wanted: Sequence[int | None] = ()) -> None:
        """Charts side by side, together as wide as the page and all as high as the highest.

        Superset ignores the height for phones; our script in its pages reads it.
        """
        name = f"ROW-{charts[0].key}"
        height = max(chart.height for chart in charts)
        children = []
        for chart, width in zip(charts, widths(wanted or [None] * len(charts)), strict=True):
            self.charts.append(chart)
            child = f"CHART-{chart.key}"
            children.append(child)
            self.components[child] = {
                "children": [],
                "id": child,
                "meta": {
                    "chartId": self.number(chart),
                    "height": height,
                    "phoneHeight": chart.phone_height or chart.height,
                    "sliceName": chart.title,
                    "sliceNameOverride": chart.heading,
                    "uuid": chart.uuid,
                    "width": width,
                },
                "parents": ["ROOT_ID", "GRID_ID", name],
                "type": "CHART",
            }
        self.components[name] = {
            "children": children,
            "id": name,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
            "parents": ["ROOT_ID", "GRID_ID"],
            "type": "ROW",
        }
        self.rows.append(name)

    def position(self) -> dict[str, Any]:
        """The whole tree as Superset writes it."""
        return {
            "DASHBOARD_VERSION_KEY": "v2",
            "GRID_ID": {"children": self.rows, "id": "GRID_ID", "parents": ["ROOT_ID"], "type": "GRID"},
            "HEADER_ID": {"id": "HEADER_ID", "meta": {"text": self.title}, "type": "HEADER"},
            "ROOT_ID": {"children": ["GRID_ID"], "id": "ROOT_ID", "type": "ROOT"},
            **self.components,
        }
