"""Names from headers: Vietnamese words to plain ones, titles, units of measure in brackets, and words that speak of a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Literal

from datasets.model.consistency import RESERVED
from datasets.model.contract import STORE_COLUMNS, VIEW_COLUMNS

LONGEST = 50
UNIT_OF_MEASURE = re.compile(r"\(([^()]{1,20})\)\s*$")
RATES = re.compile(r"\b(ty le|phan tram|rate|percent|share|diem|score|chi so|index|trung binh|binh quan|mean|average|don gia|nhiet do)\b|%")
UNITS = re.compile(r"\b(tinh|huyen|quan|xa|phuong|thi tran|dia ban|dia phuong|don vi hanh chinh|commune|district|province)\b")
PERSONS: tuple[tuple[re.Pattern[str], Literal["basic", "sensitive"]], ...] = (
    (re.compile(r"\b(benh an|chan doan|ton giao|dan toc|hiv|tien an|khuyet tat)\b"), "sensitive"),
    (
        re.compile(r"\b(ho ten|ho va ten|hoten|ten nguoi|full ?name|chu ho|benh nhan|nguoi nop|nguoi khai|nguoi dan|nguoi dung dau)\b"),
        "basic",
    ),
    (re.compile(r"\b(dien thoai|sdt|so dt|phone|mobile|di dong|email|thu dien tu|dia chi|address|so nha)\b"), "basic"),
    (
        re.compile(r"\b(cccd|cmnd|can cuoc|chung minh|passport|ho chieu|id number|bhyt|bhxh|so the|ma so thue ca nhan|ma dinh danh)\b"),
        "basic",
    ),
    (re.compile(r"\b(ngay sinh|nam sinh|birth|birthday|dob|tuoi nguoi)\b"), "basic"),
)
PERSONAL_VALUES = (re.compile(r"^(0|\+84)\d{9}$"), re.compile(r"^\d{12}$"), re.compile(r"^[^@\s]+@[^@\s]+\.\w+$"))


def plain(text: str) -> str:
    """Lower-case letters without marks, digits and single blanks: "Số ca mới" → "so ca moi"."""
    letters = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9%]+", " ", letters).strip()


def unit_of_measure(header: str) -> str | None:
    """What stands in brackets at a header's end: "Dân số (người)" → "người"."""
    found = UNIT_OF_MEASURE.search(header)
    if found:
        return found.group(1).strip()
    return "%" if "%" in header else None


def title_of(header: str) -> str:
    """A title: the header without its unit of measure, words instead of underscores."""
    words = UNIT_OF_MEASURE.sub("", header).replace("_", " ").strip() or header
    return words[:1].upper() + words[1:]


def column_of(header: str, taken: Collection[str]) -> str:
    """A name for the store that is not taken there."""
    name = (
        plain(UNIT_OF_MEASURE.sub("", header) or header)
        .replace("%", "")
        .strip()
        .replace(" ", "_")
        .lstrip("0123456789_")[:LONGEST]
        .rstrip("_")
    )
    name = name or "value"
    if name in RESERVED or name in STORE_COLUMNS or name in VIEW_COLUMNS:
        name = f"{name[: LONGEST - 6]}_value"
    chosen, number = name, 2
    while chosen in taken:
        chosen = f"{name[: LONGEST - 3]}_{number}"
        number += 1
    return chosen


def names_a_thing(header: str) -> bool:
    """Whether a header speaks of codes, which are text even when they look like numbers: "Mã cơ sở", "facility_id"."""
    words = plain(header).split()
    return bool({"ma", "code", "id", "so hieu"} & {*words[:1], *words[-1:]})


def names_a_unit(header: str) -> bool:
    """Whether a header speaks of administrative units."""
    return UNITS.search(plain(header)) is not None


def is_rate(header: str, unit: str | None) -> bool:
    """Whether a sum of this number would mean nothing."""
    return unit == "%" or RATES.search(plain(header)) is not None


def personal(header: str, values: Collection[str]) -> Literal["none", "basic", "sensitive"]:
    """Whether a column looks as if it spoke of persons: by its header, or by values like telephone numbers, identity numbers, addresses."""
    words = plain(header)
    for pattern, kind in PERSONS:
        if pattern.search(words):
            return kind
    matching = max((sum(bool(shape.match(value)) for value in values) for shape in PERSONAL_VALUES), default=0)
    return "basic" if values and matching >= 0.8 * len(values) else "none"
