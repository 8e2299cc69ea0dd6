"""A small contract with indicators of every kind, and what tests ask of its dashboard."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from control.compile.superset.bundle import Files
from control.compile.superset.export import compile_contract
from datasets.model.contract import Contract


def _field(name: str, kind: str = "integer", **more: Any) -> dict[str, Any]:
    return {"name": name, "column": name, "title": name.capitalize(), "type": kind, **more}


def _resource(name: str, access: Any, *fields: dict[str, Any], publishers: tuple[str, ...] = ("so-y-te",)) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"examples/{name}.csv",
        "title": name.capitalize(),
        "titles": {"en": name},
        "publishers": list(publishers),
        "steward": "so-y-te/thu-truong",
        "access": access,
        "legal_basis": "x",
        "delivery": {"scope": "period", "calendar": "day", "column": "day"},
        "obligation": {"calendar": "day", "due": "17:00"},
        "schema": {"fields": [_field("day", "date", constraints={"required": True}), *fields], "primaryKey": ["day"]},
    }


WARD = _field(
    "ward",
    "string",
    categories=[{"value": "thuong", "label": "Khoa thường"}, {"value": "hoi-suc", "label": "Hồi sức 'tích cực'"}],
)
COMMUNE = _field("commune", "string", refers={"unit": "commune"})


def _numbers(name: str) -> dict[str, Any]:
    return _field(name, unit="giường", constraints={"required": True, "minimum": 1})


def _indicator(title: str, english: str, value: str, **more: Any) -> dict[str, Any]:
    method = {"vi": "Giường dùng chia giường có."}
    return {"title": title, "titles": {"en": english}, "method": method, "unit": "%", "value": value, "direction": "none", **more}


FLOW = {"calendar": "day", "over_time": "sum", "over_units": "sum"}
INDICATORS = {
    "occupancy": _indicator(
        "Công suất",
        "Occupancy",
        "occupied / available * 100",
        when_zero="missing",
        direction="down",
        shown_by=["unit", "ward"],
        targets=[{"value": 85, "amber": 80, "from": "2026-01-01", "basis": {"kind": "law", "clause": "quyet-dinh-1/dieu-2"}}],
    ),
    "beds-per-staff": _indicator(
        "Giường trên nhân viên",
        "Beds per staff",
        "available / staff",
        when_zero="missing",
        unit="giường/người",
        direction="up",
        shown_by=["unit", "agency"],
        decimals=2,
    ),
    "secret-share": _indicator("Phần kín", "Secret share", "secret / secret * 100", when_zero="missing", shown_by=["agency"]),
}
DASHBOARD: dict[str, Any] = {
    "first_row": ["occupancy", "secret-share"],
    "rows": [
        [{"trend": "occupancy"}, {"trend": "occupancy", "by": "ward"}, {"trend": "secret-share"}],
        [{"ranking": "occupancy", "by": "ward"}, {"ranking": "beds-per-staff", "by": "unit"}, {"map": "occupancy"}],
        [{"table": "beds"}, {"table": "staff"}],
    ],
}


def contract_with(**dashboard: Any) -> Contract:
    """The contract, with these keys added to its dashboard."""
    content = {
        "$schema": "x",
        "name": "clinic",
        "version": "1.0.0",
        "title": "Phòng khám",
        "titles": {"en": "Clinic"},
        "subsystem": {"order": 1, "owner": "so-y-te"},
        "resources": [
            _resource(
                "beds", "open", COMMUNE, WARD, _numbers("occupied"), _numbers("available"), publishers=("so-y-te", "benh-vien-san-nhi")
            ),
            _resource("staff", "shared", COMMUNE, _field("people", unit="người", constraints={"required": True, "minimum": 1})),
            _resource("secrets", {"restricted": []}, _field("secret", unit="ca", constraints={"required": True, "minimum": 1})),
        ],
        "measures": {
            "occupied": {"of": "beds", "value": "SUM(occupied)", "by": ["ward"], **FLOW},
            "available": {"of": "beds", "value": "SUM(available)", "by": ["ward"], **FLOW},
            "staff": {"of": "staff", "value": "SUM(people)", "calendar": "day", "over_time": "last", "over_units": "sum"},
            "secret": {"of": "secrets", "value": "SUM(secret)", **FLOW},
        },
        "indicators": INDICATORS,
        "dashboard": {**DASHBOARD, **dashboard},
    }
    return Contract.model_validate(content)


@cache
def compiled(*, is_open: bool = False) -> Files:
    """The contract's export, with everyone's dashboard or without."""
    return compile_contract(contract_with(open=is_open))


def of_dashboard(files: dict[str, str], name: str = "clinic") -> list[dict[str, Any]]:
    """The places of charts on a dashboard."""
    position = yaml.safe_load(files[f"dashboards/{name}.yaml"])["position"]
    return [part for part in position.values() if isinstance(part, dict) and part["type"] == "CHART"]


def _keys(files: dict[str, str]) -> dict[int, str]:
    return {part["meta"]["chartId"]: part["id"].removeprefix("CHART-") for part in of_dashboard(files)}


def filters_of(files: dict[str, str], name: str) -> set[str]:
    """Keys of the charts that a native filter leaves alone."""
    metadata = yaml.safe_load(files["dashboards/clinic.yaml"])["metadata"]
    (found,) = [f for f in metadata["native_filter_configuration"] if f["id"].endswith(f"-{name}")]
    return {_keys(files)[number] for number in found["scope"]["excluded"]}


def filtered_by_a_click_on(files: dict[str, str], key: str) -> set[str]:
    """Keys of the charts that a click on this one filters."""
    keys = _keys(files)
    metadata = yaml.safe_load(files["dashboards/clinic.yaml"])["metadata"]
    (number,) = [number for number, name in keys.items() if name == key]
    return set(keys.values()) - {keys[n] for n in metadata["chart_configuration"][str(number)]["crossFilters"]["scope"]["excluded"]}
