"""The reference of a contract, key by key, made from the model: `python -m datasets.model.contract_page` writes it."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from datasets.model.contract import Contract
from datasets.model.contract_example import examples
from datasets.model.measure_function import MEASURE_FUNCTIONS

PAGE_PATH = Path(__file__).parents[2] / "docs" / "reference" / "contract.md"

PLACES = {
    "Contract": "datapackage.yaml",
    "Subsystem": "subsystem",
    "Resource": "resources[…]",
    "Restricted": "resources[…].access",
    "StatusColumn": "resources[…].status",
    "Source": "resources[…].sources[…]",
    "Dialect": "resources[…].dialect",
    "Workbook": "resources[…].dialect.excel",
    "Wide": "resources[…].wide",
    "Subtotals": "resources[…].subtotals",
    "Delivery": "resources[…].delivery",
    "Obligation": "resources[…].obligation",
    "TableSchema": "resources[…].schema",
    "ContractField": "resources[…].schema.fields[…]",
    "Constraints": "resources[…].schema.fields[…].constraints",
    "Category": "resources[…].schema.fields[…].categories[…]",
    "Refers": "resources[…].schema.fields[…].refers",
    "RowCheck": "resources[…].checks[…]",
    "Measure": "measures.<name>",
    "Indicator": "indicators.<name>",
    "Target": "indicators.<name>.targets[…]",
    "FormulaVersion": "indicators.<name>.versions[…]",
    "FigureLevel": "indicators.<name>.levels[…]",
    "Basis": "indicators.<name>.targets[…].basis",
    "Dashboard": "dashboard",
    "Panel": "dashboard.rows[…][…]",
    "Translations": "titles, descriptions, labels",
}
"""Where each model stands in a contract, in the page's order."""

INTRODUCTION = """\
# Contract, key by key

A contract is one folder `datasets/<subsystem>/` with a `datapackage.yaml`: a Frictionless Data Package (v2) with the keys of our profile.
How to write one: [Add a dataset](../how-to/add-a-dataset.md), [Add an indicator](../how-to/add-an-indicator.md). Editors complete and
check the keys with the [JSON Schema](contract.schema.json); `./ioc check` checks what keys say together, and names file, line, key,
value and what to write.

A *name* is written with small letters, digits and `-`; a *column* with small letters, digits and `_`. Values are those of YAML 1.2:
`on` is a word, `17:00` a text, a date stays as it is written.

This page is made from the model (`python -m datasets.model.contract_page`).
"""

FUNCTIONS = """\
## Functions of measures

What `function:` may name, and what `with:` then holds. What a function gives does not add: `over_time: none` and `over_units: none`.
"""


def models(model: type[BaseModel] = Contract) -> dict[str, type[BaseModel]]:
    """Every model of a contract by its class's name, the contract first."""
    found: dict[str, type[BaseModel]] = {}

    def walk(one: type[BaseModel]) -> None:
        if one.__name__ not in found:
            found[one.__name__] = one
            for field in one.model_fields.values():
                for inner in _models_in(field.annotation):
                    walk(inner)

    walk(model)
    return found


def page_text() -> str:
    """The page as it stands in the file. Raises KeyError for a model without a place and a key without an example."""
    known = models()
    shown = examples()
    parts = [INTRODUCTION]
    for name in sorted(known, key=list(PLACES).index):
        model = known[name]
        parts.append(f"## `{PLACES[name]}`\n\n{_sentence(model.__doc__ or '')}\n\n" + "\n".join(_table(model, shown[name])) + "\n")
    parts.append(FUNCTIONS + "\n" + "\n".join(_functions()))
    return "\n".join(parts)


def _table(model: type[BaseModel], shown: dict[str, str]) -> Iterator[str]:
    yield "| key | what it says | type | without it | example |"
    yield "|---|---|---|---|---|"
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield f"{_row(key, field)} `{_cell(shown[key])}` |"


def _functions() -> Iterator[str]:
    for name, declaration in MEASURE_FUNCTIONS.items():
        yield f"### `{name}`\n\n{_sentence(declaration.arguments.__doc__ or '')}\n"
        yield "| argument | what it says | type | without it |"
        yield "|---|---|---|---|"
        for key, field in declaration.arguments.model_fields.items():
            yield _row(key, field)
        yield ""


def _row(key: str, field: FieldInfo) -> str:
    says = _sentence(field.description or "")
    return f"| `{key}` | {_cell(says)} | {_cell(type_text(field.annotation, field))} | {_cell(_default(field))} |"


def type_text(annotation: Any, field: FieldInfo | None = None) -> str:
    """What may be written for a key, in words."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _constrained(arguments) or type_text(arguments[0])
    if origin is Literal:
        return "one of " + ", ".join(f"`{value}`" for value in arguments)
    if origin in (typing.Union, UnionType):
        return " or ".join(dict.fromkeys(type_text(part) for part in arguments if part is not NoneType))
    if origin is list:
        return f"list of {type_text(arguments[0])}"
    if origin is dict:
        return f"{type_text(arguments[0])} → {type_text(arguments[1])}"
    if field is not None and (constrained := _constrained(tuple(field.metadata))):
        return constrained
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "one of " + ", ".join(f"`{member.value}`" for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        place = PLACES[annotation.__name__]
        return f"[{annotation.__name__}](#{_anchor(place)})"
    names: dict[Any, str] = {str: "text", bool: "`true` or `false`", int: "whole number", float: "number", dt.date: "date", Any: "anything"}
    return names[annotation]


def _constrained(metadata: tuple[Any, ...]) -> str | None:
    patterns = [getattr(part, "pattern", None) for part in metadata]
    if any(pattern and "[-_]" in str(pattern) for pattern in patterns):
        return "name"
    return "column" if any(pattern and "a-z0-9_" in str(pattern) for pattern in patterns) else None


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**must be written**"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "nothing"
    if isinstance(value, BaseModel):
        return "the defaults of its keys"
    if value in ([], {}):
        return "none"
    if value == "":
        return "an empty text"
    plain = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    return f"`{plain or (str(value) if not isinstance(value, list) else '[' + ', '.join(_quoted(v) for v in value) + ']')}`"


def _quoted(value: Any) -> str:
    return '""' if value == "" else str(value)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _models_in(part)]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _anchor(heading: str) -> str:
    """Anchor of a heading as GitHub makes it: small letters, digits, `-` and `_` stay, spaces become `-`."""
    return "".join(letter for letter in heading.lower().replace(" ", "-") if letter.isalnum() or letter in "-_")


def main() -> None:
    """Write the page's file."""
    PAGE_PATH.write_text(page_text(), encoding="utf-8")
    typer.echo(f"written: {PAGE_PATH}")


if __name__ == "__main__":
    typer.run(main)
