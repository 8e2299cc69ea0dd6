"""Codes of units and names of agencies, resolved for the day they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import polars as pl

from ckan_harvesters.check.findings import LINE, VALUE, Findings
from ckan_harvesters.delivery import DeliveryScope
from datasets.model.contract import ContractField, Level, Resource
from datasets.model.period import period_of
from datasets.model.unit import UnitIndex
from datasets.model.unit_name import UnitNames

DAY = "__day"
LEVELS = {
    Level.COUNTRY: {"vi": "quốc gia", "en": "country", "fr": "pays"},
    Level.PROVINCE: {"vi": "tỉnh, thành phố", "en": "province", "fr": "province"},
    Level.DISTRICT: {"vi": "huyện, thị xã, thành phố", "en": "district", "fr": "district"},
    Level.COMMUNE: {"vi": "xã, phường, thị trấn", "en": "commune", "fr": "commune"},
}
LENGTHS = {Level.PROVINCE: 2, Level.DISTRICT: 3, Level.COMMUNE: 5}


def check_units(rows: pl.DataFrame, resource: Resource, units: UnitIndex, delivery: DeliveryScope, findings: Findings) -> pl.DataFrame:
    """Resolve each field that refers to a unit: its codes become unit_ids. `rows`: typed columns by field name."""
    for field in resource.schema_.fields:
        if field.refers is None or field.refers.unit is None:
            continue
        level = field.refers.unit
        day = pl.lit(field.refers.at) if field.refers.at is not None else _day(resource, field.refers.on, delivery)
        pairs = rows.select(pl.col(field.name).alias("code"), day.alias("day"))
        known = pairs.drop_nulls().unique()
        names = UnitNames(units, level) if field.refers.by == "name" else None
        ids = _by_name(known, names) if names else units.resolve_frame(known, "code", "day", level)
        known = known.with_columns(ids.alias("unit_id"))
        found = pairs.join(known, on=["code", "day"], how="left", maintain_order="left")["unit_id"]
        unresolved = pl.DataFrame([rows[LINE], pairs["code"].alias(VALUE), pairs["day"].alias(DAY)]).filter(
            found.is_null() & pairs["code"].is_not_null() & pairs["day"].is_not_null()
        )
        _reject_units(unresolved, field, level, names or units, findings)
        rows = rows.with_columns(found.alias(field.name))
    return rows


def _by_name(known: pl.DataFrame, names: UnitNames) -> pl.Series:
    """unit_id of each name on its day, null where there is none or more than one."""
    found = [names.find(name, day).unit for name, day in known.select("code", "day").iter_rows()]
    return pl.Series([unit.unit_id if unit else None for unit in found], dtype=pl.String)


def _reject_units(unresolved: pl.DataFrame, field: ContractField, level: Level, units: UnitIndex | UnitNames, findings: Findings) -> None:
    if unresolved.height == 0:
        return
    pairs = unresolved.select(VALUE, DAY).unique()
    reasons = {
        (code, day): _reason(code, day, level, units) if isinstance(units, UnitIndex) else _reason_of_name(code, day, level, units)
        for code, day in pairs.iter_rows()
    }
    rules = unresolved.with_columns(
        pl.Series("rule", [reasons[code, day][0] for code, day in unresolved.select(VALUE, DAY).iter_rows()], pl.String)
    )
    for rule in sorted({reason[0] for reason in reasons.values()}):
        findings.reject(rules.filter(pl.col("rule") == rule), field, rule, lambda row: reasons[row[VALUE], row[DAY]][1])


def _reason(code: str, day: date, level: Level, units: UnitIndex) -> tuple[str, dict[str, Any]]:
    """Why a code is no unit on that day, and the code that was perhaps meant when a program dropped its zeros."""
    why = units.why_not(code, level, day)
    said = spoken(why.params if why else {}, level)
    padded = code.zfill(LENGTHS.get(level, 0))
    if padded != code and code.isdigit() and units.resolve(padded, level, day):
        return "unit_lost_zeros", {**said, "code": padded}
    return (why.rule if why else "unit_unknown"), said


def _reason_of_name(name: str, day: date, level: Level, names: UnitNames) -> tuple[str, dict[str, Any]]:
    """Why a name is no unit on that day: nobody had it, another day's had it, or several have it."""
    found = names.find(name, day)
    said = {"level": LEVELS[level], "names": ", ".join(f"{unit.name} ({unit.code})" for unit in found.near[:5])}
    if found.rule != "unit_name_not_valid_on":
        return found.rule, said
    former = found.near[0]
    validity = {"on": day.isoformat(), "valid_from": former.valid_from.isoformat(), "valid_to": str(former.valid_to or "")}
    return found.rule, {**spoken(validity, level), "names": said["names"]}


def spoken(params: Mapping[str, str], level: Level) -> dict[str, Any]:
    """What `why_not` tells, in words of each language: the level, and since and until when a unit is valid."""
    said: dict[str, Any] = {**params, "level": LEVELS[level]}
    if "valid_from" not in params:
        return said
    since = _day_written(params["valid_from"])
    if not params.get("valid_to"):
        said["validity"] = {"vi": f"từ ngày {since}", "en": f"from {since}", "fr": f"à partir du {since}"}
    else:
        until = _day_written(params["valid_to"])
        said["validity"] = {
            "vi": f"từ ngày {since} đến trước ngày {until}",
            "en": f"from {since} to before {until}",
            "fr": f"du {since} jusqu'avant le {until}",
        }
    return {**said, "on": _day_written(params["on"])}


def _day_written(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def province_column(rows: pl.DataFrame, resource: Resource, units: UnitIndex, province: str, delivery: DeliveryScope) -> pl.Series:
    """For a resource without units: the province's unit_id on each row's day (of the delivery's column, else the period's last day)."""
    day = _day(resource, resource.delivery.column, delivery).fill_null(delivery.as_of)
    pairs = rows.with_columns(pl.lit(province).alias("code"), day.alias("day")).select("code", "day")
    days = pairs.unique()
    days = days.with_columns(units.resolve_frame(days, "code", "day", Level.PROVINCE).alias("unit_id"))
    return pairs.join(days, on=["code", "day"], how="left", maintain_order="left")["unit_id"]


def check_agencies(rows: pl.DataFrame, resource: Resource, agencies: Collection[str], findings: Findings) -> None:
    """Each field that refers to an agency holds the name of one."""
    for field in resource.schema_.fields:
        if field.refers is None or not field.refers.agency:
            continue
        unknown = pl.col(field.name).is_not_null() & ~pl.col(field.name).is_in(list(agencies))
        findings.reject(rows.filter(unknown).select(LINE, pl.col(field.name).alias(VALUE)), field, "agency_unknown")


def _day(resource: Resource, on: str | None, delivery: DeliveryScope) -> pl.Expr:
    """The day on which a row's codes are read: of its date; the last of its year; without either the delivery's."""
    if on is None:
        return pl.lit(delivery.as_of)
    match resource.schema_.field(on).type:
        case "year":
            return pl.date(pl.col(on), 12, 31)
        case "datetime":
            return pl.col(on).dt.convert_time_zone("Asia/Ho_Chi_Minh").dt.date()
        case _:
            return pl.col(on)


def other_period(rows: pl.DataFrame, resource: Resource, delivery: DeliveryScope) -> dict[str, Any] | None:
    """When every date of the file lies outside the delivery's period: what to tell of the period they lie in; None otherwise.

    A file that is mostly without readable dates says nothing about its period.
    """
    calendar = resource.delivery.calendar
    if resource.delivery.column is None or calendar is None or delivery.starts is None or delivery.ends is None or rows.height == 0:
        return None
    field = resource.schema_.field(resource.delivery.column)
    day = pl.date(pl.col(field.name), 1, 1) if field.type == "year" else _day(resource, field.name, delivery)
    days = rows.select(day.alias(DAY)).to_series().drop_nulls()
    starts = date(delivery.starts.year, 1, 1) if field.type == "year" else delivery.starts
    if days.len() * 2 < rows.height or ((days >= starts) & (days < delivery.ends)).any():
        return None
    first, last = (period_of(calendar, found) for found in (days.min(), days.max()) if isinstance(found, date))
    said = {"period": delivery.period, "starts": f"{delivery.starts:%d/%m/%Y}", "ends": f"{delivery.as_of:%d/%m/%Y}"}
    return {**said, "found": first if first == last else f"{first} – {last}"}


def check_period(rows: pl.DataFrame, resource: Resource, delivery: DeliveryScope, findings: Findings) -> None:
    """Each row's date lies in the period that the delivery declares."""
    if resource.delivery.column is None or delivery.starts is None or delivery.ends is None:
        return
    field = resource.schema_.field(resource.delivery.column)
    if field.type == "year":
        outside = (pl.col(field.name) < delivery.starts.year) | (pl.col(field.name) > delivery.as_of.year)
    else:
        day = _day(resource, field.name, delivery)
        outside = (day < delivery.starts) | (day >= delivery.ends)
    params = {"period": delivery.period, "starts": f"{delivery.starts:%d/%m/%Y}", "ends": f"{delivery.as_of:%d/%m/%Y}"}
    shown = pl.col(field.name).cast(pl.String) if field.type != "date" else pl.col(field.name).dt.strftime("%d/%m/%Y")
    findings.reject(rows.filter(outside).select(LINE, shown.alias(VALUE)), field, "outside_period", params)
