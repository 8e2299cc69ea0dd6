"""The values that a field takes, when it takes only some."""

from __future__ import annotations

from typing import Any

from datasets.model.contract import ContractField, Resource
from datasets.model.figure_status import STATUSES, StatusColumn


def allowed_values(field: ContractField, resource: Resource) -> list[str]:
    """Of an enum, else of the categories that are named; as the file writes them."""
    if field.constraints.enum:
        return [str(v) for v in field.constraints.enum]
    return [file_word(c.value, field, resource) for c in field.categories or []]


def file_word(value: Any, field: ContractField, resource: Resource) -> str:
    """A value of a category as the file writes it: a status is stored as an English word that no clerk writes."""
    status = resource.status
    if isinstance(status, StatusColumn) and status.column == field.name:
        return next((status.written(known) for known in STATUSES if known == value), str(value))
    return str(value)
