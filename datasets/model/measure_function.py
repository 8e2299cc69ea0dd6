"""Functions that a measure may name instead of an SQL aggregate: what each computes and which arguments it takes.

The figures themselves are computed in `ckan_harvesters.measure.functions`, one module a function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from datasets.model.table_schema import ColumnName, FieldType, Strict


class PercentileWorkingHours(Strict):
    """Hours of work from one moment of a row to another, at a percentile of the rows."""

    starts: ColumnName
    """Column with the moment, or the day, from which hours count."""
    ends: ColumnName
    """Column with the moment, or the day, up to which they count; a row without it is left out."""
    share: float = Field(default=0.5, gt=0, lt=1)
    """Share of the rows that took at most so long: 0.5 is the median."""


class PercentileElapsed(Strict):
    """Time on the clock from one moment of a row to another, at a percentile of the rows."""

    starts: ColumnName
    """Column with the moment from which time counts."""
    ends: ColumnName
    """Column with the moment up to which it counts; a row without it is left out."""
    share: float = Field(default=0.5, gt=0, lt=1)
    """Share of the rows that took at most so long: 0.5 is the median."""
    unit: Literal["hour", "minute"] = "hour"
    """What the time is told in."""


class WeightedPercentile(Strict):
    """A percentile of a number, or of the days between two dates, where each row stands for several cases."""

    value: ColumnName | None = None
    """Column with the number; or else `starts` and `ends`."""
    starts: ColumnName | None = None
    """Column with the date from which days count."""
    ends: ColumnName | None = None
    """Column with the date up to which they count; the same date is 0 days."""
    weight: ColumnName
    """Column with how many cases a row stands for."""
    share: float = Field(default=0.5, gt=0, lt=1)
    """Share of the cases that have at most so much: 0.5 is the median."""
    least: int = Field(default=1, ge=1)
    """Fewest cases for a value."""

    @model_validator(mode="after")
    def _either(self) -> WeightedPercentile:
        days = (self.starts is not None, self.ends is not None)
        if days not in ((True, True), (False, False)) or (self.value is None) != days[0]:
            raise ValueError("write value, or starts and ends")
        return self


class ReproductionNumber(Strict):
    """How many people one case infects, from the days before (Cori et al. 2013)."""

    cases: ColumnName | None = None
    """Column with the new cases of a row's day; without one, each row is a case."""
    serial_interval_mean: float = Field(gt=1)
    """Days from a case's onset to that of a person it infects, on average."""
    serial_interval_sd: float = Field(gt=0)
    """Standard deviation of these days."""
    window: int = Field(default=7, ge=1, le=60)
    """Days over which the number is taken as constant."""
    quantile: float = Field(default=0.5, gt=0, lt=1)
    """Quantile of the posterior: 0.5 is the estimate, 0.025 and 0.975 are the bounds of its 95 % interval."""
    least_cases: int = Field(default=11, ge=1)
    """Fewest cases within the window for a value. 11 keeps the coefficient of variation at 0.3 or less, as the authors advise."""
    least_history: int = Field(default=0, ge=0, le=366)
    """Fewest days from the first case, looked for as far back as infections or these days reach, to the window: in the first days of a
    series the number comes out too high."""


class ClusteredCount(Strict):
    """How many groups of rows lie close to one another in place and time."""

    radius_m: float = Field(gt=0, le=50_000)
    """Metres between two rows that are neighbours."""
    least: int = Field(default=3, ge=2)
    """Fewest rows, itself counted, around a row for it to be the core of a group."""
    days: int = Field(ge=0, le=366)
    """Days between two rows that are neighbours."""
    longitude: ColumnName | None = None
    """Column with the longitude (degrees, WGS 84); without one, the resource's geometry says where a row is."""
    latitude: ColumnName | None = None
    """Column with the latitude."""

    @model_validator(mode="after")
    def _both(self) -> ClusteredCount:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude belong together; write both or neither")
        return self


@dataclass(frozen=True)
class FunctionDeclaration:
    """What a contract may say of one function."""

    arguments: type[Strict]
    columns: Mapping[str, frozenset[FieldType]]
    """Types that the field behind each argument that names a column may have."""
    unit: str | None
    """Unit of measure of the result; None for a plain number, and where an argument says it."""
    located_by: Literal["geometry"] | None = None
    """`geometry`: without columns for the place, the resource needs a field of type geojson."""


_MOMENTS: frozenset[FieldType] = frozenset({"date", "datetime"})
_INSTANTS: frozenset[FieldType] = frozenset({"datetime"})
_DATES: frozenset[FieldType] = frozenset({"date"})
_COUNTS: frozenset[FieldType] = frozenset({"integer"})
_NUMBERS: frozenset[FieldType] = frozenset({"number", "integer"})

MEASURE_FUNCTIONS: Mapping[str, FunctionDeclaration] = {
    "percentile_working_hours": FunctionDeclaration(PercentileWorkingHours, {"starts": _MOMENTS, "ends": _MOMENTS}, "giờ làm việc"),
    "percentile_elapsed": FunctionDeclaration(PercentileElapsed, {"starts": _INSTANTS, "ends": _INSTANTS}, None),
    "weighted_percentile": FunctionDeclaration(
        WeightedPercentile, {"value": _NUMBERS, "starts": _DATES, "ends": _DATES, "weight": _COUNTS}, None
    ),
    "reproduction_number": FunctionDeclaration(ReproductionNumber, {"cases": _COUNTS}, None),
    "clustered_count": FunctionDeclaration(ClusteredCount, {"longitude": _NUMBERS, "latitude": _NUMBERS}, "cụm", located_by="geometry"),
}

_ELAPSED_UNITS = {"hour": "giờ", "minute": "phút"}


def unit_of_function(function: str, given: Mapping[str, Any]) -> str | None:
    """Unit of measure of what a function gives with these arguments; None for a plain number and for a function that does not exist."""
    declaration = MEASURE_FUNCTIONS.get(function)
    if function == "percentile_elapsed":
        return _ELAPSED_UNITS.get(str(given.get("unit", "hour")))
    return declaration.unit if declaration is not None else None


def arguments_of(function: str, given: Mapping[str, Any]) -> Strict:
    """The arguments of a function, checked. Raises ValueError that names what is wrong and says what may be written."""
    declaration = MEASURE_FUNCTIONS.get(function)
    if declaration is None:
        raise ValueError(f"function {function!r} does not exist; write one of {', '.join(sorted(MEASURE_FUNCTIONS))}")
    try:
        return declaration.arguments.model_validate(dict(given))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(str(part) for part in e['loc']) or 'with'}: {e['msg']}" for e in error.errors())
        raise ValueError(f"{function}: {wrong}; it takes {', '.join(declaration.arguments.model_fields)}") from error


def columns_of(function: str, given: Mapping[str, Any]) -> dict[str, str]:
    """Column of the resource by the argument that names it. Raises ValueError as `arguments_of` does."""
    arguments = arguments_of(function, given)
    named = {name: getattr(arguments, name) for name in MEASURE_FUNCTIONS[function].columns}
    return {name: column for name, column in named.items() if column is not None}
