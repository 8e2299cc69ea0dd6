"""What a contract may say: a Frictionless Data Package with the keys of our profile.

A contract is one folder `datasets/<subsystem>/` with a `datapackage.yaml`. Each of its resources is one CKAN dataset
and one table of the store.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, field_validator

from datasets.model.calendar_name import Calendar
from datasets.model.dashboard import Dashboard
from datasets.model.due_rule import due_rule
from datasets.model.indicator import Indicator
from datasets.model.measure import Measure
from datasets.model.table_schema import (
    STORE_COLUMNS,
    VIEW_COLUMNS,
    ColumnName,
    Constraints,
    ContractField,
    FieldType,
    Level,
    Refers,
    Slug,
    Strict,
    TableSchema,
    Translations,
)

__all__ = [
    "STORE_COLUMNS",
    "VIEW_COLUMNS",
    "Access",
    "Calendar",
    "ColumnName",
    "Constraints",
    "Contract",
    "ContractField",
    "Delivery",
    "Dialect",
    "FieldType",
    "Level",
    "Obligation",
    "Refers",
    "Resource",
    "Restricted",
    "RowCheck",
    "Scope",
    "Slug",
    "Strict",
    "Subsystem",
    "TableSchema",
    "Translations",
    "Workbook",
]


class Scope(StrEnum):
    """What one delivery replaces when it is delivered again."""

    WHOLE = "whole"
    PERIOD = "period"
    ADDITION = "addition"


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
    """What a delivery replaces when it comes again: everything of its agency (whole), one period of it (period), or nothing (addition)."""
    calendar: Calendar | None = None
    """Calendar of the periods, for scope: period."""
    column: str | None = None
    """Field that holds the date or the year which must lie in the delivery's period."""


class Obligation(Strict):
    """When each publisher owes a delivery."""

    calendar: Calendar
    """One delivery is owed for each period of this calendar."""
    due: str
    """Due moment: "17:00" on the period's last day, "+10d 17:00" ten days after it, "+3wd 17:00" three working days after it."""
    since: dt.date | None = None
    """First day on which it is owed, the period of that day being the first; without it, the day on which the dataset was first applied."""
    localities: bool = False
    """Whether each report is expected to hold every unit of the level that its unit field refers to."""

    @field_validator("due")
    @classmethod
    def _due(cls, value: str) -> str:
        due_rule(value)
        return value


class RowCheck(Strict):
    """A rule over the columns of one row."""

    name: Slug
    """Name of the rule, as a receipt shows it."""
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
    """Access for the owner and these agencies."""

    restricted: list[Slug]
    """Agencies that may read all of it beside its owner; another publisher reads what it delivered."""
    localities: bool = False
    """Whether each locality, and who answers for a unit group, reads the rows of its own units; no measure over them."""


def _access_kind(value: Any) -> str:
    return "named" if isinstance(value, dict | Restricted) else "class"


Access = Annotated[
    Annotated[Literal["open", "shared"], Tag("class")] | Annotated[Restricted, Tag("named")],
    Discriminator(_access_kind),
]


class Resource(Strict):
    """One dataset of CKAN, one table of the store."""

    name: Slug
    """Name of the dataset: `bed-days` is the dataset health-bed-days in CKAN and the view health.bed_days in the store."""
    path: str
    """A small example file in the contract's folder, checked like a delivery; its ending says the format."""
    title: str
    """Title in Vietnamese."""
    titles: Translations
    """Title in English and French."""
    description: str | None = None
    """What one row is and how it is counted, in Vietnamese."""
    descriptions: Translations | None = None
    """The description in English and French."""
    publishers: list[Slug] = Field(min_length=1)
    """Agencies that deliver; the first owns the dataset in CKAN."""
    steward: str
    """Who answers for the data: agency/position."""
    access: Access
    """open: everyone; shared: all agencies; {restricted: [agencies]}: its owner and those named, other publishers their own rows, and with
    `localities: true` localities the rows of their units."""
    importance: Literal["core", "important", "other"] = "other"
    """Importance by the Law on Data."""
    status: Literal["estimate", "preliminary", "official"] = "official"
    """How final its numbers are, shown on tiles: an estimate, preliminary, or official."""
    legal_basis: str
    """Document, and its clause, that the delivery rests on."""
    licence: str = "ODC-BY-1.0"
    """Licence under which an open dataset is given, by its SPDX name."""
    dialect: Dialect = Dialect()
    """How its files are written."""
    encoding: str = "utf-8"
    """Encoding of a CSV file."""
    delivery: Delivery
    """What one delivery covers."""
    obligation: Obligation
    """When a delivery is owed."""
    allowed_reject_share: float = Field(default=0.05, ge=0, le=1)
    """Share of bad rows above which the whole delivery is refused."""
    schema_: TableSchema = Field(alias="schema")
    """Its columns and key."""
    checks: list[RowCheck] = Field(default_factory=list)
    """Rules that a row must fulfil, beyond those of single fields."""

    @property
    def access_class(self) -> Literal["open", "shared", "restricted"]:
        return self.access if isinstance(self.access, str) else "restricted"

    @property
    def named_agencies(self) -> list[str]:
        """Agencies that a restricted dataset is opened to beside its publishers."""
        return [] if isinstance(self.access, str) else self.access.restricted

    @property
    def is_read_by_localities(self) -> bool:
        """Whether localities read the rows of their own units of a restricted dataset."""
        return not isinstance(self.access, str) and self.access.localities

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
    """One subsystem: its datasets, measures, indicators and dashboard."""

    schema_uri: str = Field(alias="$schema")
    """Profile of the data package, for the tools that read it."""
    name: Slug
    """Name of the subsystem: its schema in the store, the beginning of its datasets' names in CKAN."""
    version: str
    """Major, minor and patch. Added columns, wider types and new values of an enum are a minor version, anything else a major one."""
    title: str
    """Title in Vietnamese."""
    titles: Translations
    """Title in English and French."""
    description: str | None = None
    """What the subsystem is about, in Vietnamese."""
    subsystem: Subsystem
    """Its place among the subsystems and who answers for it."""
    resources: list[Resource] = Field(min_length=1)
    """Its datasets."""
    measures: dict[ColumnName, Measure] = Field(default_factory=dict)
    """Numbers over the resources, by name."""
    indicators: dict[Slug, Indicator] = Field(default_factory=dict)
    """Expressions over measures, by name."""
    dashboard: Dashboard = Dashboard()
    """What is made of it in Superset."""

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
