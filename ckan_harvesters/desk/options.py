"""The values that a field takes, when it takes only some."""

from __future__ import annotations

from datasets.model.contract import ContractField


def allowed_values(field: ContractField) -> list[str]:
    """Of an enum, else of the categories that are named; as text."""
    if field.constraints.enum:
        return [str(v) for v in field.constraints.enum]
    return [str(c.value) for c in field.categories or []]
