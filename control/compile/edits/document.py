"""From the comparable form back to files of an export: the compiler's document with a person's values laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from control.compile.edits.form import (
    CHART_KEYS,
    DASHBOARD_KEYS,
    EMPTY,
    LAYOUT_WITHOUT_MEANING,
    NOISE_OF_METADATA,
    Document,
    chart_numbers,
    is_noise,
)
from control.compile.edits.layout import parents
from control.compile.edits.references import DATA_PARAMS

Titles = Mapping[str, str]
"""Titles of charts by UUID."""


def chart_document(compiled: Mapping[str, Any], form: Document) -> dict[str, Any]:
    """The chart's file."""
    document = {**compiled, **{key: form[key] for key in CHART_KEYS if key in form}}
    document["params"] = {**{k: v for k, v in compiled["params"].items() if is_noise(k, compiled["params"])}, **form["params"]}
    if "viz_type" in compiled["params"]:
        document["params"]["viz_type"] = form["viz_type"]
    if any(document["params"].get(key) != compiled["params"].get(key) for key in DATA_PARAMS) or form["viz_type"] != compiled["viz_type"]:
        document["query_context"] = None  # the question as it was compiled; pages make theirs from the parameters
    return document


def dataset_document(compiled: Mapping[str, Any], form: Document) -> dict[str, Any]:
    """The dataset's file: labels and formats laid over, metrics and computed columns of people added."""
    columns = [_laid_over(one, form["columns"].get(one["column_name"])) for one in compiled["columns"]]
    metrics = [_laid_over(one, form["metrics"].get(one["metric_name"])) for one in compiled["metrics"]]
    there = {one["column_name"] for one in columns} | {one["metric_name"] for one in metrics}
    columns += [
        {"column_name": name, "is_active": True, "python_date_format": None, "extra": None, "advanced_data_type": None, **one}
        for name, one in form["columns"].items()
        if name not in there
    ]
    metrics += [
        {"metric_name": name, "metric_type": None, "extra": None, **one} for name, one in form["metrics"].items() if name not in there
    ]
    return {**compiled, "description": form.get("description"), "columns": columns, "metrics": metrics}


def _laid_over(one: Mapping[str, Any], form: Mapping[str, Any] | None) -> dict[str, Any]:
    # A key that the compiler leaves out is not written for an empty value: the file would differ for nothing.
    return {**one, **{key: value for key, value in (form or {}).items() if key in one or value is not None}}


def dashboard_document(compiled: Mapping[str, Any], form: Document, titles: Titles) -> dict[str, Any]:
    """The dashboard's file, with numbers for its charts as an export has them."""
    numbers = {uuid: number for number, uuid in chart_numbers(compiled["position"]).items()}
    layout = form["layout"]
    for name in sorted(layout):
        if layout[name]["type"] == "CHART":
            numbers.setdefault(layout[name]["meta"]["uuid"], max(numbers.values(), default=0) + 1)
    document = {**compiled, **{key: form[key] for key in DASHBOARD_KEYS if key in compiled or form.get(key) is not None}}
    position = {key: compiled["position"][key] for key in LAYOUT_WITHOUT_MEANING if key in compiled["position"]}
    if "HEADER_ID" in position:
        position["HEADER_ID"] = {**position["HEADER_ID"], "meta": {"text": document["dashboard_title"]}}
    document["position"] = position | _position(layout, numbers, titles)
    document["metadata"] = _metadata(compiled.get("metadata") or {}, form, numbers)
    return document


def _position(layout: Mapping[str, Any], numbers: Mapping[str, int], titles: Titles) -> dict[str, Any]:
    above = parents(dict(layout))
    position: dict[str, Any] = {}
    for name, part in layout.items():
        meta = dict(part.get("meta") or {})
        if part["type"] == "CHART":
            meta["chartId"] = numbers[meta["uuid"]]
            meta["sliceName"] = titles.get(meta["uuid"], meta.get("sliceNameOverride", ""))
        component: dict[str, Any] = {"id": name, "type": part["type"], "children": part.get("children", [])}
        if meta:
            component["meta"] = meta
        if above[name]:
            component["parents"] = above[name]
        position[name] = component
    return position


def _metadata(compiled: Mapping[str, Any], form: Document, numbers: Mapping[str, int]) -> dict[str, Any]:
    laid_over = {key: value for key, value in form["metadata"].items() if key in compiled or value not in EMPTY}
    metadata = {key: value for key, value in compiled.items() if key in NOISE_OF_METADATA} | laid_over
    metadata["timed_refresh_immune_slices"] = _numbers(form["metadata"].get("timed_refresh_immune_slices", []), numbers)
    metadata["expanded_slices"] = {
        str(numbers[uuid]): value for uuid, value in form["metadata"].get("expanded_slices", {}).items() if uuid in numbers
    }
    configured = dict(compiled.get("chart_configuration") or {})
    for uuid, scope in form["metadata"].get("chart_configuration", {}).items():
        if uuid in numbers:
            number = numbers[uuid]
            excluded = _numbers(scope.get("excluded", []), numbers)
            filtered = scope["scope"] if "scope" in scope else {"rootPath": scope["rootPath"], "excluded": excluded}
            configured[str(number)] = {"id": number, "crossFilters": {"scope": filtered, "chartsInScope": []}}
    metadata["chart_configuration"] = configured
    order = [*form["filter_order"], *sorted(form["filters"].keys() - set(form["filter_order"]))]
    metadata["native_filter_configuration"] = [_filter(form["filters"][name], numbers) for name in order if name in form["filters"]]
    return metadata


def _filter(one: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    if "scope" not in one:
        return dict(one)
    return {**one, "scope": {**one["scope"], "excluded": _numbers(one["scope"].get("excluded", []), numbers)}}


def _numbers(uuids: list[str], numbers: Mapping[str, int]) -> list[int]:
    return sorted(numbers[uuid] for uuid in uuids if uuid in numbers)
