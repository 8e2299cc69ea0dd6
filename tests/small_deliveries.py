"""Small contracts and units for tests of the harvest, so that each test shows only what it is about."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ckan_harvesters.check import CheckedRows, check
from ckan_harvesters.decode import decode
from ckan_harvesters.decode.decoded import Decoded
from ckan_harvesters.delivery import DeliveryScope
from ckan_harvesters.errors import Refused
from datasets.model.contract import Level, Resource
from datasets.model.unit import Unit, UnitIndex

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("IOC_SHARED") or ROOT.parent / "shared")
HARD_FILES = SHARED / "data" / "hard-files"

REFORM = date(2025, 7, 1)
DAY = DeliveryScope("so-y-te", "2025-08-04", date(2025, 8, 4), date(2025, 8, 5), "so-y-te|2025-08-04")
WHOLE = DeliveryScope("so-y-te", key="so-y-te")
AGENCIES = {"so-y-te", "benh-vien-a"}


def _unit(code: str, begins: date, ends: date | None, level: Level, name: str) -> Unit:
    return Unit(f"{code}.{begins:%Y%m}", code, begins, ends, level, None, name, name, None, None)


UNITS = UnitIndex(
    [
        _unit("40", date(2004, 1, 1), None, Level.PROVINCE, "Nghệ An"),
        _unit("16681", date(2004, 1, 1), REFORM, Level.COMMUNE, "Phường Đông Vĩnh"),
        _unit("16681", REFORM, None, Level.COMMUNE, "Phường Thành Vinh"),
        _unit("00123", date(2004, 1, 1), REFORM, Level.COMMUNE, "Xã Một"),
        _unit("17002", date(2004, 1, 1), REFORM, Level.COMMUNE, "Xã Hai"),
    ]
)


def field(name: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    """A field whose column is called as its header."""
    return {"name": name, "column": more.pop("column", name), "title": name, "type": type_, **more}


def resource(*fields: dict[str, Any], key: list[str], **more: Any) -> Resource:
    """A resource with these fields; `missing` gives the values that stand for none."""
    missing = more.pop("missing", [""])
    return Resource.model_validate(
        {
            "name": "beds",
            "path": "examples/beds.csv",
            "title": "Giường bệnh",
            "titles": {"en": "Beds"},
            "publishers": ["so-y-te"],
            "steward": "so-y-te/truong-phong",
            "access": "open",
            "legal_basis": "quy-che-ioc/dieu-12",
            "delivery": {"scope": "whole"},
            "obligation": {"calendar": "day", "due": "17:00"},
            "allowed_reject_share": 1.0,
            "schema": {"fields": list(fields), "primaryKey": key, "missingValues": missing},
            **more,
        }
    )


def texts(*names: str, **more: Any) -> Resource:
    """A resource of text fields, the first of them its key."""
    return resource(*[field(n, column=f"c{i}") for i, n in enumerate(names)], key=[names[0]], **more)


BEDS = resource(
    field("ngay", "date", column="day", format="%d/%m/%Y", constraints={"required": True}),
    field("ma_xa", column="unit", refers={"unit": "commune", "on": "ngay"}, constraints={"required": True}),
    field("co_so", column="facility", constraints={"required": True}),
    field("giuong", "integer", column="beds", constraints={"required": True, "minimum": 0}),
    field("dang_dung", "integer", column="occupied", constraints={"minimum": 0}),
    key=["ngay", "co_so"],
    dialect={"delimiter": ";"},
    missing=["", "..", "-"],
)
BEDS_HEADER = "ngay;ma_xa;co_so;giuong;dang_dung\n"


def written(folder: Path, content: str | bytes, name: str = "delivery.csv") -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def decoded(folder: Path, content: str | bytes, to: Resource) -> Decoded:
    """Decode a small file."""
    return decode(written(folder, content), to)


def checked(folder: Path, content: str | bytes, to: Resource, scope: DeliveryScope = WHOLE) -> CheckedRows:
    """Decode and check a small file."""
    return check(decoded(folder, content, to), to, UNITS, AGENCIES, scope, "40")


def beds(folder: Path, *rows: str, scope: DeliveryScope = WHOLE, to: Resource = BEDS) -> CheckedRows:
    """Check rows of the beds' resource."""
    return checked(folder, BEDS_HEADER + "".join(f"{r}\n" for r in rows), to, scope)


def refusal(folder: Path, content: str | bytes, to: Resource, scope: DeliveryScope = WHOLE) -> Refused:
    """The refusal of a small file by decoding or check."""
    with pytest.raises(Refused) as caught:
        checked(folder, content, to, scope)
    return caught.value


def problems(result: CheckedRows) -> list[tuple[int | None, str | None, str]]:
    """(line, column, rule) of each problem."""
    return [(r.line, r.column, r.rule) for r in result.rejected]
