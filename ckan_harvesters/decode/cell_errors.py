"""Cells that the workbook's parser gives as empty though they are not: errors (#N/A) and formulas that were never computed."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
TAG = rb"(?:\w+:)?"
CELL = re.compile(rb"<" + TAG + rb"c\b([^>]*?)(?:/>|>(.*?)</" + TAG + rb"c>)", re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
VALUE = re.compile(rb"<" + TAG + rb"v[^>]*>(.*?)</" + TAG + rb"v>", re.DOTALL)
FORMULA = re.compile(rb"<" + TAG + rb"f\b[^>]*?(?:/>|>(.*?)</" + TAG + rb"f>)", re.DOTALL)
SUSPECT = re.compile(rb't="e"|<' + TAG + rb"f\b")


def cell_errors(source: Path, sheet: str) -> dict[tuple[int, int], str]:
    """What stands in such cells of a sheet, `#N/A` or `=A1/B1`, by row and column counted from 0. Raises as zipfile and ElementTree do."""
    with zipfile.ZipFile(source) as archive:
        part = _part(archive, sheet)
        content = archive.read(part) if part in archive.namelist() else b""
    if not SUSPECT.search(content):
        return {}
    found: dict[tuple[int, int], str] = {}
    for cell in CELL.finditer(content):
        attributes, inside = cell.group(1), cell.group(2) or b""
        place = PLACE.search(attributes)
        text = _hidden(attributes, inside) if place else None
        if place and text is not None:
            found[int(place.group(2)) - 1, _column(place.group(1).decode())] = text
    return found


def _hidden(attributes: bytes, inside: bytes) -> str | None:
    value, formula = VALUE.search(inside), FORMULA.search(inside)
    if b't="e"' in attributes:
        return html.unescape(value.group(1).decode("utf-8", "replace")) if value else "#ERROR!"
    if formula and not value and b't="str"' not in attributes:
        return "=" + html.unescape((formula.group(1) or b"").decode("utf-8", "replace"))
    return None


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Name of the archive's file that holds the sheet; "" when it is not named there."""
    book = ElementTree.fromstring(archive.read(WORKBOOK))  # noqa: S314 - in a process with limits, see sheet.py
    relation = next((s.get(RELATION_ID) for s in book.iter() if s.tag.endswith("}sheet") and s.get("name") == sheet), None)
    relations = ElementTree.fromstring(archive.read(RELATIONS))  # noqa: S314
    target = next((r.get("Target") for r in relations if r.get("Id") == relation), None)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") if target else ""


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
