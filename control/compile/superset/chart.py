"""One chart in Superset's export format, how it stands on a dashboard, and the conditions that its questions have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from control.compile.superset.bundle import VERSION, Files, identifier, text
from control.compile.superset.dataset import TIME_COLUMN
from datasets.model.contract import Contract

ANY_TIME = "No filter"
COLOURS = "toanCanh"
"""Name of the scheme in superset_ioc.appearance; a Superset without it takes its own."""


@dataclass(frozen=True)
class Chart:
    """One chart, and how it is shown on its subsystem's dashboard."""

    contract: Contract
    key: str
    """What it is in its subsystem: `tile_bed_occupancy`. Its identity comes from it."""
    title: str
    """Name in Superset's list of charts."""
    heading: str
    """Name on the dashboard."""
    dataset: str
    """UUID."""
    params: dict[str, Any]
    height: int
    """In Superset's grid units of 8 pixels."""
    phone_height: int | None = None
    """Height on a phone; without it, as elsewhere."""
    description: str | None = None
    narrowed_by: frozenset[str] = field(default_factory=frozenset)
    """Columns by which filters may narrow it so that its figures keep their meaning."""
    emits: str | None = None
    """Column that a click on a part of it filters the other charts by."""
    queries: tuple[dict[str, Any], ...] = ()
    """What it asks, for whoever wants its figures without its page (CSV, reports, measurements)."""

    @property
    def viz_type(self) -> str:
        return str(self.params["viz_type"])

    @property
    def uuid(self) -> str:
        return identifier("chart", self.contract.name, self.key)

    @property
    def path(self) -> str:
        return f"charts/{self.contract.pg_schema}_{self.key}.yaml"


def condition(subject: str, operator: str, comparator: Any) -> dict[str, Any]:
    """A condition on one column, as Superset keeps it."""
    names = {"IN": "IN", "==": "EQUALS", "TEMPORAL_RANGE": "TEMPORAL_RANGE", "IS NULL": "IS_NULL"}
    return {
        "clause": "WHERE",
        "comparator": comparator,
        "expressionType": "SIMPLE",
        "filterOptionName": f"{subject}_{names[operator].lower()}",
        "operator": operator,
        "operatorId": names[operator],
        "subject": subject,
    }


def in_period(time_range: str = ANY_TIME) -> dict[str, Any]:
    """The condition that a dashboard's filter of the period puts its range into; until then, this range."""
    return condition(TIME_COLUMN, "TEMPORAL_RANGE", time_range)


def having(expression: str) -> dict[str, Any]:
    """A condition on a group's figures."""
    return {"clause": "HAVING", "expressionType": "SQL", "filterOptionName": "having", "sqlExpression": expression}


def query(
    columns: Sequence[str], metrics: Sequence[Any], filters: Sequence[dict[str, Any]], rows: int, order: Sequence[tuple[str, bool]] = ()
) -> dict[str, Any]:
    """The question of a chart as its page asks it; `order`: columns or metrics, and whether upwards. Without metrics: rows, not groups."""
    having_ = [f"({f['sqlExpression']})" for f in filters if f["clause"] == "HAVING"]
    return {
        "annotation_layers": [],
        "columns": list(columns),
        "extras": {"having": " AND ".join(having_), "where": ""},
        "filters": [{"col": f["subject"], "op": f["operator"], "val": f["comparator"]} for f in filters if f["expressionType"] == "SIMPLE"],
        "metrics": list(metrics) or None,  # Superset groups by the columns when there is an empty list
        "orderby": [list(one) for one in order],
        "row_limit": rows,
    }


def lower_first(title: str) -> str:
    """The title as it stands inside a sentence: "Số ca nặng" becomes "số ca nặng"; an abbreviation stays."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _query_context(chart: Chart) -> str:
    """The datasource is put in at the import."""
    document = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "form_data": chart.params,
        "queries": list(chart.queries),
        "result_format": "json",
        "result_type": "full",
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def chart_file(chart: Chart) -> Files:
    """The chart in Superset's export format."""
    return {
        chart.path: text(
            {
                "cache_timeout": None,
                "certification_details": None,
                "certified_by": None,
                "dataset_uuid": chart.dataset,
                "description": chart.description,
                "params": chart.params,
                "query_context": _query_context(chart) if chart.queries else None,
                "slice_name": chart.title,
                "uuid": chart.uuid,
                "version": VERSION,
                "viz_type": chart.viz_type,
            }
        )
    }
