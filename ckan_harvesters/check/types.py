"""Text to typed values, by the formats of the contract only."""

from __future__ import annotations

import re

import polars as pl

from ckan_harvesters.written_date import date_format, date_shape
from datasets.model.contract import ContractField

TIME_ZONE = "Asia/Ho_Chi_Minh"
MAX_DECIMALS = 18
MAX_DIGITS = 18
TRUE = ["true", "True", "TRUE", "1"]
FALSE = ["false", "False", "FALSE", "0"]
BLANKS = " \t\r\n\u00a0\u202f"
ISO_MOMENT = r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?$"


def text_of(field: ContractField) -> pl.Expr:
    """The cell without the blanks around it. Inside a text a leading TAB is content and stays."""
    return pl.col(field.name).str.strip_chars(" \u00a0" if field.type == "string" and not field.refers else BLANKS)


def present(field: ContractField, missing: list[str]) -> pl.Expr:
    """The cell's text, null where it is one of the contract's missing values."""
    text = text_of(field)
    return pl.when(~text.str.strip_chars(BLANKS).is_in([*{m.strip() for m in missing}, ""])).then(text)


def shape_of(field: ContractField) -> str:
    """Regular expression that a value must match before it is converted."""
    match field.type:
        case "integer":
            return f"^[+-]?{_digits(field)}$"
        case "number":
            percent = r"\s*%?" if field.unit == "%" else ""
            return f"^[+-]?{_digits(field)}({re.escape(field.decimalChar)}\\d+)?{percent}$"
        case "boolean":
            return f"^({'|'.join([*TRUE, *FALSE])})$"
        case "year":
            return r"^\d{4}$"
        case "date":
            return date_shape(field.format)
        case "datetime":
            return ISO_MOMENT if field.format in (None, "default") else date_shape(field.format)
        case _:
            return r"(?s)^.*$"


def _digits(field: ContractField) -> str:
    if not field.groupChar:
        return r"\d+"
    group = r"[ \u00a0\u202f]" if field.groupChar.isspace() else re.escape(field.groupChar)
    return rf"(?:\d+|\d{{1,3}}(?:{group}\d{{3}})+)"


def plain_number(field: ContractField, text: pl.Expr) -> pl.Expr:
    """A number's text with a point for decimals and nothing else: what Decimal and PostgreSQL read alike."""
    if field.groupChar:
        blank = field.groupChar.isspace()
        text = text.str.replace_all(r"[ \u00a0\u202f]" if blank else field.groupChar, "", literal=not blank)
    if field.type == "number":
        text = text.str.replace(field.decimalChar, ".", literal=True)
        if field.unit == "%":
            text = text.str.strip_chars(BLANKS + "%")
    return text.str.strip_prefix("+")


def too_precise(field: ContractField, text: pl.Expr) -> pl.Expr:
    """True where an integer or number has more digits than the store keeps exactly."""
    plain = plain_number(field, text).str.strip_prefix("-")
    whole = plain.str.split(".").list.first().str.strip_chars_start("0").str.len_chars() > MAX_DIGITS
    if field.type == "integer":
        return whole
    return whole | (plain.str.extract(r"\.(\d*?)0*$").str.len_chars().fill_null(0) > MAX_DECIMALS)


def convert(field: ContractField, text: pl.Expr, scale: int = 0) -> pl.Expr:
    """Text that has its type's shape, typed; null where the shape lies (31 June). `scale`: decimals of a number column."""
    match field.type:
        case "integer":
            return plain_number(field, text).cast(pl.Int64, strict=False)
        case "number":
            return plain_number(field, text).cast(pl.Decimal(38, scale), strict=False)
        case "boolean":
            return pl.when(text.is_not_null()).then(text.is_in(TRUE))
        case "year":
            return text.cast(pl.Int32, strict=False)
        case "date":
            return text.str.to_date(date_format(field.format), strict=False)
        case "datetime":
            return _moment(field, text)
        case _:
            return text


def decimals(field: ContractField, text: pl.Expr) -> pl.Expr:
    """Largest number of decimals in the column, trailing zeros not counted."""
    return plain_number(field, text).str.extract(r"\.(\d*?)0*$").str.len_chars().max().fill_null(0)


def _moment(field: ContractField, text: pl.Expr) -> pl.Expr:
    if field.format not in (None, "default"):
        if "%z" in str(field.format):
            return text.str.to_datetime(field.format, time_zone="UTC", strict=False)
        local = text.str.to_datetime(field.format, strict=False)
        return _zoned(local)
    part = [text.str.extract(ISO_MOMENT, group) for group in range(1, 6)]
    local = pl.concat_str(
        part[0], pl.lit("T"), part[1], part[2].fill_null(":00"), part[3].fill_null(".0")
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False)  # fmt: skip
    hours = part[4].str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = part[4].str.slice(4, 2).cast(pl.Int64, strict=False)
    sign = pl.when(part[4].str.starts_with("-")).then(-1).otherwise(1)
    offset = pl.duration(minutes=(hours * 60 + minutes) * sign)
    return (
        pl.when(part[4].is_null()).then(_zoned(local))
        .when(part[4] == "Z").then(local.dt.replace_time_zone("UTC"))
        .otherwise((local - offset).dt.replace_time_zone("UTC"))
    )  # fmt: skip


def _zoned(local: pl.Expr) -> pl.Expr:
    return local.dt.replace_time_zone(TIME_ZONE, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
