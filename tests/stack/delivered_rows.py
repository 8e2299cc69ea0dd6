"""The rows of the files that stand in the store, read again from the kept files without the product's decoder.

Only what a contract's YAML says of a file is used: its encoding, separator, sheet, header row and the form of days and numbers.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import yaml

CONTRACTS = Path(__file__).parents[2] / "datasets"
BLANK = ("", "-", "..")
LOADS = """
SELECT l.load_id, f.path FROM ledger.current_load l JOIN ledger.file f ON f.sha256 = l.file_sha256
WHERE l.kind = 'file' AND l.table_name = %s
"""
REJECTED = "SELECT line FROM ledger.rejected_row WHERE load_id = %s"

Row = dict[str, Any]


class DeliveredRows:
    """The accepted rows of each dataset by `contract/resource`, by the columns of the store; read once.

    Raises KeyError for a resource that no contract has.
    """

    def __init__(self, conn: psycopg.Connection[Any], files: Path) -> None:
        self._conn, self._files = conn, files
        self._read: dict[str, list[Row]] = {}

    def __getitem__(self, name: str) -> list[Row]:
        if name not in self._read:
            contract, _, resource = name.partition("/")
            said = yaml.safe_load((CONTRACTS / contract / "datapackage.yaml").read_text(encoding="utf-8"))
            self._read[name] = self._rows(contract, {r["name"]: r for r in said["resources"]}[resource])
        return self._read[name]

    def _rows(self, contract: str, resource: dict[str, Any]) -> list[Row]:
        table = f"{contract}.{resource['name'].replace('-', '_')}__v1"
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        rows: list[Row] = []
        for load, path in self._conn.execute(LOADS, (table,)).fetchall():
            rejected = {line for (line,) in self._conn.execute(REJECTED, (load,))}
            header, *lines = _lines(self._files / path, resource)
            first = resource.get("dialect", {}).get("headerRows", [1])[0] + 1
            for number, cells in enumerate(lines, start=first):
                if number not in rejected and any(cell not in (None, "") for cell in cells):
                    named = zip(header, cells, strict=False)
                    rows.append({fields[n].get("column", n): _value(fields[n], cell) for n, cell in named if n in fields})
        return rows


def _lines(path: Path, resource: dict[str, Any]) -> Sequence[Sequence[Any]]:
    """The lines of a file from its header on, as text or as the cells of its sheet."""
    dialect, content = resource.get("dialect", {}), path.read_bytes()
    above = dialect.get("headerRows", [1])[0] - 1
    if content[:2] == b"PK":
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        sheet = book[dialect["excel"]["sheet"]] if "excel" in dialect else book.worksheets[0]
        return list(sheet.iter_rows(values_only=True))[above:]
    encoding = {"windows-1258": "cp1258", "utf-8": "utf-8-sig"}.get(resource.get("encoding", "utf-8"), resource.get("encoding", "utf-8"))
    text = unicodedata.normalize("NFC", content.decode(encoding))
    return list(csv.reader(io.StringIO(text), delimiter=dialect.get("delimiter", ",")))[above:]


def _value(field: dict[str, Any], cell: Any) -> Any:
    """A day, moment (local time), number or text; None for an empty cell or a mark that stands for one."""
    text = cell.strip() if isinstance(cell, str) else cell
    if text is None or text in BLANK:
        return None
    match field["type"]:
        case "date":
            return text.date() if isinstance(text, dt.datetime) else dt.datetime.strptime(text, field.get("format", "%Y-%m-%d")).date()  # noqa: DTZ007
        case "datetime":
            return text if isinstance(text, dt.datetime) else dt.datetime.strptime(text, field["format"])  # noqa: DTZ007
        case "integer" | "number":
            return text if isinstance(text, int | float) else _number(field, text)
        case "boolean":
            return text is True or text == "true"
    return str(int(text)) if isinstance(text, float) and text.is_integer() else str(text)


def _number(field: dict[str, Any], text: str) -> float:
    return float(text.replace(field.get("groupChar", " "), "").replace(field.get("decimalChar", "."), "."))
