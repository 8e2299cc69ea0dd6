"""A corrected value for a problem: the clerk's own value put right where that is certain or likely, else one that the column would take."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from ckan_harvesters.applied import Places
from ckan_harvesters.check.types import FALSE, TRUE
from ckan_harvesters.delivery import TIME_ZONE
from ckan_harvesters.desk.options import allowed_values, file_word
from ckan_harvesters.errors import MASK, Rejected
from ckan_harvesters.written_date import date_format
from datasets.model.contract import ContractField, Resource
from datasets.model.period import bounds
from datasets.model.unit import name_key

WRITTEN_DATES = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%y", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M")
NO_EXAMPLE = {"duplicate_key", "not_unique", "row_check", "row_warning", "row_cells", "row_quotes", "null_byte", "key_open_elsewhere"}
YES = {"có", "co", "yes", "oui", "đúng", "x"}
NO = {"không", "khong", "no", "non", "sai"}


class Examples:
    """Examples for the problems of one file under one resource."""

    def __init__(self, resource: Resource, places: Places, headers: Mapping[str, str], period: str | None, agency: str) -> None:
        self._fields = {headers.get(f.name, f.name): f for f in resource.schema_.fields}
        self._resource = resource
        self._places = places
        self._agency = agency
        self._day = _first_day(resource, period)
        self._units: dict[str, dict[str, str]] = {}

    def field_of(self, column: str | None) -> str | None:
        """The contract's field that a column of the file is."""
        field = self._fields.get(column or "")
        return field.name if field else None

    def of(self, problem: Rejected) -> str | None:
        """A value that would be right, as the contract has it written; None where none can be told."""
        field = self._fields.get(problem.column or "")
        if field is None or problem.rule in NO_EXAMPLE:
            return None
        known = problem.value if problem.value and problem.value != MASK else None
        found = self._corrected(field, problem, known)
        return found if found is not None else self.plain(field)

    def plain(self, field: ContractField) -> str | None:
        """Some value that the column takes."""
        values = allowed_values(field, self._resource)
        if values:
            return values[0]
        if field.refers and field.refers.unit:
            return next(iter(self._units_of(field)), None)
        if field.refers and field.refers.agency:
            return self._agency
        match field.type:
            case "integer" | "number":
                return _number(field)
            case "boolean":
                return TRUE[0]
            case "date" | "datetime":
                return _written(field, self._day)
            case "year":
                return str(self._day.year)
            case _:
                return None

    def _corrected(self, field: ContractField, problem: Rejected, value: str | None) -> str | None:
        params = problem.params
        match problem.rule:
            case "unit_lost_zeros":
                return str(params["code"])
            case "too_small" | "too_large":
                return str(params.get("minimum", params.get("maximum"))).replace(".", field.decimalChar)
            case "outside_period":
                return _written(field, self._day) if field.type != "year" else str(self._day.year)
            case "date_not_in_calendar" if params.get("days"):
                return _written(field, datetime(int(params["year"]), int(params["month"]), int(params["days"])))  # noqa: DTZ001 - a day
            case "type_date" | "type_datetime":
                return _date(field, value)
            case "type_integer" | "type_number" | "scale":
                return _digits(field, value)
            case "type_boolean":
                return _boolean(value)
            case "enum" | "pattern" | "status_unknown":
                return _closest(field, self._resource, value)
            case "unit_unknown" | "unit_not_valid_on":
                return self._unit(field, value)
            case "agency_unknown":
                return next(iter(difflib.get_close_matches(value or "", sorted(self._places.agencies), 1, 0.6)), None)
            case _:
                return None

    def _unit(self, field: ContractField, value: str | None) -> str | None:
        """A unit that is called so, with or without its kind; a clerk who does not know codes writes names."""
        if not value:
            return None
        units = self._units_of(field)
        wanted = name_key(value.strip())
        for code, name in units.items():
            if wanted == name or wanted == _bare(name) or _bare(wanted) == _bare(name):
                return code
        return next(iter(difflib.get_close_matches(value.strip(), list(units), 1, 0.75)), None)

    def _units_of(self, field: ContractField) -> dict[str, str]:
        """Codes and comparable names of the units that the field may hold, in the province first."""
        level = field.refers.unit if field.refers else None
        if level is None:
            return {}
        if level.value not in self._units:
            found = self._places.units.valid(level, self._day.date(), self._places.province)
            self._units[level.value] = {u.code: name_key(u.name) for u in found}
        return self._units[level.value]


def _first_day(resource: Resource, period: str | None) -> datetime:
    calendar = resource.delivery.calendar
    if calendar is not None and period:
        try:
            starts = bounds(calendar, period)[0]
        except ValueError:
            starts = datetime.now(TIME_ZONE).date()
    else:
        starts = datetime.now(TIME_ZONE).date() - timedelta(days=1)
    return datetime(starts.year, starts.month, starts.day)  # noqa: DTZ001 - a day


def _written(field: ContractField, moment: datetime) -> str:
    default = "%Y-%m-%dT%H:%M:%S" if field.type == "datetime" and field.format in (None, "default") else None
    return moment.strftime(default or date_format(field.format))


def _number(field: ContractField) -> str:
    least, most = field.constraints.minimum, field.constraints.maximum
    value = 12.0
    if isinstance(most, int | float) and value > most:
        value = float(most)
    if isinstance(least, int | float) and value < least:
        value = float(least)
    return f"{value:g}".replace(".", field.decimalChar)


def _date(field: ContractField, value: str | None) -> str | None:
    text = (value or "").strip()
    for form in WRITTEN_DATES:
        try:
            return _written(field, datetime.strptime(text, form))  # noqa: DTZ007 - a day
        except ValueError:
            continue
    return None


def _digits(field: ContractField, value: str | None) -> str | None:
    """The number that a text with groups, units of measure or another decimal mark most likely is."""
    found = re.search(r"[+-]?\d[\d.,\s\u00a0]*", value or "")
    if found is None:
        return None
    text = re.sub(r"[\s\u00a0]", "", found.group()).rstrip(".,")
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text.lstrip("+"))
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", text):
        whole, part = re.sub(r"[.,]", "", text), ""
    else:
        whole, _, part = text.replace(",", ".").partition(".")
        part = re.sub(r"\D", "", part)[:6].rstrip("0")
    whole = whole[:18]
    if field.type == "integer" or not part:
        return sign + whole
    return f"{sign}{whole}{field.decimalChar}{part}"


def _boolean(value: str | None) -> str | None:
    text = (value or "").strip().casefold()
    return TRUE[0] if text in YES else FALSE[0] if text in NO else None


def _closest(field: ContractField, resource: Resource, value: str | None) -> str | None:
    """The allowed value that was meant: by its label, without its case, or nearly so."""
    if not value:
        return None
    wanted = name_key(value.strip())
    names: dict[str, str] = {}
    for category in field.categories or []:
        names[name_key(str(category.label or category.value))] = file_word(category.value, field, resource)
    for one in allowed_values(field, resource):
        names[name_key(one)] = one
    near = difflib.get_close_matches(wanted, list(names), 1, 0.6)
    return names.get(wanted) or (names[near[0]] if near else None)


def _bare(name: str) -> str:
    return re.sub(r"^(xã|phường|thị trấn|huyện|thị xã|thành phố|tỉnh)\s+", "", name)
