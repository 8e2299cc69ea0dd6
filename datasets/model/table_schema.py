"""The Table Schema of a contract's resource: its fields, what they refer to, and the key."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

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


class Translations(Strict):
    """A text in the languages beside Vietnamese."""

    en: str
    """In English."""
    fr: str | None = None
    """In French."""


class Refers(Strict):
    """A reference from a field to the units or the agencies of the province, or to a period."""

    unit: Level | None = None
    """Level of the units whose codes the field holds."""
    on: str | None = None
    """Field of this resource that holds the date on which the unit's code is read; without it the delivery's period."""
    at: dt.date | None = None
    """Day on which all codes or names are read instead, for a table of many years that is drawn up in the units of one day."""
    by: Literal["code", "name"] = "code"
    """Whether the file holds units' codes or their names, which may be without marks and without their kind: Nghe An, TP. Vinh."""
    agency: bool = False
    """Whether the field holds names of agencies."""
    period: bool = False
    """Whether the field holds codes of periods (`2026-W47`), which readers see in words."""

    @model_validator(mode="after")
    def _one_kind(self) -> Refers:
        if (self.unit is not None) + self.agency + self.period != 1:
            raise ValueError("write one of unit: <level>, agency: true and period: true")
        if self.on is not None and self.at is not None:
            raise ValueError("write either on: <field> or at: <day>")
        return self


class Constraints(Strict):
    """Table Schema constraints that the check enforces."""

    required: bool = False
    """Whether each row has a value."""
    unique: bool = False
    """Whether no two rows of a delivery have the same value."""
    minimum: float | int | str | None = None
    """Least number or first day."""
    maximum: float | int | str | None = None
    """Greatest number or last day."""
    minLength: int | None = None  # noqa: N815 - Table Schema's own spelling
    """Fewest characters."""
    maxLength: int | None = None  # noqa: N815
    """Most characters."""
    pattern: str | None = None
    """Regular expression that the whole text matches."""
    enum: list[Any] | None = None
    """The values that are allowed."""


class Category(Strict):
    """One value of a field and what it means."""

    value: str | int
    """The value as it stands in the file."""
    label: str
    """What a reader sees instead, in Vietnamese."""
    labels: Translations | None = None
    """The label in English and French."""


FieldType = Literal["string", "integer", "number", "boolean", "date", "datetime", "year", "geojson"]


class ContractField(Strict):
    """One column of the file and of the table."""

    name: str
    """Header in the file."""
    column: ColumnName
    """Name in the store; a field that refers to a unit is stored as `unit_id` whatever its column is called."""
    title: str
    """Title in Vietnamese."""
    titles: Translations | None = None
    """Title in English and French."""
    description: str | None = None
    """What is counted and how, in Vietnamese."""
    type: FieldType = "string"
    """Type of the values."""
    format: str | None = None
    """How a date is written in the file: %d day, %m month, %Y year."""
    decimalChar: str = "."  # noqa: N815
    """Decimal sign of numbers in the file."""
    groupChar: str | None = None  # noqa: N815
    """Sign between thousands in the file."""
    constraints: Constraints = Constraints()
    """What each value must fulfil."""
    categories: list[Category] | None = None
    """What the values mean, for readers; the key is Table Schema's. With `enum`, each of its values has one."""
    refers: Refers | None = None
    """What the values are codes of."""
    within: str | None = None
    """Field beside whose value this one is written, as the mark of a year is in "Prel. 2016"; it has no column of its own."""
    unit: str | None = None
    """Unit of measure, as text ("người", "%")."""
    personal: Literal["none", "basic", "sensitive"] = "none"
    """Whether the values are personal data. They are masked in receipts, and only restricted datasets show them."""
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
    """The columns of the file, in any order."""
    missingValues: list[str] = [""]  # noqa: N815
    """What stands in a file for a value that is not known."""
    primaryKey: list[str]  # noqa: N815
    """Fields (by their header) that together tell two rows apart."""

    def field(self, name: str) -> ContractField:
        """The field with that header. Raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)
