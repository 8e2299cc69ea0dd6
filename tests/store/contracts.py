"""A small contract and small deliveries for the store's tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import yaml

from ckan_harvesters.errors import Rejected
from ckan_harvesters.load import Checked
from datasets.model.contract import Contract
from datasets.model.read import parse_contract

FIELDS: list[dict[str, Any]] = [
    {"name": "ngay", "column": "day", "title": "Ngày", "type": "date", "constraints": {"required": True}},
    {
        "name": "ma_xa",
        "column": "unit",
        "title": "Mã xã",
        "type": "string",
        "refers": {"unit": "commune", "on": "ngay"},
        "constraints": {"required": True},
    },
    {"name": "benh", "column": "disease", "title": "Bệnh", "type": "string", "constraints": {"required": True}},
    {"name": "so_ca", "column": "cases", "title": "Số ca", "type": "integer"},
    {"name": "ti_le", "column": "rate", "title": "Tỉ lệ", "type": "number"},
    {"name": "ghi_chu", "column": "note", "title": "Ghi chú", "type": "string"},
]

UNITS = ("16681.202507", "16690.202507", "16702.202507")


def resource(
    name: str = "cases", access: Any = "open", key: list[str] | None = None, fields: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"examples/{name}.csv",
        "title": f"Số liệu {name}",
        "titles": {"en": name, "fr": name},
        "publishers": ["so-y-te", "benh-vien-san-nhi"],
        "steward": "so-y-te/chanh-van-phong",
        "access": access,
        "legal_basis": "quy-che-ioc/dieu-12",
        "delivery": {"scope": "period", "calendar": "day", "column": "ngay"},
        "obligation": {"calendar": "day", "due": "17:00"},
        "allowed_reject_share": 0.5,
        "schema": {"fields": fields or FIELDS, "primaryKey": key or ["ngay", "ma_xa", "benh"]},
    }


def contract(*resources: dict[str, Any], version: str = "1.0.0", name: str = "clinic", **more: Any) -> Contract:
    """A contract of these resources (one called `cases` when none is given), through the contract's own reader; `more`: other keys."""
    content = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "version": version,
        "title": "Phòng khám",
        "titles": {"en": "Clinic", "fr": "Clinique"},
        "subsystem": {"order": 4, "owner": "so-y-te"},
        "resources": list(resources) or [resource()],
        **more,
    }
    return parse_contract(yaml.safe_dump(content, allow_unicode=True).encode())


POPULATION: list[dict[str, Any]] = [
    {"name": "ngay", "column": "reference_date", "title": "Ngày thống kê", "type": "date", "constraints": {"required": True}},
    {**FIELDS[1]},
    {"name": "dan_so", "column": "people", "title": "Dân số", "type": "integer", "unit": "người", "constraints": {"minimum": 0}},
]
BEDS: list[dict[str, Any]] = [
    FIELDS[0],
    FIELDS[1],
    {"name": "co_so", "column": "facility", "title": "Cơ sở", "type": "string", "constraints": {"required": True}},
    {"name": "giuong", "column": "beds", "title": "Giường", "type": "integer", "unit": "giường", "constraints": {"minimum": 0}},
]

CASES = {"of": "cases", "value": "SUM(cases)", "unit": "ca", "calendar": "day", "over_time": "sum", "over_units": "sum"}
MEASURES: dict[str, dict[str, Any]] = {
    "new_cases": {**CASES, "also": ["week", "month", "administrative-month"], "by": ["disease"]},
    "population": {"of": "population", "value": "SUM(people)", "calendar": "year", "over_time": "last", "over_units": "sum", "as_of": True},
    "beds": {
        "of": "beds",
        "value": "SUM(beds)",
        "calendar": "day",
        "also": ["week", "month"],
        "by": ["facility"],
        "over_time": "last",
        "over_units": "sum",
    },
}


def indicator(value: str, unit: str, *calendars: str, **more: Any) -> dict[str, Any]:
    return {
        "title": value,
        "titles": {"en": value, "fr": value},
        "method": {"vi": value},
        "unit": unit,
        "value": value,
        "calendars": list(calendars),
        "direction": "down",
        **more,
    }


PER_HEAD = indicator("new_cases / population * 100000", "ca/100.000 dân", "week", "month", "administrative-month", when_zero="missing")
INDICATORS: dict[str, dict[str, Any]] = {
    "cases": indicator("new_cases", "ca", "week", "month", "administrative-month"),
    "cases-per-head": PER_HEAD,
    "beds-there": indicator("beds", "giường", "week", "month"),
}


def measured(
    version: str = "1.1.0", access: Any = "shared", measures: dict[str, Any] | None = None, indicators: dict[str, Any] | None = None
) -> Contract:
    """The small contract with cases, population and beds, and MEASURES and INDICATORS unless others are given."""
    resources = (
        resource(access=access),
        resource("population", fields=POPULATION, key=["ngay", "ma_xa"]),
        resource("beds", fields=BEDS, key=["ngay", "ma_xa", "co_so"]),
    )
    used = MEASURES if measures is None else measures
    return contract(*resources, version=version, measures=used, indicators=INDICATORS if indicators is None else indicators)


def delivered(of: Contract, resource_name: str, rows: Sequence[dict[str, Any]], scope: str = "so-y-te|2025-07-01", **more: Any) -> Checked:
    """A delivery of any resource: rows by the store's columns, days as ISO text."""
    types: dict[str, Any] = {"integer": pl.Int64, "date": pl.Date, "number": pl.Decimal(38, 2)}
    fields = {f.column: types.get(f.type, pl.String) for f in of.resource(resource_name).value_fields}
    days = [{c: date.fromisoformat(v) if fields.get(c) is pl.Date else v for c, v in row.items()} for row in rows]
    schema = {"unit_id": pl.String, **fields, "line": pl.Int32}
    table = pl.DataFrame([{**row, "line": line} for line, row in enumerate(days, start=2)], schema=schema)
    return checked(table, scope=scope, of=of, resource_name=resource_name, ckan_resource=f"{resource_name} of {scope}", **more)


Row = tuple[str, str, str, int | None]
"""Day, unit, disease, cases."""


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as the check gives them, with lines from 2."""
    return pl.DataFrame(
        {
            "unit_id": [r[1] for r in rows],
            "day": [date.fromisoformat(r[0]) for r in rows],
            "disease": [r[2] for r in rows],
            "cases": [r[3] for r in rows],
            "rate": ["1.50"] * len(rows),
            "note": [None if n % 2 else "" for n in range(len(rows))],
            "line": range(2, len(rows) + 2),
        },
        schema={
            "unit_id": pl.String,
            "day": pl.Date,
            "disease": pl.String,
            "cases": pl.Int64,
            "rate": pl.String,
            "note": pl.String,
            "line": pl.Int32,
        },
    ).with_columns(pl.col("rate").cast(pl.Decimal(38, 2)))


def checked(
    rows: Sequence[Row] | pl.DataFrame,
    scope: str = "so-y-te|2021-08-01",
    ckan_resource: str | None = None,
    file: str | None = None,
    of: Contract | None = None,
    resource_name: str = "cases",
    **more: Any,
) -> Checked:
    """A delivery; its file's SHA-256 follows from its rows unless `file` names another."""
    used = of or contract()
    table = rows if isinstance(rows, pl.DataFrame) else frame(rows)
    text = file if file is not None else table.write_csv()
    return Checked(
        contract=used,
        resource=used.resource(resource_name),
        scope=scope,
        agency=scope.split("|")[0],
        ckan_resource=ckan_resource or f"resource of {scope}",
        file_sha256=hashlib.sha256(text.encode()).hexdigest(),
        file_size=len(text),
        contract_sha256=used.sha256,
        decoder="csv 1",
        simulated=more.pop("simulated", False),
        rows=table,
        **more,
    )


def rejected(line: int, column: str = "so_ca", value: str | None = "x") -> Rejected:
    return Rejected(line, column, "type_integer", value)
