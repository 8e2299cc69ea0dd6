"""Which columns and metrics a chart or a dashboard's filter names, and which of them its dataset does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
import sqlglot.errors
from sqlglot import exp

from control.compile.edits.form import Document

METRIC_PARAMS = (
    "metric",
    "metric_2",
    "metrics",
    "metrics_b",
    "percent_metrics",
    "secondary_metric",
    "size",
    "target_metric",
    "timeseries_limit_metric",
    "timeseries_limit_metric_b",
)
COLUMN_PARAMS = (
    "all_columns",
    "columns",
    "entity",
    "granularity_sqla",
    "groupby",
    "groupby_b",
    "groupbyColumns",
    "groupbyRows",
    "series",
    "series_columns",
    "x_axis",
)
FILTER_PARAMS = ("adhoc_filters", "adhoc_filters_b")
OTHER_DATA_PARAMS = ("calendar", "level", "time_grain_sqla", "time_range", "order_by_cols", "query_mode")
DATA_PARAMS = frozenset((*METRIC_PARAMS, *COLUMN_PARAMS, *FILTER_PARAMS, *OTHER_DATA_PARAMS))
"""Parameters of a chart that say what it asks the store; all others say how it looks."""


@dataclass(frozen=True, order=True)
class Reference:
    """A name that has to be in the dataset."""

    kind: str
    """`column` or `metric`."""
    name: str


def references(params: Mapping[str, Any]) -> set[Reference]:
    """The columns and saved metrics that a chart's parameters name."""
    found: set[Reference] = set()
    for key in METRIC_PARAMS:
        for value in _each(params.get(key)):
            found |= {Reference("metric", value)} if isinstance(value, str) else set(_of_adhoc(value))
    for key in COLUMN_PARAMS:
        for value in _each(params.get(key)):
            found |= {Reference("column", value)} if isinstance(value, str) else set(_of_adhoc(value))
    for key in FILTER_PARAMS:
        for value in _each(params.get(key)):
            found |= set(_of_filter(value))
    return found


def _each(value: Any) -> list[Any]:
    """The items of a list, or the one value; booleans and numbers name nothing."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, (str, dict)) and item]


def _of_adhoc(value: Mapping[str, Any]) -> Iterator[Reference]:
    """Columns of a metric or column that a person wrote in the chart."""
    if value.get("expressionType") == "SQL":
        yield from _of_sql(value.get("sqlExpression"))
    elif isinstance(value.get("column"), dict) and value["column"].get("column_name"):
        yield Reference("column", value["column"]["column_name"])


def _of_filter(value: Any) -> Iterator[Reference]:
    if not isinstance(value, dict):
        return
    if value.get("expressionType") == "SQL":
        yield from _of_sql(value.get("sqlExpression"))
    elif value.get("clause") == "WHERE" and isinstance(value.get("subject"), str):
        yield Reference("column", value["subject"])


def _of_sql(sql: Any) -> Iterator[Reference]:
    """Columns in an expression; one that cannot be parsed is left to PostgreSQL to refuse."""
    if not isinstance(sql, str):
        return
    try:
        tree = sqlglot.parse_one(sql, read="postgres")
    except sqlglot.errors.SqlglotError:
        return
    for column in tree.find_all(exp.Column):
        yield Reference("column", column.name)


def missing(params: Mapping[str, Any], dataset: Document) -> list[Reference]:
    """What the parameters name and the dataset (comparable form) does not have."""
    columns, metrics = dataset["columns"], dataset["metrics"]

    def there(reference: Reference) -> bool:
        # Superset lets a column be written where a metric may be, and the other way round in orders and filters.
        return reference.name in columns if reference.kind == "column" else reference.name in metrics

    return sorted(reference for reference in references(params) if not there(reference))


def missing_in_filter(one: Mapping[str, Any], datasets: Mapping[str, Document]) -> list[Reference]:
    """What a native filter names and its dataset (comparable form, by UUID) does not have."""
    found = []
    for target in one.get("targets") or []:
        name = (target.get("column") or {}).get("name")
        dataset = datasets.get(target.get("datasetUuid", ""))
        if name and (dataset is None or name not in dataset["columns"]):
            found.append(Reference("column", name))
    return found
