"""Each column by itself: present, of its type, within its constraints."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from ckan_harvesters.check.findings import LINE, VALUE, Findings
from ckan_harvesters.check.types import MAX_DECIMALS, MAX_DIGITS, convert, decimals, present, shape_of, too_precise
from ckan_harvesters.errors import TerminalError
from ckan_harvesters.written_date import date_format
from datasets.model.contract import ContractField, Resource

EXAMPLE_DAY = datetime(2021, 6, 25, 16, 30)  # noqa: DTZ001 - shown as an example only
FORMS = {
    "vi": {"%d": "ngày", "%m": "tháng", "%Y": "năm", "%y": "năm (2 chữ số)", "%H": "giờ", "%M": "phút", "%S": "giây"},
    "en": {"%d": "day", "%m": "month", "%Y": "year", "%y": "year (2 digits)", "%H": "hour", "%M": "minute", "%S": "second"},
    "fr": {"%d": "jour", "%m": "mois", "%Y": "année", "%y": "année (2 chiffres)", "%H": "heure", "%M": "minute", "%S": "seconde"},
}


def check_columns(text: pl.DataFrame, resource: Resource, findings: Findings) -> pl.DataFrame:
    """Typed columns, named by the contract's fields, with `line`; what is not right is null and found.

    `text`: String columns by field name, and `line`.
    """
    schema = resource.schema_
    cells = text.select(LINE, *[present(f, schema.missingValues).alias(f.name) for f in schema.fields])
    typed = [cells[LINE]]
    for field in schema.fields:
        column = pl.col(field.name)
        if field.constraints.required or field.name in schema.primaryKey:
            findings.reject(cells.filter(column.is_null()).select(LINE), field, "required")
        column_cells = cells.select(LINE, column)
        typed_cells = _typed(column_cells, field, findings)
        _constraints(column_cells, typed_cells, field, findings)
        typed.append(typed_cells)
    return pl.DataFrame(typed)


def _typed(cells: pl.DataFrame, field: ContractField, findings: Findings) -> pl.Series:
    """The column typed, null where it has no value or a wrong one."""
    if field.type in ("string", "geojson"):
        return cells[field.name]
    text = pl.col(field.name)
    shaped = text.str.contains(shape_of(field))
    wrong = cells.filter(text.is_not_null() & ~shaped).select(LINE, text.alias(VALUE))
    findings.reject(wrong, field, f"type_{field.type}", type_params(field))
    kept = pl.when(shaped).then(text)
    if field.type in ("integer", "number") and _longest(cells[field.name]) > min(MAX_DIGITS, MAX_DECIMALS):
        precise = too_precise(field, text)
        findings.reject(
            cells.filter(shaped & precise).select(LINE, text.alias(VALUE)), field, "scale", {"digits": MAX_DIGITS, "decimals": MAX_DECIMALS}
        )
        kept = pl.when(shaped & ~precise).then(text)
    cells = cells.select(LINE, kept.alias(field.name))
    scale = int(cells.select(decimals(field, text)).item()) if field.type == "number" else 0
    typed = cells.select(convert(field, text, scale).alias(field.name))[field.name]
    lost = cells.filter(text.is_not_null() & typed.is_null()).select(LINE, text.alias(VALUE))
    if field.type in ("date", "datetime"):
        _reject_impossible(lost, field, findings)
    else:
        findings.reject(lost, field, f"type_{field.type}", type_params(field))
    return typed


def _longest(texts: pl.Series) -> int:
    return int(str(texts.str.len_bytes().max() or 0))


def _reject_impossible(lost: pl.DataFrame, field: ContractField, findings: Findings) -> None:
    """Dates that are well written and in no calendar: 31 June, month 13."""
    said = type_params(field)
    if field.type == "datetime":
        findings.reject(lost, field, "type_datetime", said)
        return
    months = {value: _month_of(value, field) for value in lost[VALUE].unique()}
    no_month = pl.Series([months[value]["days"] == 0 for value in lost[VALUE]], dtype=pl.Boolean)
    for rule, rows in (("month_not_in_calendar", lost.filter(no_month)), ("date_not_in_calendar", lost.filter(~no_month))):
        findings.reject(rows, field, rule, lambda row: {**said, **months[row[VALUE]]})


def _constraints(cells: pl.DataFrame, typed: pl.Series, field: ContractField, findings: Findings) -> None:
    limits = field.constraints
    text = pl.col(field.name).alias(VALUE)

    def reject_where(bad: pl.Series, rule: str, **params: Any) -> None:
        findings.reject(cells.filter(bad.fill_null(value=False)).select(LINE, text), field, rule, params)

    if limits.minimum is not None:
        reject_where(typed < _limit(limits.minimum, field), "too_small", minimum=str(limits.minimum))
    if limits.maximum is not None:
        reject_where(typed > _limit(limits.maximum, field), "too_large", maximum=str(limits.maximum))
    if limits.minLength is not None:
        reject_where(cells[field.name].str.len_chars() < limits.minLength, "too_short", minimum=limits.minLength)
    if limits.maxLength is not None:
        reject_where(cells[field.name].str.len_chars() > limits.maxLength, "too_long", maximum=limits.maxLength)
    if limits.pattern is not None:
        reject_where(~cells[field.name].str.contains(f"^(?:{limits.pattern})$"), "pattern", pattern=limits.pattern)
    if limits.enum is not None:
        allowed = ", ".join(str(v) for v in limits.enum)
        reject_where(~_is_one_of(cells[field.name], typed, limits.enum, field), "enum", allowed=allowed)


def _is_one_of(texts: pl.Series, typed: pl.Series, allowed: Sequence[Any], field: ContractField) -> pl.Series:
    """Whether each value is one of those that the contract lists; null where there is none."""
    if field.type == "number":  # decimals are no members of a list of floats
        wanted = {_limit(value, field) for value in allowed}
        return pl.Series([None if value is None else value in wanted for value in typed], dtype=pl.Boolean)
    values = typed if field.type not in ("date", "datetime", "boolean") else texts
    return values.is_in([str(value) for value in allowed] if values.dtype == pl.String else list(allowed))


def _limit(limit: float | str, field: ContractField) -> Any:
    if field.type == "number":
        # 106.2 as a float has more decimals than a column of decimals can hold, and Polars takes no 1e+16.
        return Decimal(format(Decimal(str(limit)), "f"))
    if field.type not in ("date", "datetime"):
        return limit
    for form in (date_format(field.format), "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"):
        try:
            moment = datetime.strptime(str(limit), form)  # noqa: DTZ007 - a date is compared with dates
        except ValueError:
            continue
        return moment.date() if field.type == "date" else moment
    raise TerminalError(f"The contract's limit {limit!r} of {field.name} is no date.", f"Write it like {date_format(field.format)}.")


def type_params(field: ContractField) -> dict[str, Any]:
    """What a message about this type says: the way to write it in words of each language, and an example."""
    match field.type:
        case "integer":
            return {"example": f"1{field.groupChar or ''}250"}
        case "number":
            return {"example": f"1{field.groupChar or ''}250{field.decimalChar}5"}
        case "boolean":
            return {"example": "true, false"}
        case "year":
            return {"example": "2021"}
        case "date" | "datetime":
            form = date_format(field.format) if field.type == "date" or field.format not in (None, "default") else "%Y-%m-%dT%H:%M:%S"
            return {"form": {language: _in_words(form, words) for language, words in FORMS.items()}, "example": EXAMPLE_DAY.strftime(form)}
        case _:
            return {}


def _in_words(form: str, words: dict[str, str]) -> str:
    return re.sub(r"%[a-zA-Z]", lambda m: words.get(m.group(), m.group()), form)


def _month_of(value: str, field: ContractField) -> dict[str, Any]:
    """Month, year and number of days of a written date that does not exist; 0 where the month itself does not."""
    pattern, form = shape_of(field), date_format(field.format)
    order = re.findall(r"%[dmYyHMSf]", form)
    digits = re.findall(r"\d+", value) if re.match(pattern, value) else []
    named = dict(zip(order, digits, strict=False))
    month, year = int(named.get("%m", 0)), int(named.get("%Y", 0)) or 2000 + int(named.get("%y", 0))
    days = calendar.monthrange(year, month)[1] if 1 <= month <= 12 and year >= 1 else 0
    return {"month": month, "year": year, "days": days}
