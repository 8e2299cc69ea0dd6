"""What a contract may say: a Frictionless Data Package with the keys of our profile.

A contract is one folder `datasets/<subsystem>/` with a `datapackage.yaml`. Each of its resources is one CKAN dataset
and one table of the store.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pydantic import Field, PrivateAttr, field_validator

from datasets.model.calendar_name import Calendar
from datasets.model.dashboard import Dashboard
from datasets.model.indicator import Indicator
from datasets.model.measure import Measure
from datasets.model.resource import Access, Delivery, Dialect, Obligation, Resource, Restricted, RowCheck, Scope, Workbook
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
