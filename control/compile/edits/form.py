"""Charts, datasets and dashboards in a form that can be compared: without numbers of rows and without what Superset writes by itself.

Superset numbers its charts, repeats titles in the layout and keeps what browsers computed; none of that is an edit of a person. In this
form charts are named by UUID, lists of named things are mappings, and a document is a mapping of paths such as
`layout/CHART-cases_trend/meta/width` to values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

Document = dict[str, Any]
Leaves = dict[str, Any]
"""Values by their path; a value is a scalar, a list or an empty mapping."""

CHART_KEYS = ("slice_name", "description", "certified_by", "certification_details", "viz_type", "cache_timeout", "params")
DASHBOARD_KEYS = ("dashboard_title", "description", "css", "certified_by", "certification_details")
COLUMN_KEYS = ("verbose_name", "description", "groupby", "filterable", "expression", "type", "is_dttm")
METRIC_KEYS = ("verbose_name", "description", "d3format", "currency", "warning_text", "expression")

# Written by Superset's own pages, not by a person.
NOISE_OF_PARAMS = {
    "annotation_layers",
    "dashboardId",
    "dashboards",
    "datasource",
    "extra_form_data",
    "slice_id",
    "temporal_columns_lookup",
    "url_params",
    "viz_type",
}
NOISE_OF_METADATA = {
    "color_namespace",
    "color_scheme_domain",
    "default_filters",
    "map_label_colors",
    "shared_label_colors",
    "show_native_filters",
    "global_chart_configuration",
}
NOISE_OF_FILTER = {"chartsInScope", "tabsInScope"}
NOISE_OF_META = {"chartId", "sliceName"}
LAYOUT_WITHOUT_MEANING = {"DASHBOARD_VERSION_KEY", "HEADER_ID"}
EMPTY: tuple[Any, ...] = (None, "", [], {})

RANDOM_ROW = re.compile(r"ROW-N-[A-Z0-9]{8}")
RANDOM_CHART = re.compile(r"CHART-[A-Z0-9]{8}")


def read(content: str) -> Document:
    """A file of an export."""
    document: Document = yaml.load(content, Loader=yaml.CSafeLoader)
    return document


def chart(document: Mapping[str, Any]) -> Document:
    """A chart in comparable form."""
    found = {key: document[key] for key in CHART_KEYS if key in document}
    params = document.get("params")
    params = params if isinstance(params, dict) else {}
    found["params"] = {k: v for k, v in params.items() if not is_noise(k, params)}
    found["dataset_uuid"] = document["dataset_uuid"]
    return found


def is_noise(key: str, params: Mapping[str, Any]) -> bool:
    """Whether Explore writes this parameter of a chart by itself."""
    return key in NOISE_OF_PARAMS or (key.startswith("matrixify_") and not params.get("matrixify_enable"))


def dataset(document: Mapping[str, Any]) -> Document:
    """A dataset in comparable form: what people may change of its columns and metrics, by name."""
    columns = {c["column_name"]: {k: c.get(k) for k in COLUMN_KEYS} for c in document.get("columns") or []}
    metrics = {m["metric_name"]: {k: m.get(k) for k in METRIC_KEYS} for m in document.get("metrics") or []}
    return {"description": document.get("description"), "columns": columns, "metrics": metrics}


def chart_numbers(position: Mapping[str, Any]) -> dict[int, str]:
    """UUID by the number that the layout gives each chart."""
    charts = [part["meta"] for part in position.values() if isinstance(part, dict) and part.get("type") == "CHART"]
    return {meta["chartId"]: meta["uuid"] for meta in charts if "chartId" in meta and "uuid" in meta}


def dashboard(document: Mapping[str, Any]) -> Document:
    """A dashboard in comparable form: `layout` by component, `filters` by id."""
    uuid_of = chart_numbers(document["position"])
    metadata = dict(document.get("metadata") or {})
    filters = metadata.pop("native_filter_configuration", None) or []
    found: Document = {key: document.get(key) for key in DASHBOARD_KEYS}
    found["layout"] = _layout(document["position"])
    found["filters"] = {one["id"]: _filter(one, uuid_of) for one in filters}
    found["filter_order"] = [one["id"] for one in filters]
    found["metadata"] = _metadata(metadata, uuid_of)
    return found


def _filter(one: Mapping[str, Any], uuid_of: Mapping[int, str]) -> Document:
    found = {key: value for key, value in one.items() if key not in NOISE_OF_FILTER}
    if "scope" in found:
        found["scope"] = {**found["scope"], "excluded": _uuids(found["scope"].get("excluded") or [], uuid_of)}
    mask = found.get("defaultDataMask")
    if isinstance(mask, dict):
        found["defaultDataMask"] = {key: mask.get(key) or {} for key in ("extraFormData", "filterState")}
    return found


def _uuids(numbers: list[int], uuid_of: Mapping[int, str]) -> list[str]:
    return sorted(uuid_of[number] for number in numbers if number in uuid_of)


def _metadata(metadata: Mapping[str, Any], uuid_of: Mapping[int, str]) -> Document:
    found = {key: value for key, value in metadata.items() if key not in NOISE_OF_METADATA}
    found["timed_refresh_immune_slices"] = _uuids(found.get("timed_refresh_immune_slices") or [], uuid_of)
    expanded = found.get("expanded_slices") or {}
    found["expanded_slices"] = {uuid_of[int(n)]: value for n, value in expanded.items() if int(n) in uuid_of}
    scopes: Document = {}
    for number, one in (found.get("chart_configuration") or {}).items():
        scope = (one.get("crossFilters") or {}).get("scope") if isinstance(one, dict) else None
        if int(number) not in uuid_of:
            continue
        if isinstance(scope, dict):
            excluded = _uuids(scope.get("excluded") or [], uuid_of)
            scopes[uuid_of[int(number)]] = {"rootPath": scope.get("rootPath") or ["ROOT_ID"], "excluded": excluded}
        elif scope is not None:
            scopes[uuid_of[int(number)]] = {"scope": scope}
    found["chart_configuration"] = scopes
    return found


def _layout(position: Mapping[str, Any]) -> Document:
    renamed = _stable_names(position)

    def name(component: str) -> str:
        return renamed.get(component, component)

    found: Document = {}
    for key, part in position.items():
        if key in LAYOUT_WITHOUT_MEANING or not isinstance(part, dict):
            continue
        component: Document = {"type": part["type"]}
        meta = {k: v for k, v in (part.get("meta") or {}).items() if k not in NOISE_OF_META and not k.isdigit()}
        if meta:
            component["meta"] = meta
        if part["type"] != "CHART":
            component["children"] = [name(child) for child in part.get("children") or []]
        found[name(key)] = component
    return found


def _stable_names(position: Mapping[str, Any]) -> dict[str, str]:
    """Names for the row that Superset's export invents, anew each time, for charts that were added without a place."""
    renamed: dict[str, str] = {}
    for key, part in position.items():
        if RANDOM_ROW.fullmatch(key):
            charts = [position[child]["meta"]["uuid"] for child in part["children"] if child in position]
            renamed[key] = f"ROW-added-{min(charts, default='none')[:8]}"
            renamed |= {child: f"CHART-added-{position[child]['meta']['uuid'][:8]}" for child in part["children"] if child in position}
    return renamed


FORMS: Mapping[str, Callable[[Mapping[str, Any]], Document]] = {"charts": chart, "datasets": dataset, "dashboards": dashboard}
"""Form by the folder of the export."""


def form_of(path: str, document: Mapping[str, Any]) -> Document | None:
    """The comparable form of a file of an export; None for those that are not compared (database, metadata)."""
    form = FORMS.get(path.split("/", 1)[0])
    return None if form is None else form(document)


def leaves(document: Mapping[str, Any], above: str = "") -> Leaves:
    """Values by path; a `/` in a key is written `~1` and `~` is `~0`, as in JSON Pointer."""
    found: Leaves = {}
    for key, value in document.items():
        path = above + str(key).replace("~", "~0").replace("/", "~1")
        if isinstance(value, dict) and value:
            found |= leaves(value, path + "/")
        else:
            found[path] = value
    return found


def nested(values: Leaves) -> Document:
    """The document of those paths; a value under another value's path replaces it."""
    document: Document = {}
    for path, value in values.items():
        *above, last = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")]
        place = document
        for part in above:
            if not isinstance(place.get(part), dict):
                place[part] = {}
            place = place[part]
        if not (value == {} and isinstance(place.get(last), dict)):
            place[last] = value
    return document
