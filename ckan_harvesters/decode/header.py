"""Which column of the file is which field of the contract."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ckan_harvesters.errors import VALUE_LIMIT, HeaderRefused
from datasets.model.contract import Resource

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Header:
    """The header row, matched to the contract.

    `positions` gives for each field the index of its column, `written` its header as in the file, `width` the number of
    cells that each row must have, `unnamed` the indexes of columns without a header, which must stay empty.
    """

    positions: dict[str, int]
    written: dict[str, str]
    width: int
    unnamed: tuple[int, ...]


def canonical(name: str) -> str:
    """A header in the form in which two are compared: NFC, one space between words, no case."""
    return " ".join(unicodedata.normalize("NFC", name.replace("\ufeff", "").replace("\u00a0", " ")).split()).casefold()


def match_header(cells: list[str], resource: Resource, line: int) -> Header:
    """Match the header's cells to the contract's fields, in any order.

    Raises Refused: `delimiter_wrong`, `header_wrong`, `duplicate_header`, `missing_column`, `unknown_column`. A column that
    the contract does not know is refused rather than ignored: the file itself becomes readable in CKAN once it is accepted.
    """
    fields = resource.schema_.fields
    expected = {canonical(f.name): f.name for f in fields}
    found = [canonical(cell) for cell in cells]
    names: dict[str, Any] = {"found": _listed(cells), "expected": _listed([f.name for f in fields]), "line": line}
    known = [name for name in found if name in expected]
    if not known and len(cells) == 1 and len(fields) > 1:
        other = next((d for d in DELIMITERS if d != resource.dialect.delimiter and d in cells[0]), None)
        if other and any(canonical(part) in expected for part in cells[0].split(other)):
            raise HeaderRefused(
                "delimiter_wrong", cells[0].split(other), found=_spoken(other), expected=_spoken(resource.dialect.delimiter), line=line
            )
    if len(set(known)) * 2 < len(expected):
        raise HeaderRefused("header_wrong", cells, **names)
    repeated = [name for name, count in Counter(n for n in found if n).items() if count > 1]
    if repeated:
        raise HeaderRefused("duplicate_header", cells, columns=_listed([cells[found.index(n)] for n in repeated]), line=line)
    missing = [name for key, name in expected.items() if key not in found]
    if missing:
        raise HeaderRefused("missing_column", cells, columns=_listed(missing), **names)
    unknown = [cell for cell, name in zip(cells, found, strict=True) if name and name not in expected]
    if unknown:
        raise HeaderRefused("unknown_column", cells, columns=_listed(unknown), **names)
    positions = {expected[name]: index for index, name in enumerate(found) if name}
    return Header(
        positions=positions,
        written={name: cells[index].strip() for name, index in positions.items()},
        width=len(cells),
        unnamed=tuple(index for index, name in enumerate(found) if not name),
    )


def _listed(names: list[str]) -> str:
    return ", ".join(name.strip() or "(…)" for name in names)[: 2 * VALUE_LIMIT]


def _spoken(delimiter: str) -> str:
    return "TAB" if delimiter == "\t" else delimiter
