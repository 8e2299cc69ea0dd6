"""What our own charts of one indicator have in common: a frame that each kind fills with its titles, its filters and its question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from control.compile.superset.chart import Chart, query
from control.compile.superset.dataset import TIME_COLUMN
from control.compile.superset.figure import figure_params
from control.compile.superset.indicator import chart_key, listed, narrowed_by
from control.compile.superset.wide import Wide, indicator_description


@dataclass(frozen=True)
class Frame:
    """A kind of chart: its name (`ioc_<kind>` is its type), its heights in grid units of 8 pixels, and the most rows it asks for."""

    kind: str
    height: int
    phone_height: int
    rows: int


@dataclass(frozen=True)
class Asked:
    """The question of a chart; the newest periods come first."""

    columns: Sequence[str]
    metrics: Sequence[str]
    filters: Sequence[dict[str, Any]]


def figure_chart(
    frame: Frame,
    wide: Wide,
    name: str,
    asked: Asked,
    *,
    key: Sequence[str],
    title: str,
    heading: str,
    told: Mapping[str, Any],
    emits: str | None = None,
) -> Chart:
    """The chart of an indicator in its frame.

    `key`: what tells it from other charts of its kind. `told`: what its module is told beside what all are told of an indicator.
    """
    filters = list(asked.filters)
    return Chart(
        contract=wide.contract,
        key=chart_key(wide, frame.kind, name, *key),
        title=listed(wide, title),
        heading=heading,
        dataset=wide.uuid,
        params={
            **figure_params(wide, name),
            "adhoc_filters": filters,
            "row_limit": frame.rows,
            "viz_type": f"ioc_{frame.kind}",
            "x_axis": TIME_COLUMN,
            **told,
        },
        height=frame.height,
        phone_height=frame.phone_height,
        description=indicator_description(wide.indicator(name)),
        narrowed_by=narrowed_by(wide, [name]),
        emits=emits,
        queries=(query(asked.columns, asked.metrics, filters, frame.rows, [(TIME_COLUMN, False)]),),
    )
