"""Values of the store as their contract has them written."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ckan_harvesters.delivery import TIME_ZONE
from ckan_harvesters.written_date import date_format
from datasets.model.contract import ContractField


def cell(value: Any, field: ContractField) -> str:
    """A value of the store as its contract writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        form = "%Y-%m-%dT%H:%M:%S" if field.format in (None, "default") else str(field.format)
        return value.astimezone(TIME_ZONE).strftime(form)
    if isinstance(value, date):
        return value.strftime(date_format(field.format))
    if field.type == "number":
        text = format(value, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", field.decimalChar)
    return str(value)
