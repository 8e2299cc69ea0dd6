"""Superset's dashboards of a subsystem: tiles, then the rows that its contract declares, then where the figures come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from control.compile.superset.bundle import VERSION, Files, identifier, text
from control.compile.superset.chart import COLOURS, Chart
from control.compile.superset.charts import MOST_COLUMNS, ROWS_OF_A_TABLE, source_table, table, trends
from control.compile.superset.filters import cross_filters, native_filters
from control.compile.superset.grid import Grid
from control.compile.superset.panels import panel_chart
from control.compile.superset.points import part_colours, points
from control.compile.superset.tile import tile
from control.compile.superset.trend import TARGET_COLOUR, interval_colours
from control.compile.superset.wide import TARGET, Wide, wide_views
from datasets.model.calendar_name import Calendar
from datasets.model.consistency_dashboard import MOST_CHARTS
from datasets.model.contract import Contract, Resource
from datasets.model.dashboard import Panel

TILES = 4
"""Of a contract that declares no dashboard."""
SIDE_BY_SIDE = [5, 7]
"""Widths of a trend and the table beside it."""
REFRESH_SECONDS = 30
OPEN_TITLE = "công khai"

CSS = """\
.dashboard-component-header .header-style-option.medium-header { font-size: 20px; }
/* The heading of a table says how many rows it shows; the sign that there are more only alarms. */
[data-test-viz-type="table"] [data-test="warning"] { display: none; }
[data-test-viz-type="table"] td { white-space: nowrap; }
/* On a large screen the first row is read from three metres, its titles too. */
@media (min-width: 1600px) {
  [data-test-viz-type="ioc_tile"] .header-title, [data-test-viz-type="ioc_tile"] .header-title * { font-size: 20px; font-weight: 600; }
}
"""


def everyones_uuid(contract_name: str) -> str:
    """UUID of the dashboard that holds only what is open of a subsystem."""
    return identifier("dashboard", contract_name, "open")


@dataclass(frozen=True)
class Page:
    """One dashboard: what everyone may see of a subsystem, or all of it."""

    contract: Contract
    contracts: Sequence[Contract]
    is_open: bool

    @property
    def slug(self) -> str:
        """Name of the dashboard in its address: `public-services`, `public-services-open`."""
        return f"{self.contract.name.replace('_', '-')}{'-open' if self.is_open else ''}"

    @property
    def title(self) -> str:
        return f"{self.contract.title} · {OPEN_TITLE}" if self.is_open else self.contract.title

    @property
    def uuid(self) -> str:
        return everyones_uuid(self.contract.name) if self.is_open else identifier("dashboard", self.contract.name)

    @property
    def path(self) -> str:
        return f"dashboards/{self.contract.pg_schema}{'_open' if self.is_open else ''}.yaml"

    @property
    def resources(self) -> list[Resource]:
        return [r for r in self.contract.resources if not self.is_open or r.access_class == "open"]

    def views(self) -> dict[Calendar, Wide]:
        return wide_views(self.contract, self.contracts, is_open=self.is_open)


def pages(contract: Contract, contracts: Sequence[Contract] = ()) -> list[Page]:
    """The contract's dashboards: its own, and everyone's when it says so and anything in it is open."""
    own, everyone = Page(contract, contracts, is_open=False), Page(contract, contracts, is_open=True)
    return [own, everyone] if contract.dashboard.open and everyone.resources else [own]


def _first_view(views: dict[Calendar, Wide], name: str) -> Wide | None:
    """The view by the calendar that an indicator is shown by first."""
    return next((wide for calendar, wide in views.items() if name in wide.formulas and wide.formulas[name].calendars[0] == calendar), None)


def _tiles(views: dict[Calendar, Wide], names: Sequence[str]) -> list[Chart]:
    return [tile(wide, name) for name in names if (wide := _first_view(views, name))]


def _shown(views: dict[Calendar, Wide], page: Page, panel: Panel) -> Panel | None:
    """The panel with what this page may show; None when that is nothing."""
    if panel.resource is not None:
        return panel if any(r.name == panel.resource for r in page.resources) else None
    names = [name for name in panel.own_indicators if _first_view(views, name)]
    if not names:
        return None
    about = names if isinstance(getattr(panel, panel.kind), list) else names[0]
    band = panel.band if panel.band and all(_first_view(views, name) for name in panel.band) else None
    return panel.model_copy(update={panel.kind: about, "band": band})


def _declared(page: Page, grid: Grid) -> None:
    views = page.views()
    if first := _tiles(views, page.contract.dashboard.first_row):
        grid.row(first)
    for row in page.contract.dashboard.rows:
        panels = [shown for panel in row if (shown := _shown(views, page, panel))]
        charts = [_panel(page, views, panel, is_narrow=len(panels) > 1) for panel in panels]
        if charts:
            grid.row(charts, [panel.width for panel in panels])


def _panel(page: Page, views: dict[Calendar, Wide], panel: Panel, *, is_narrow: bool) -> Chart:
    if panel.table is not None:
        resource = page.contract.resource(panel.table)
        return table(
            page.contract,
            resource,
            is_narrow=is_narrow,
            heading=panel.title,
            empty=panel.empty,
            first=panel.first,
            shown=panel.columns,
        )
    if panel.points is not None:
        return points(page.contract, panel)
    return panel_chart(views, panel)


def _automatic(page: Page, grid: Grid) -> None:
    """What a contract without a declared dashboard gets: its indicators, or the sums of its rows, and tables of rows."""
    if page.contract.indicators:
        views = page.views()
        shown = [name for wide in views.values() for name in wide.formulas if _first_view(views, name) is wide][:TILES]
        if shown:
            grid.row(_tiles(views, shown))
        lines = [panel_chart(views, Panel(trend=name)) for name in shown]
        for start in range(0, len(lines), 2):
            grid.row(lines[start : start + 2])
    room = MOST_CHARTS - 1 - len(grid.charts)
    for number, resource in enumerate(page.resources):
        # Each of the resources that follow keeps the place of its table.
        places = room - (len(page.resources) - number)
        if room <= 0:
            return
        found = [] if page.contract.indicators else trends(page.contract, resource)[: max(places, 0)]
        beside = len(found) == 1
        rows = table(page.contract, resource, is_narrow=beside, heading=f"Số liệu chi tiết, {ROWS_OF_A_TABLE} dòng mới nhất")
        room -= len(found) + 1
        grid.heading(page.contract.view(resource), resource.title)
        if beside and len(rows.params["all_columns"]) <= MOST_COLUMNS:
            grid.row([found[0], rows], SIDE_BY_SIDE)
            continue
        for start in range(0, len(found), 2):
            grid.row(found[start : start + 2])
        grid.row([rows])


def arrange(page: Page) -> Grid:
    """All charts of the page in their places."""
    grid = Grid(title=page.title)
    declared = page.contract.dashboard
    if declared.first_row or declared.rows:
        _declared(page, grid)
    else:
        _automatic(page, grid)
    grid.row([source_table(page.contract, page.resources, is_open=page.is_open)])
    return grid


def dashboard_file(page: Page, grid: Grid) -> Files:
    """The dashboard in Superset's export format."""
    metadata: dict[str, Any] = {
        "chart_configuration": cross_filters(grid),
        "color_scheme": COLOURS,
        "cross_filters_enabled": True,
        "default_filters": "{}",
        "expanded_slices": {},
        "filter_bar_orientation": "HORIZONTAL",
        "label_colors": {TARGET: TARGET_COLOUR, **part_colours(page.contract), **interval_colours(grid.charts)},
        "native_filter_configuration": native_filters(page.slug, grid, page.resources),
        "refresh_frequency": REFRESH_SECONDS,
        "shared_label_colors": [],
        "timed_refresh_immune_slices": [],
    }
    document = {
        "certification_details": "",
        "certified_by": "",
        "css": CSS,
        "dashboard_title": page.title,
        "description": page.contract.description,
        "metadata": metadata,
        "position": grid.position(),
        "published": True,
        "slug": page.slug,
        "uuid": page.uuid,
        "version": VERSION,
    }
    return {page.path: text(document)}
