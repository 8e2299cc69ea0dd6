"""Filters of a dashboard: period, unit and agency, and what a click on a chart does to the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from control.compile.superset.chart import Chart, condition
from control.compile.superset.datasets import AGENCY_UUID, SOURCE_UUID, UNIT_UUID
from control.compile.superset.grid import Grid
from control.compile.superset.indicator import AGENCY_COLUMN, UNIT_COLUMN
from datasets.model.contract import Resource

OFFERED = {
    "defaultToFirstItem": False,
    "enableEmptyFilter": False,
    "inverseSelection": False,
    "multiSelect": True,
    "searchAllOptions": True,
    "sortAscending": True,
}


def _scope(grid: Grid, may_narrow: Callable[[Chart], bool]) -> dict[str, Any]:
    return {"excluded": [grid.number(chart) for chart in grid.charts if not may_narrow(chart)], "rootPath": ["ROOT_ID"]}


def _filter(
    slug: str, name: str, label: str, kind: str, scope: dict[str, Any], target: dict[str, Any], controls: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "cascadeParentIds": [],
        "controlValues": controls,
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "description": "",
        "filterType": kind,
        "id": f"NATIVE_FILTER-{slug}-{name}",
        "name": label,
        "scope": scope,
        "targets": [target],
        "type": "NATIVE_FILTER",
        **more,
    }


def native_filters(slug: str, grid: Grid, resources: Sequence[Resource]) -> list[dict[str, Any]]:
    """The filters over the charts whose figures keep their meaning under them; one that no chart obeys is left out."""
    of_figures = _scope(grid, lambda chart: chart.dataset != SOURCE_UUID)
    found = [_filter(slug, "time", "Khoảng thời gian", "filter_time", of_figures, {}, {"enableEmptyFilter": False})]
    levels = sorted({f.refers.unit.value for r in resources if (f := r.unit_field) and f.refers and f.refers.unit})
    if levels and any(UNIT_COLUMN in chart.narrowed_by for chart in grid.charts):
        target = {"column": {"name": UNIT_COLUMN}, "datasetUuid": UNIT_UUID}
        scope = _scope(grid, lambda chart: UNIT_COLUMN in chart.narrowed_by)
        offered = [condition("level", "IN", levels), condition("valid_to", "IS NULL", None)]
        found.append(_filter(slug, "unit", "Đơn vị hành chính", "filter_select", scope, target, OFFERED, adhoc_filters=offered))
    agencies = sorted({agency for resource in resources for agency in resource.publishers})
    if len(agencies) > 1 and any(AGENCY_COLUMN in chart.narrowed_by for chart in grid.charts):
        target = {"column": {"name": AGENCY_COLUMN}, "datasetUuid": AGENCY_UUID}
        scope = _scope(grid, lambda chart: AGENCY_COLUMN in chart.narrowed_by)
        offered = [condition("agency", "IN", agencies)]
        found.append(_filter(slug, "agency", "Cơ quan gửi", "filter_select", scope, target, OFFERED, adhoc_filters=offered))
    return found


def cross_filters(grid: Grid) -> dict[str, Any]:
    """For each chart, which others a click on it filters: those that its column can narrow."""

    def obeys(other: Chart, chart: Chart) -> bool:
        return chart.emits is not None and other is not chart and chart.emits in other.narrowed_by

    found: dict[str, Any] = {}
    for chart in grid.charts:
        scope = _scope(grid, lambda other, chart=chart: obeys(other, chart))  # type: ignore[misc]
        in_scope = [grid.number(other) for other in grid.charts if obeys(other, chart)]
        found[str(grid.number(chart))] = {"crossFilters": {"chartsInScope": in_scope, "scope": scope}, "id": grid.number(chart)}
    return found
