"""What a contract says of one dataset: how its files are written, what a delivery covers, when it is owed, its columns."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from datasets.model.calendar_name import Calendar
from datasets.model.due_rule import due_rule
from datasets.model.figure_status import FigureStatus, StatusColumn, status_categories
from datasets.model.source import Source
from datasets.model.table_schema import ContractField, Slug, Strict, TableSchema, Translations
from datasets.model.wide_table import Wide


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


class Subtotals(Strict):
    """Rows that repeat what other rows say: the country, regions, "Cộng"."""

    column: str
    """Field whose value tells such a row."""
    values: list[str] = Field(min_length=1)
    """What stands there in such a row; case and blanks do not count."""


class Restricted(Strict):
    """Access for the owner and these agencies."""

    restricted: list[Slug]
    """Agencies that may read all of it beside its owner; another publisher reads what it delivered."""
    localities: bool = False
    """Whether each locality, and who answers for a unit group, reads the rows of its own units; no measure over them."""


def _access_kind(value: Any) -> str:
    return "named" if isinstance(value, dict | Restricted) else "class"


def _status_kind(value: Any) -> str:
    return "of-each-row" if isinstance(value, dict | StatusColumn) else "of-all"


Access = Annotated[
    Annotated[Literal["open", "shared"], Tag("class")] | Annotated[Restricted, Tag("named")],
    Discriminator(_access_kind),
]

Status = Annotated[
    Annotated[FigureStatus, Tag("of-all")] | Annotated[StatusColumn, Tag("of-each-row")],
    Discriminator(_status_kind),
]


class Resource(Strict):
    """One dataset of CKAN, one table of the store."""

    name: Slug
    """Name of the dataset: `bed-days` is the dataset health-bed-days in CKAN and the view health.bed_days in the store."""
    path: str
    """A small example file in the contract's folder, as the agency would deliver it; its ending says the format."""
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
    status: Status = "official"
    """How firm its numbers are, shown on tiles: estimate, preliminary or official for all rows, or {column: …} that says it of each row."""
    sources: list[Source] = Field(default_factory=list)
    """Where the numbers were taken from, when they were not counted by the publisher: shown in CKAN, on tiles and under rows."""
    legal_basis: str
    """Document, and its clause, that the delivery rests on."""
    licence: str = "ODC-BY-1.0"
    """Licence under which an open dataset is given, by its SPDX name."""
    dialect: Dialect = Dialect()
    """How its files are written."""
    wide: Wide | None = None
    """For files with a column for each year, day or item: how such a column becomes rows."""
    subtotals: Subtotals | None = None
    """Rows that are left out because others hold their numbers already; the receipt counts them."""
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

    @model_validator(mode="before")
    @classmethod
    def _status_labels(cls, data: Any) -> Any:
        """A status is shown in words although no contract has to write them."""
        status = data.get("status") if isinstance(data, dict) else None
        fields = data["schema"].get("fields") if isinstance(status, dict) and isinstance(data.get("schema"), dict) else None
        if not isinstance(status, dict) or not isinstance(fields, list):
            return data
        named = [isinstance(f, dict) and f.get("name") == status.get("column") and "categories" not in f for f in fields]
        told = [{**f, "categories": status_categories()} if is_one else f for f, is_one in zip(fields, named, strict=True)]
        return {**data, "schema": {**data["schema"], "fields": told}}

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
    def file_fields(self) -> list[ContractField]:
        """Fields that are columns of the file, each under its own header."""
        inside = {f.name for f in self.schema_.fields if f.within}
        if self.wide is not None:
            inside |= {*self.wide.parts, self.wide.value}
        return [f for f in self.schema_.fields if f.name not in inside]

    @property
    def has_form(self) -> bool:
        """Whether a template and a form can be made of it: every field is a column of the file."""
        return len(self.file_fields) == len(self.schema_.fields) and all(f.type != "geojson" for f in self.schema_.fields)

    @property
    def status_field(self) -> ContractField | None:
        """The field that says of each row how firm its figures are."""
        return self.schema_.field(self.status.column) if isinstance(self.status, StatusColumn) else None

    @property
    def same_status(self) -> FigureStatus | None:
        """How firm all of its figures are; None when each row says it."""
        return None if isinstance(self.status, StatusColumn) else self.status

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
