"""Which column of the file is which field of the contract."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ckan_harvesters.decode.wide_header import Spread, WideHeader, spaced
from ckan_harvesters.errors import VALUE_LIMIT, HeaderRefused
from datasets.model.contract import Resource

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Header:
    """The header row, matched to the contract.

    `positions` gives for each field the index of its column, `written` its header as in the file, `width` the number of
    cells that each row must have, `unnamed` the indexes of columns without a header, which must stay empty. `spread` are the columns
    of a wide table that hold values.
    """

    positions: dict[str, int]
    written: dict[str, str]
    width: int
    unnamed: tuple[int, ...]
    spread: tuple[Spread, ...] = ()


def canonical(name: str) -> str:
    """A header in the form in which two are compared: NFC, one space between words, no case."""
    return spaced(name).casefold()


def match_header(cells: list[str], resource: Resource, line: int) -> Header:
    """Match the header's cells to the contract's fields, in any order.

    Raises Refused: `delimiter_wrong`, `header_wrong`, `duplicate_header`, `missing_column`, `unknown_column`. A column that
    the contract does not know is refused rather than ignored: the file itself becomes readable in CKAN once it is accepted.
    """
    fields, wide = resource.file_fields, WideHeader(resource)
    expected = {canonical(f.name): f.name for f in fields}
    found = [canonical(cell) for cell in cells]
    spread = [s for i, cell in enumerate(cells) if found[i] not in expected and (s := wide.spread(i, cell))]
    headers = [f.name for f in fields] + ([resource.wide.headers] if resource.wide else [])
    names: dict[str, Any] = {"found": _listed(cells), "expected": _listed(headers), "line": line}
    known = [name for name in found if name in expected]
    if not known and len(cells) == 1 and len(headers) > 1:
        other = next((d for d in DELIMITERS if d != resource.dialect.delimiter and d in cells[0]), None)
        if other and any(canonical(part) in expected for part in cells[0].split(other)):
            raise HeaderRefused(
                "delimiter_wrong", cells[0].split(other), found=_spoken(other), expected=_spoken(resource.dialect.delimiter), line=line
            )
    if len(set(known)) * 2 < len(expected):
        raise HeaderRefused("header_wrong", cells, **names)
    repeated = [cells[found.index(name)] for name, count in Counter(n for n in found if n).items() if count > 1]
    repeated += _twice(spread, resource) if not repeated else []
    if repeated:
        raise HeaderRefused("duplicate_header", cells, columns=_listed(repeated), line=line)
    missing = [name for key, name in expected.items() if key not in found]
    missing += [resource.wide.headers] if resource.wide and not spread else []
    if missing:
        raise HeaderRefused("missing_column", cells, columns=_listed(missing), **names)
    wide_at = {one.index for one in spread}
    unknown = [cells[i] for i, name in enumerate(found) if name and name not in expected and i not in wide_at]
    if unknown:
        raise HeaderRefused("unknown_column", cells, columns=_listed(unknown), **names)
    positions = {expected[name]: index for index, name in enumerate(found) if name in expected}
    return Header(
        positions=positions,
        written={name: cells[index].strip() for name, index in positions.items()},
        width=len(cells),
        unnamed=tuple(index for index, name in enumerate(found) if not name),
        spread=tuple(spread),
    )


def _twice(spread: list[Spread], resource: Resource) -> list[str]:
    """Wide columns that say the same, as "2016" and "Prel. 2016" do."""
    years = {field.name for field in resource.schema_.fields if field.type == "year"}
    seen: set[tuple[str, ...]] = set()
    again = []
    for one in spread:
        said = tuple(re.sub(r".*?(\d{4}).*", r"\1", text) if name in years else text for name, text in one.values.items())
        again += [one.written] if said in seen else []
        seen.add(said)
    return again


def _listed(names: list[str]) -> str:
    return ", ".join(name.strip() or "(…)" for name in names)[: 2 * VALUE_LIMIT]


def _spoken(delimiter: str) -> str:
    return "TAB" if delimiter == "\t" else delimiter
