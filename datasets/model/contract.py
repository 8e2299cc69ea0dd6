"""What a contract may say: a Frictionless Data Package with the keys of our profile.

A contract is one folder `datasets/<subsystem>/` with a `datapackage.yaml`. Each of its resources is one CKAN dataset
and one table of the store.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=50)]

# Columns that every table of the store has; a field may not take their names.
STORE_COLUMNS = ("unit_id", "agency", "load_id", "line", "closed_by")
VIEW_COLUMNS = ("unit_code", "unit_name", "unit_level", "period_starts")


class Strict(BaseModel):
    """A model that refuses keys it does not know, so that a typo is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(StrEnum):
    """Level of an administrative unit."""

    COUNTRY = "country"
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class Calendar(StrEnum):
    """Calendar by which deliveries, obligations and measures are counted."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ADMINISTRATIVE_MONTH = "administrative-month"
    SCHOOL_YEAR = "school-year"


class Scope(StrEnum):
    """What one delivery replaces when it is delivered again."""

    WHOLE = "whole"
    PERIOD = "period"
    ADDITION = "addition"


class Translations(Strict):
    """A text in the languages beside Vietnamese."""

    en: str
    fr: str | None = None


class Refers(Strict):
    """A reference from a field to the units or the agencies of the province."""

    unit: Level | None = None
    on: str | None = None
    """Field of this resource that holds the date on which the unit's code is read; without it the delivery's period."""
    agency: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> Refers:
        if (self.unit is None) == (not self.agency):
            raise ValueError("write either unit: <level> or agency: true")
        return self


class Constraints(Strict):
    """Table Schema constraints that the check enforces."""

    required: bool = False
    unique: bool = False
    minimum: float | int | str | None = None
    maximum: float | int | str | None = None
    minLength: int | None = None  # noqa: N815 - Table Schema's own spelling
    maxLength: int | None = None  # noqa: N815
    pattern: str | None = None
    enum: list[Any] | None = None


FieldType = Literal["string", "integer", "number", "boolean", "date", "datetime", "year", "geojson"]


class ContractField(Strict):
    """One column of the file and of the table."""

    name: str
    """Header in the file."""
    column: ColumnName
    """Name in the store; a field that refers to a unit is stored as `unit_id` whatever its column is called."""
    title: str
    titles: Translations | None = None
    description: str | None = None
    type: FieldType = "string"
    format: str | None = None
    decimalChar: str = "."  # noqa: N815
    groupChar: str | None = None  # noqa: N815
    constraints: Constraints = Constraints()
    refers: Refers | None = None
    unit: str | None = None
    """Unit of measure, as text ("người", "%")."""
    personal: Literal["none", "basic", "sensitive"] = "none"
    total: bool = True
    """Whether a sum of this number means something (false for rates and years)."""

    @property
    def is_unit(self) -> bool:
        return self.refers is not None and self.refers.unit is not None

    @property
    def stored_as(self) -> str:
        """Column of the store that holds this field."""
        return "unit_id" if self.is_unit else self.column

    @property
    def is_summable(self) -> bool:
        """Whether a plain trend may sum it."""
        return self.type in ("integer", "number") and self.total and self.refers is None


class TableSchema(Strict):
    """Fields of the file, what stands for missing, and the key."""

    fields: list[ContractField]
    missingValues: list[str] = [""]  # noqa: N815
    primaryKey: list[str]  # noqa: N815

    def field(self, name: str) -> ContractField:
        """The field with that header. Raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


class Dialect(Strict):
    """How the file is written."""

    delimiter: str = ","
    header_row: int = Field(default=1, ge=1)
    """Line of the header, counted from 1."""
    sheet: str | None = None
    """Sheet of a workbook; without it the first."""


class Delivery(Strict):
    """What one CKAN resource (one delivery) covers."""

    scope: Scope = Scope.WHOLE
    calendar: Calendar | None = None
    column: str | None = None
    """Field that holds the date or the year which must lie in the delivery's period."""


class Obligation(Strict):
    """When each publisher owes a delivery."""

    calendar: Calendar
    due: str
    """Rule of the due moment: "17:00" on the day, "+10d 17:00" after the period's end."""


class RowCheck(Strict):
    """A rule over the columns of one row."""

    name: Slug
    rule: str
    level: Literal["warn", "reject"] = "reject"
    say: dict[Literal["vi", "en", "fr"], str]


class Restricted(Strict):
    """Access for the owner and these agencies only."""

    restricted: list[Slug]


class Resource(Strict):
    """One dataset of CKAN, one table of the store."""

    name: Slug
    path: str
    title: str
    titles: Translations
    description: str | None = None
    descriptions: Translations | None = None
    publishers: list[Slug] = Field(min_length=1)
    """Agencies that deliver; the first owns the dataset in CKAN."""
    steward: str
    access: Literal["open", "shared"] | Restricted
    importance: Literal["core", "important", "other"] = "other"
    legal_basis: str
    licence: str = "ODC-BY-1.0"
    dialect: Dialect = Dialect()
    encoding: str = "utf-8"
    delivery: Delivery
    obligation: Obligation
    allowed_reject_share: float = Field(default=0.05, ge=0, le=1)
    schema_: TableSchema = Field(alias="schema")
    checks: list[RowCheck] = []

    @property
    def access_class(self) -> Literal["open", "shared", "restricted"]:
        return self.access if isinstance(self.access, str) else "restricted"

    @property
    def named_agencies(self) -> list[str]:
        """Agencies that a restricted dataset is opened to beside its publishers."""
        return [] if isinstance(self.access, str) else self.access.restricted

    @property
    def owner(self) -> str:
        return self.publishers[0]

    @property
    def unit_field(self) -> ContractField | None:
        """The field that is stored as `unit_id`; without one, rows carry the province's unit."""
        return next((f for f in self.schema_.fields if f.is_unit), None)

    @property
    def key_columns(self) -> list[str]:
        """The store's columns of the contract's key, `unit_id` first as every unique key must hold it."""
        stored = [self.schema_.field(name).stored_as for name in self.schema_.primaryKey]
        return ["unit_id", *[c for c in stored if c != "unit_id"]]

    @property
    def value_fields(self) -> list[ContractField]:
        """Fields that are columns of their own in the store (all but the unit)."""
        return [f for f in self.schema_.fields if not f.is_unit]


class Subsystem(Strict):
    """Which of the centre's subsystems the contract is."""

    order: int = Field(ge=0)
    owner: Slug


class Contract(Strict):
    """One subsystem: its datasets now, its measures, indicators and dashboard with them."""

    schema_uri: str = Field(alias="$schema")
    name: Slug
    version: str
    title: str
    titles: Translations
    description: str | None = None
    subsystem: Subsystem
    resources: list[Resource] = Field(min_length=1)
    measures: dict[str, Any] = {}
    indicators: dict[str, Any] = {}
    dashboard: dict[str, Any] = {}

    @field_validator("version")
    @classmethod
    def _version(cls, value: str) -> str:
        if not re.fullmatch(r"\d+\.\d+\.\d+", value):
            raise ValueError('write three numbers, like "1.0.0"')
        return value

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    @property
    def minor(self) -> int:
        return int(self.version.split(".")[1])

    @property
    def pg_schema(self) -> str:
        """Name of the subsystem's schema in the store."""
        return self.name.replace("-", "_")

    def view(self, resource: Resource) -> str:
        """Name of the stable view over the current rows: `bed_days`."""
        return resource.name.replace("-", "_")

    def table(self, resource: Resource) -> str:
        """Name of the versioned table: `bed_days__v1`."""
        return f"{self.view(resource)}__v{self.major}"

    def dataset_name(self, resource: Resource) -> str:
        """Name of the dataset in CKAN: `health-bed-days`."""
        return f"{self.name}-{resource.name}".replace("_", "-")

    def resource(self, name: str) -> Resource:
        """The resource of that name. Raises KeyError."""
        for resource in self.resources:
            if resource.name == name:
                return resource
        raise KeyError(name)
