"""Superset's dashboard of a subsystem: the sources first, then each resource under its own heading."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any

from control.compile.superset_bundle import VERSION, Files, identifier, text
from control.compile.superset_charts import COLOURS, MOST_COLUMNS, Chart, resource_charts, source_table
from control.compile.superset_datasets import dataset_uuid
from datasets.model.contract import Contract, Resource

GRID_COLUMNS = 12
TRENDS_IN_A_ROW = 2
SIDE_BY_SIDE = [5, 7]
"""Widths of a trend and the table beside it."""
# Heights are in Superset's grid units of 8 pixels.
TREND_HEIGHT = 44
TABLE_HEIGHT = 63
SOURCE_HEIGHT = 14
SOURCE_ROW_HEIGHT = 4
# On a phone headers of columns take more lines, and so do the titles of sources.
PHONE_TABLE_HEIGHT = 70
PHONE_LINE_HEIGHT = 2
PHONE_LINE_LETTERS = 11
PHONE_ROW_PADDING = 2
REFRESH_SECONDS = 30

CSS = """\
.dashboard-component-header .header-style-option.medium-header { font-size: 20px; }
/* The heading of a table says how many rows it shows; the sign that there are more only alarms. */
[data-test-viz-type="table"] [data-test="warning"] { display: none; }
[data-test-viz-type="table"] td { white-space: nowrap; }
"""


def slug(contract: Contract) -> str:
    """Name of the dashboard in its address: `public-services`."""
    return contract.name.replace("_", "-")


def dashboard_uuid(contract: Contract) -> str:
    return identifier("dashboard", contract.name)


@dataclass
class Grid:
    """Position of every component, built from top to bottom."""

    title: str
    components: dict[str, Any] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)

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

    def row(self, charts: list[Chart], height: int, widths: list[int] | None = None, phone_height: int | None = None) -> None:
        """Charts side by side, together as wide as the page; without widths, of equal ones.

        Superset ignores the height for phones, which tables have; our script in its pages reads it.
        """
        name = f"ROW-{charts[0].key}"
        children = []
        for chart, width in zip(charts, widths or [GRID_COLUMNS // len(charts)] * len(charts), strict=True):
            self.charts.append(chart)
            child = f"CHART-{chart.key}"
            children.append(child)
            self.components[child] = {
                "children": [],
                "id": child,
                "meta": {
                    "chartId": len(self.charts),  # replaced at the import; only has to differ from the others
                    "height": height,
                    **({"phoneHeight": phone_height} if phone_height and chart.viz_type == "table" else {}),
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


def _phone_source_height(contract: Contract) -> int:
    """Height at which every source is seen without moving the table in its frame."""
    lines = [max(2, ceil(len(resource.title) / PHONE_LINE_LETTERS)) for resource in contract.resources]
    return SOURCE_HEIGHT + PHONE_LINE_HEIGHT * sum(lines) + PHONE_ROW_PADDING * len(lines)


def arrange(contract: Contract) -> Grid:
    """All charts of the subsystem in their places."""
    grid = Grid(title=contract.title)
    height = SOURCE_HEIGHT + SOURCE_ROW_HEIGHT * len(contract.resources)
    grid.row([source_table(contract)], height, phone_height=_phone_source_height(contract))
    for resource in contract.resources:
        trends, rows = resource_charts(contract, resource)
        grid.heading(contract.view(resource), resource.title)
        if len(trends) == 1 and len(rows.params["all_columns"]) <= MOST_COLUMNS:
            grid.row([trends[0], rows], TABLE_HEIGHT, SIDE_BY_SIDE, phone_height=PHONE_TABLE_HEIGHT)
            continue
        for start in range(0, len(trends), TRENDS_IN_A_ROW):
            grid.row(trends[start : start + TRENDS_IN_A_ROW], TREND_HEIGHT)
        grid.row([rows], TABLE_HEIGHT, phone_height=PHONE_TABLE_HEIGHT)
    return grid


def _filter(
    contract: Contract, name: str, label: str, kind: str, targets: list[dict[str, Any]], controls: dict[str, Any]
) -> dict[str, Any]:
    return {
        "cascadeParentIds": [],
        "controlValues": controls,
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "description": "",
        "filterType": kind,
        "id": f"NATIVE_FILTER-{slug(contract)}-{name}",
        "name": label,
        "scope": {"excluded": [1], "rootPath": ["ROOT_ID"]},  # the table of sources, which is always the first chart
        "targets": targets,
        "type": "NATIVE_FILTER",
    }


def filters(contract: Contract) -> list[dict[str, Any]]:
    """Filters of time and, where rows have a unit, of the unit."""
    found = [_filter(contract, "time", "Khoảng thời gian", "filter_time", [{}], {"enableEmptyFilter": False})]
    with_unit: list[Resource] = [resource for resource in contract.resources if resource.unit_field]
    if with_unit:
        target = {"column": {"name": "unit_name"}, "datasetUuid": dataset_uuid(contract, with_unit[0])}
        controls = {
            "defaultToFirstItem": False,
            "enableEmptyFilter": False,
            "inverseSelection": False,
            "multiSelect": True,
            "searchAllOptions": True,
            "sortAscending": True,
        }
        found.append(_filter(contract, "unit", "Đơn vị hành chính", "filter_select", [target], controls))
    return found


def dashboard_file(contract: Contract, grid: Grid) -> Files:
    """The dashboard in Superset's export format."""
    metadata = {
        "chart_configuration": {},
        "color_scheme": COLOURS,
        "cross_filters_enabled": False,
        "default_filters": "{}",
        "expanded_slices": {},
        "filter_bar_orientation": "HORIZONTAL",
        "label_colors": {},
        "native_filter_configuration": filters(contract),
        "refresh_frequency": REFRESH_SECONDS,
        "shared_label_colors": [],
        "timed_refresh_immune_slices": [],
    }
    document = {
        "certification_details": "",
        "certified_by": "",
        "css": CSS,
        "dashboard_title": contract.title,
        "description": contract.description,
        "metadata": metadata,
        "position": grid.position(),
        "published": True,
        "slug": slug(contract),
        "uuid": dashboard_uuid(contract),
        "version": VERSION,
    }
    return {f"dashboards/{contract.pg_schema}.yaml": text(document)}
