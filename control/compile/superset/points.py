"""Points: the rows of a resource where they happened, over the units, with the clusters that a measure counts."""

from __future__ import annotations

from typing import Any

from control.compile.store.points import clustered, view_name
from control.compile.store.views import agency_titles
from control.compile.superset.bundle import Files, identifier
from control.compile.superset.chart import Chart, in_period, query
from control.compile.superset.charts import row_columns, short_title
from control.compile.superset.dataset import (
    SUPERSET_TYPE,
    TIME_COLUMN,
    column_entry,
    dataset_entry,
    label_entry,
    metric_entry,
    shown_column,
)
from control.compile.superset.datasets import VIEW_COLUMNS, dataset_uuid, field_description, has_time, in_languages
from control.compile.superset.indicator import UNIT_COLUMN
from control.compile.superset.reach import reach
from datasets.model.audience import readable_fields
from datasets.model.contract import Contract, ContractField, Resource
from datasets.model.dashboard import Panel

HEIGHT = 64
PHONE_HEIGHT = 84
ROWS = 6000
"""Points that are asked for, the newest periods first."""
LEVEL = "commune"
PART_COLOURS = ("#2f6fb0", "#d97a1e", "#6b4fa3", "#1a8c94", "#b84a7d", "#8a6d3b", "#6b7f93", "#5b9bd5")
"""Of the parts in the contract's order, as `points_data.js` has them; the dashboard's other charts give a part the same colour."""

CLUSTER_COLUMNS = (
    ("period", "TEXT", "Kỳ"),
    ("day", "DATE", "Ngày"),
    ("cluster", "INTEGER", "Cụm"),
    ("is_inside", "BOOLEAN", "Trong kỳ"),
    (TIME_COLUMN, "DATE", "Thời gian"),
)


def points_uuid(contract: Contract, measure: str) -> str:
    """UUID of the dataset of points in clusters."""
    return identifier("dataset", contract.name, "points", measure)


def points_datasets(contract: Contract) -> Files:
    """Dataset files over the views of points in clusters."""
    files: Files = {}
    for measure, resource in clustered(contract).items():
        files[f"datasets/{contract.pg_schema}/{view_name(measure)}.yaml"] = _dataset(contract, resource, measure)
    return files


def _dataset(contract: Contract, resource: Resource, measure: str) -> str:
    fields = [f for f in readable_fields(resource) if not f.is_unit]
    title_of = {f.column: f.title for f in resource.schema_.fields}
    rows_only = ("load_id", "line")
    columns = [column_entry(f.column, SUPERSET_TYPE[f.type], f.title, field_description(f)) for f in fields]
    columns += [label_entry(f) for f in fields if f.categories]
    columns += [column_entry(*column) for column in VIEW_COLUMNS if column[0] not in rows_only]
    columns += [column_entry(named, "TEXT", title_of[column]) for column, named in agency_titles(resource).items()]
    columns += [column_entry(*column) for column in CLUSTER_COLUMNS]
    titles = (resource.titles.en, resource.titles.fr)
    return dataset_entry(
        points_uuid(contract, measure),
        contract.pg_schema,
        view_name(measure),
        in_languages(f"{resource.title}: từng nơi và cụm, theo kỳ", titles),
        columns,
        [metric_entry("count", "COUNT(*)", "Số dòng", ",d")],
        TIME_COLUMN,
    )


def points(contract: Contract, panel: Panel) -> Chart:
    """The rows with a longitude and a latitude, coloured by a column, and in clusters when the panel names a measure of them."""
    resource = contract.resource(panel.points or "")
    by = next((f for f in readable_fields(resource) if f.column == panel.by), None)
    part = shown_column(by) if by is not None else None
    params: dict[str, Any] = {"level": LEVEL, "viz_type": "ioc_points", **_parts(by, part)}
    asked = ["longitude", "latitude", "unit_name", *([part] if part else [])]
    dataset, order = dataset_uuid(contract, resource), []
    if has_time(resource):
        asked, order, filters = [TIME_COLUMN, *asked], [(TIME_COLUMN, False)], [in_period()]
    else:
        filters = []
    if panel.clusters is not None:
        dataset, asked = points_uuid(contract, panel.clusters), [*asked, "cluster", "is_inside", "day"]
        filters = [in_period(reach(contract.measures[panel.clusters].calendar).map)]
        params |= _counted(contract, panel.clusters)
    params |= {"adhoc_filters": filters, "asked": asked, "row_limit": ROWS}
    return Chart(
        contract=contract,
        key=f"{contract.view(resource)}_points",
        title=f"{short_title(resource.title)}: từng nơi trên bản đồ",
        heading=panel.title or short_title(resource.title),
        dataset=dataset,
        params=params,
        height=HEIGHT,
        phone_height=PHONE_HEIGHT,
        description=resource.description,
        narrowed_by=row_columns(resource),
        emits=UNIT_COLUMN if resource.unit_field else None,
        queries=(query(asked, [], filters, ROWS, order),),
    )


def _parts(by: ContractField | None, part: str | None) -> dict[str, Any]:
    """The column that colours the points, and its values in the contract's order, so that each keeps its colour."""
    if by is None:
        return {}
    return {"part": part, "part_title": by.title, "parts": [category.label for category in by.categories or []]}


def _counted(contract: Contract, measure: str) -> dict[str, Any]:
    """What the chart is told of the clusters, and of the indicator that counts them, whose supply says how far it can be trusted."""
    arguments = contract.measures[measure].with_
    counting = next((name for name, one in contract.indicators.items() if one.value.strip() == measure), None)
    title = contract.indicators[counting].short or contract.indicators[counting].title if counting else contract.measures[measure].title
    return {
        "calendar": contract.measures[measure].calendar.value,
        "cluster_title": title or measure,
        "cluster_days": arguments.get("days"),
        "cluster_least": arguments.get("least", 3),
        "cluster_radius": arguments.get("radius_m"),
        **({"indicator": f"{contract.name}.{counting}"} if counting else {}),
    }


def part_colours(contract: Contract) -> dict[str, str]:
    """Colour by label of the parts that the contract's panels of points show."""
    colours: dict[str, str] = {}
    for panel in (panel for row in contract.dashboard.rows for panel in row if panel.points is not None and panel.by is not None):
        by = next(f for f in contract.resource(str(panel.points)).schema_.fields if f.column == panel.by)
        for category, colour in zip(by.categories or [], PART_COLOURS, strict=False):
            colours.setdefault(category.label, colour)
    return colours
