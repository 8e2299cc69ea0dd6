"""What a contract may say: a Frictionless Data Package with the keys of our profile.

A contract is one folder `datasets/<subsystem>/` with a `datapackage.yaml`. Each of its resources is one CKAN dataset
and one table of the store.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PrivateAttr, StringConstraints, Tag, field_validator, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=50)]

# Columns that every table of the store has; a field may not take their names.
STORE_COLUMNS = ("unit_id", "agency", "load_id", "line", "closed_by")
VIEW_COLUMNS = ("unit_code", "unit_name", "unit_level", "agency_title", "period_starts")


class Strict(BaseModel):
    """A model that refuses keys it does not know, so that a typo is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


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
    """Level of the units whose codes the field holds."""
    on: str | None = None
    """Field of this resource that holds the date on which the unit's code is read; without it the delivery's period."""
    agency: bool = False
    """Whether the field holds names of agencies."""

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


class Workbook(Strict):
    """Where the table is in a workbook."""

    sheet: str
    """Name of the sheet."""


class Dialect(Strict):
    """How the file is written, in the words of the `frictionless` tool."""

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """Character between two values of a CSV file."""
    headerRows: list[Annotated[int, Field(ge=1)]] = Field(default=[1], min_length=1, max_length=1)  # noqa: N815
    """Line of the header, counted from 1."""
    excel: Workbook | None = None
    """Sheet of a workbook; without it the first."""

    @property
    def header_row(self) -> int:
        """Line of the header, counted from 1."""
        return self.headerRows[0]

    @property
    def sheet(self) -> str | None:
        """Sheet of a workbook; None is the first."""
        return self.excel.sheet if self.excel else None


class Delivery(Strict):
    """What one CKAN resource (one delivery) covers."""

    scope: Scope = Scope.WHOLE
    calendar: Calendar | None = None
    column: str | None = None
    """Field that holds the date or the year which must lie in the delivery's period."""


class Obligation(Strict):
    """When each publisher owes a delivery."""

    calendar: Calendar
    """One delivery is owed for each period of this calendar."""
    due: str
    """Due moment: "17:00" on the period's last day, "+10d 17:00" ten days after it, "+3wd 17:00" three working days after it."""

    @field_validator("due")
    @classmethod
    def _due(cls, value: str) -> str:
        if not re.fullmatch(r"(\+\d{1,3}w?d )?([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError(
                'write "17:00" for the period\'s last day, "+10d 17:00" for ten days or "+3wd 17:00" for three working days after it'
            )
        return value


class RowCheck(Strict):
    """A rule over the columns of one row."""

    name: Slug
    rule: str
    """SQL condition over this resource's columns (not headers) that a good row fulfils."""
    level: Literal["warn", "reject"] = "reject"
    """Whether a row that breaks the rule is loaded with a warning or rejected."""
    say: dict[Literal["vi", "en", "fr"], str]
    """What the publisher reads, Vietnamese first."""

    @field_validator("say")
    @classmethod
    def _say(cls, value: dict[str, str]) -> dict[str, str]:
        if "vi" not in value:
            raise ValueError("write the text in Vietnamese too: {vi: …, en: …, fr: …}")
        return value


class Restricted(Strict):
    """Access for the owner and these agencies only."""

    restricted: list[Slug]
    """Agencies that may read it beside its publishers."""


def _access_kind(value: Any) -> str:
    return "named" if isinstance(value, dict | Restricted) else "class"


Access = Annotated[
    Annotated[Literal["open", "shared"], Tag("class")] | Annotated[Restricted, Tag("named")],
    Discriminator(_access_kind),
]


class Resource(Strict):
    """One dataset of CKAN, one table of the store."""

    name: Slug
    path: str
    """A small example file in the contract's folder, checked like a delivery; its ending says the format."""
    title: str
    """Title in Vietnamese."""
    titles: Translations
    description: str | None = None
    descriptions: Translations | None = None
    publishers: list[Slug] = Field(min_length=1)
    """Agencies that deliver; the first owns the dataset in CKAN."""
    steward: str
    """Who answers for the data: agency/position."""
    access: Access
    """open: everyone; shared: all agencies; restricted: [agencies]: its publishers and those named."""
    importance: Literal["core", "important", "other"] = "other"
    legal_basis: str
    """Document, and its clause, that the delivery rests on."""
    licence: str = "ODC-BY-1.0"
    dialect: Dialect = Dialect()
    encoding: str = "utf-8"
    """Encoding of a CSV file."""
    delivery: Delivery
    obligation: Obligation
    allowed_reject_share: float = Field(default=0.05, ge=0, le=1)
    """Share of bad rows above which the whole delivery is refused."""
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
    """Place among the subsystems."""
    owner: Slug
    """Agency that answers for the subsystem."""


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

    _source: bytes = PrivateAttr(default=b"")
    _folder: Path | None = PrivateAttr(default=None)

    @field_validator("version")
    @classmethod
    def _version(cls, value: str) -> str:
        if not re.fullmatch(r"\d+\.\d+\.\d+", value):
            raise ValueError('write three numbers, like "1.0.0"')
        return value

    @property
    def source(self) -> bytes:
        """Bytes of the datapackage.yaml it was read from; empty for a contract that was made in memory."""
        return self._source

    @property
    def sha256(self) -> str:
        """SHA-256 of the source, in hexadecimal."""
        return hashlib.sha256(self._source).hexdigest()

    @property
    def folder(self) -> Path | None:
        """Folder it was read from; None for a contract read from the ledger."""
        return self._folder

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
