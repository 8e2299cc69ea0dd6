"""XLSX workbooks: guarded, read by python-calamine in a process with limits, and written as the contract writes its cells."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import polars as pl

from ckan_harvesters.decode.decoded import Decoded
from ckan_harvesters.decode.frame import framed
from ckan_harvesters.decode.header import Header, match_header
from ckan_harvesters.decode.sheet import SECONDS, SEPARATOR, read
from ckan_harvesters.errors import Refused
from datasets.model.contract import ContractField, Resource

DECODER = "xlsx/1"
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 100
RATIO_MATTERS_FROM = 20 * 1024 * 1024
MAX_ENTRIES = 2_000
BLOCK = 1024 * 1024
LINE = "line"
ROW = "row"
DEFAULT_DATE = "%Y-%m-%d"
DEFAULT_DATETIME = "%Y-%m-%dT%H:%M:%S"
CHILD = "ckan_harvesters.decode.sheet"


def decode_workbook(path: Path, resource: Resource, apart: bool = True) -> Decoded:
    """Decode one sheet: the contract's, or the first. Raises Refused, see `decode`."""
    guard(path)
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        target = Path(folder) / "sheet.csv"
        sheet = resource.dialect.sheet or ""
        if apart:
            read_apart(path, target, sheet)
        else:
            _refuse_errors(read(path, target, sheet))
        return _decoded(target, resource)


def guard(path: Path) -> None:
    """Stop an archive that is not a workbook or that unpacks to too much, before any parser sees it.

    The directory is checked first, then each entry is unpacked to nowhere, because a directory may lie.
    Raises Refused `not_a_workbook`, `workbook_too_large`, `workbook_swollen`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if "xl/workbook.xml" not in {e.filename for e in entries}:
                raise Refused("not_a_workbook", detail="xl/workbook.xml")
            unpacked = sum(e.file_size for e in entries)
            packed = max(1, sum(e.compress_size for e in entries))
            bomb = unpacked > RATIO_MATTERS_FROM and unpacked / packed > MAX_RATIO
            if unpacked > MAX_UNPACKED:
                raise Refused("workbook_too_large", megabytes=unpacked // 1024**2, limit=MAX_UNPACKED // 1024**2)
            if len(entries) > MAX_ENTRIES or bomb:
                raise Refused("workbook_swollen")
            for entry in entries:
                with archive.open(entry) as content:
                    while content.read(BLOCK):
                        continue
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Refused("not_a_workbook", detail=str(error)[:200]) from error


def bare_environment() -> dict[str, str]:
    """What a reader of strangers' files needs: no secret of the worker is in it."""
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG", "TMPDIR") if name in os.environ}


def read_apart(path: Path, target: Path, sheet: str) -> None:
    """Writes a sheet's rows (the first sheet's when `sheet` is empty) to `target` as CSV of tagged cells. Raises Refused."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", CHILD, str(path), str(target), sheet],
            capture_output=True, text=True, timeout=2 * SECONDS, check=False, env=bare_environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Refused("workbook_swollen") from error
    if child.returncode != 0 and ("MemoryError" in child.stderr or child.returncode < 0 or "memory allocation" in child.stderr):
        raise Refused("workbook_swollen")
    if child.returncode != 0:
        raise Refused("not_a_workbook", detail=child.stderr.strip()[-200:])
    _refuse_errors(json.loads(child.stdout))


def _refuse_errors(said: dict[str, Any]) -> None:
    if "error" in said:
        raise Refused(said["error"], **{name: value for name, value in said.items() if name != "error"})


def _decoded(source: Path, resource: Resource) -> Decoded:
    header_row = resource.dialect.header_row
    header: Header | None = None
    lines: list[int] = []
    rows: list[str] = []
    with source.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.reader(file), start=1):
            if line == header_row:
                header = match_header([cell[1:] for cell in row], resource, line)
            elif line > header_row and any(cell[1:].strip() for cell in row):
                lines.append(line)
                rows.append(SEPARATOR.join(row))
    if header is None:
        raise Refused("empty_file")
    cells = pl.DataFrame({ROW: rows}, schema={ROW: pl.String})
    cells = cells.select(pl.col(ROW).str.split_exact(SEPARATOR, header.width - 1).alias(ROW)).unnest(ROW)
    for index in header.unnamed:
        filled = cells.to_series(index).str.slice(1).str.strip_chars() != ""
        if filled.any():
            raise Refused("unnamed_column", position=index + 1, line=lines[filled.arg_true()[0]])
    made = framed(pl.Series(LINE, lines, pl.UInt32), cells, header, resource, _written)
    return Decoded(made.frame, header.written, DECODER, [], made.left_out, tuple(s.written for s in header.spread))


def _written(field: ContractField, cell: pl.Expr) -> pl.Expr:
    """A tagged cell as the contract would have it written: its date format, its decimal mark."""
    kind, value = cell.str.slice(0, 1), cell.str.slice(1)
    date_format = field.format if field.type in ("date", "datetime") and field.format not in (None, "default") else None
    as_date = date_format or (DEFAULT_DATETIME if field.type == "datetime" else DEFAULT_DATE)
    as_datetime = date_format if date_format and field.type == "datetime" else DEFAULT_DATETIME
    moment = pl.when(kind == "t").then(value).otherwise(None).str.to_datetime(DEFAULT_DATETIME, strict=False)
    day = pl.when(kind == "d").then(value).otherwise(None).str.to_date(DEFAULT_DATE, strict=False)
    number = value.str.replace(".", field.decimalChar, literal=True) if field.decimalChar != "." and field.type == "number" else value
    return (
        pl.when(kind == "d").then(day.dt.strftime(as_date))
        .when(kind == "t").then(moment.dt.strftime(as_datetime))
        .when(kind == "n").then(number)
        .otherwise(value)
    )  # fmt: skip
