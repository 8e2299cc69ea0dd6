"""What the header of a wide table's column says: the year, day or item that its cells are about."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ckan_harvesters.written_date import date_format, date_shape
from datasets.model.contract import ContractField, Resource
from datasets.model.figure_status import StatusColumn

ISO_DAY = r"\d{4}-\d{2}-\d{2}"
"""How a day in a workbook's header is given by its reader, whatever it looks like there."""


LONGEST = 300
"""Characters of a header that says something. Two fields of free text are looked for in a time that grows with the square of it."""


@dataclass(frozen=True)
class Spread:
    """One such column: its place in the file, its header as written, and the text of each field that the header holds."""

    index: int
    written: str
    values: dict[str, str]


def spaced(text: str) -> str:
    """A header in NFC with one blank between words, its letters as they are written."""
    return " ".join(unicodedata.normalize("NFC", text.replace("\ufeff", "").replace("\u00a0", " ")).split())


class WideHeader:
    """The contract's `wide.headers` as a pattern. For a resource without it, no column matches."""

    def __init__(self, resource: Resource) -> None:
        wide = resource.wide
        self.fields = [resource.schema_.field(name) for name in wide.parts] if wide else []
        pattern = _gap(wide.texts[0]) if wide else ""
        for field, text in zip(self.fields, wide.texts[1:] if wide else [], strict=True):
            pattern += f"({_shape(field, resource)}){_gap(text)}"
        self.pattern = re.compile(pattern, re.IGNORECASE)

    def spread(self, index: int, cell: str) -> Spread | None:
        """What a column's header says; None when it is none of the wide columns."""
        text = spaced(cell)
        found = self.pattern.fullmatch(text) if self.fields and len(text) <= LONGEST else None
        if found is None:
            return None
        values = {field.name: _as_declared(field, text) for field, text in zip(self.fields, found.groups(), strict=True)}
        return Spread(index, cell.strip(), values)


def _gap(text: str) -> str:
    """The text beside a field, as a pattern for headers with one blank between words."""
    plain = re.escape(spaced(text)).replace(r"\ ", " ")
    before = " " if text[:1].isspace() and plain else ""
    return before + plain + (" " if text[-1:].isspace() else "")


def _shape(field: ContractField, resource: Resource) -> str:
    match field.type:
        case "year":
            marks = _marks(field, resource)
            return rf"(?:{marks}\s?)?\d{{4}}(?:\s?{marks})?" if marks else r"\d{4}"
        case "date":
            return rf"{date_shape(field.format)[1:-1]}|{ISO_DAY}"
        case "integer":
            return r"\d+"
        case _ if field.constraints.enum:
            return "|".join(re.escape(spaced(str(value))) for value in sorted(field.constraints.enum, key=lambda v: -len(str(v))))
        case _:
            return r"\S(?:.*\S)?"


def _marks(field: ContractField, resource: Resource) -> str:
    """The words of a status that stand beside this field's value."""
    status, own = resource.status, resource.status_field
    if not isinstance(status, StatusColumn) or own is None or own.within != field.name:
        return ""
    words = sorted((word for listed in (status.words or {}).values() for word in listed), key=len, reverse=True)
    return rf"\(?(?:{'|'.join(re.escape(spaced(word)) for word in words)})\)?"


def _as_declared(field: ContractField, text: str) -> str:
    """The text as the contract writes it: an item in the spelling of its enum, a workbook's day in the field's format."""
    if field.constraints.enum and field.type == "string":
        return next((str(v) for v in field.constraints.enum if spaced(str(v)).casefold() == text.casefold()), text)
    if field.type == "date" and re.fullmatch(ISO_DAY, text) and not re.fullmatch(date_shape(field.format)[1:-1], text):
        year, month, day = text.split("-")
        return date_format(field.format).replace("%Y", year).replace("%m", month).replace("%d", day)
    return text
