"""Reads one sheet in a process of its own, with limits on memory and time: `python -m ckan_harvesters.decode.sheet`.

A workbook comes from outside and its parser holds the whole sheet, so a hostile one ends this process and not the worker.
Each cell is written as one letter for its kind (s text, n number, d date, t date and time, b boolean) and its value.
"""

from __future__ import annotations

import csv
import json
import resource as limits
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

MEMORY = 2 * 1024**3
WRITTEN = 512 * 1024**2
SECONDS = 120
DIGITS = 15
SEPARATOR = "\x1f"
"""Stands between the cells of a row when the worker joins them; XML cannot hold it, so no cell loses anything."""


def spoken_number(value: float) -> str:
    """A workbook's number as its program shows it: at most 15 digits, no exponent, whole numbers without a point."""
    text = format(Decimal(format(value, f".{DIGITS}g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def tagged(value: Any) -> str:
    """One cell as text with its kind in front; an empty one as an empty text."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return f"b{str(value).lower()}"
    if isinstance(value, int | float):
        return f"n{spoken_number(value)}"
    if isinstance(value, datetime):
        return f"t{value.isoformat(timespec='seconds')}" if value.time() != time(0) else f"d{value.date().isoformat()}"
    if isinstance(value, date):
        return f"d{value.isoformat()}"
    if isinstance(value, time | timedelta):
        return f"s{value}"
    return f"s{value}".replace(SEPARATOR, "\ufffd")


def read(source: Path, target: Path, sheet: str) -> dict[str, Any]:
    """Write the sheet's rows to `target`, from the sheet's first row on. Gives {"error": code, …} when it cannot."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    from ckan_harvesters.decode.cell_errors import cell_errors

    try:
        book = CalamineWorkbook.from_path(str(source))
        if sheet and sheet not in book.sheet_names:
            return {"error": "sheet_missing", "sheet": sheet, "found": ", ".join(book.sheet_names)}
        cells = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    except PasswordError:
        return {"error": "workbook_locked"}
    except CalamineError as error:
        return {"error": "not_a_workbook", "detail": str(error)[:200]}
    errors = cell_errors(source, cells.name)
    rows = 0
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for row in cells.to_python(skip_empty_area=False):
            writer.writerow([tagged(errors.get((rows, column), cell)) for column, cell in enumerate(row)] if errors else map(tagged, row))
            rows += 1
    return {"rows": rows, "sheet": cells.name}


def main() -> None:
    limits.setrlimit(limits.RLIMIT_AS, (MEMORY, MEMORY))
    limits.setrlimit(limits.RLIMIT_CPU, (SECONDS, SECONDS))
    limits.setrlimit(limits.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    limits.setrlimit(limits.RLIMIT_CORE, (0, 0))
    source, target, sheet = sys.argv[1:4]
    sys.stdout.write(json.dumps(read(Path(source), Path(target), sheet)))


if __name__ == "__main__":
    main()
