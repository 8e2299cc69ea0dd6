"""Seconds that a clerk waits for the check before publication, through the desk service of a running instance.

    python bench/desk.py [--rows 100000] [--runs 3] [--without-frictionless]

The file goes to the service as CKAN sends it. Beside it, on the same file: Python's csv module with checks row by row, and the
`frictionless` tool with the same table schema (which knows neither units nor other deliveries). One row in a thousand is bad: a day of no
calendar, a text in a number, an unknown unit, a ward that does not exist, a repeated key.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import xlsxwriter

from control.secrets import Secrets
from control.settings import Instance
from datasets.model.contract import Level
from datasets.model.reference import read_reference

DATASET, AGENCY = "health-bed-days", "so-y-te"
HEADER = ["ngay", "ma_xa", "ma_co_so", "khoa", "giuong_thuc_ke", "giuong_su_dung"]
WARDS = ("thuong", "hoi-suc")
GOAL_SECONDS = 2.0
SCHEMA = {
    "fields": [
        {"name": "ngay", "type": "date", "format": "%d/%m/%Y", "constraints": {"required": True}},
        {"name": "ma_xa", "type": "string", "constraints": {"required": True}},
        {"name": "ma_co_so", "type": "string", "constraints": {"required": True, "pattern": "^[0-9]{5}$"}},
        {"name": "khoa", "type": "string", "constraints": {"required": True, "enum": list(WARDS)}},
        {"name": "giuong_thuc_ke", "type": "integer", "constraints": {"required": True, "minimum": 0}},
        {"name": "giuong_su_dung", "type": "integer", "constraints": {"minimum": 0}},
    ],
    "missingValues": ["", "..", "-"],
    "primaryKey": ["ngay", "ma_co_so", "khoa"],
}


def table(day: date, rows: int) -> list[list[str]]:
    """Rows of one day, two wards for each facility."""
    chance = random.Random(5)
    codes = [u.code for u in read_reference().unit_index.valid(Level.COMMUNE, day, "40")]
    made: list[list[str]] = []
    for number in range(rows):
        cells = [f"{day:%d/%m/%Y}", chance.choice(codes), f"{number // 2:05}", WARDS[number % 2], str(chance.randint(10, 900)), "7"]
        if number % 1000 == 999:
            kind = number // 1000 % 5
            if kind == 4:
                cells = list(made[-1])
            else:
                cells[(0, 4, 1, 3)[kind]] = (f"32/{day:%m/%Y}", "mười", "99999", "khác")[kind]
        made.append(cells)
    return made


def write_csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(rows)


def write_workbook(path: Path, rows: list[list[str]]) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate([HEADER, *rows]):
        sheet.write_row(number, 0, row)
    book.close()


def through_the_service(instance: Instance, path: Path, day: date) -> tuple[int, int]:
    """Accepted and rejected rows, as the clerk is told."""
    with path.open("rb") as file:
        answer = requests.post(
            f"{instance.url('desk')}/check",
            headers={"Authorization": f"Bearer {Secrets(instance)['desk_token']}"},
            data={"dataset": DATASET, "agency": AGENCY, "period": day.isoformat(), "filename": path.name},
            files={"file": (path.name, file)},
            timeout=300,
        )
    answer.raise_for_status()
    said: dict[str, Any] = answer.json()
    if said["state"] == "refused":
        raise SystemExit(f"the file was refused: {said['refused_code']} {said['params']}")
    return said["accepted"], said["rejected"]


def row_by_row(path: Path, _day: date) -> tuple[int, int]:
    """The same checks by the csv module and Python."""
    units = read_reference().unit_index
    keys: set[tuple[str, str, str]] = set()
    accepted = rejected = 0
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        for text, code, facility, ward, beds, used in reader:
            try:
                on = datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a date
                good = int(beds) >= 0 and int(used or 0) >= 0 and len(facility) == 5 and facility.isdigit() and ward in WARDS
            except ValueError:
                good = False
            key = (text, facility, ward)
            if good and key not in keys and units.resolve(code, Level.COMMUNE, on) is not None:
                keys.add(key)
                accepted += 1
            else:
                rejected += 1
    return accepted, rejected


def by_frictionless(path: Path, _day: date) -> tuple[int, int]:
    """The same file by the `frictionless` tool; it has no units, so unknown ones pass."""
    from frictionless import Checklist, Dialect, Resource, Schema, formats, system

    dialect = Dialect(controls=[formats.CsvControl(delimiter=";")])
    with system.use_context(trusted=True):
        resource = Resource(path=str(path), schema=Schema.from_descriptor(SCHEMA), dialect=dialect)
        report = resource.validate(Checklist(), limit_errors=1_000_000)
    bad = {error.row_number for task in report.tasks for error in task.errors if hasattr(error, "row_number")}
    return report.tasks[0].stats["rows"] - len(bad), len(bad)


def timed(name: str, work: Callable[[], tuple[int, int]], runs: int) -> float:
    """Median seconds, printed with what was found."""
    seconds, found = [], (0, 0)
    for _ in range(runs):
        began = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - began)
    median = statistics.median(seconds)
    print(f"  {name:28} {median:7.2f} s   {found[0]:,} accepted, {found[1]:,} rejected")
    return median


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without-frictionless", action="store_true")
    given = parser.parse_args()
    instance, day = Instance.from_environment(), datetime.now().astimezone().date() - timedelta(days=400)
    with tempfile.TemporaryDirectory() as folder:
        text, book = Path(folder) / "beds.csv", Path(folder) / "beds.xlsx"
        rows = table(day, given.rows)
        write_csv(text, rows)
        write_workbook(book, rows)
        print(f"{given.rows:,} rows, CSV {text.stat().st_size / 1e6:.1f} MB, XLSX {book.stat().st_size / 1e6:.1f} MB")
        ours = timed("the desk's check, CSV", lambda: through_the_service(instance, text, day), given.runs)
        timed("the desk's check, XLSX", lambda: through_the_service(instance, book, day), given.runs)
        others = {"csv + Python, row by row": timed("csv + Python, row by row", lambda: row_by_row(text, day), 1)}
        if not given.without_frictionless:
            others["frictionless"] = timed("frictionless", lambda: by_frictionless(text, day), 1)
    print(f"goal {GOAL_SECONDS} s: {'kept' if ours <= GOAL_SECONDS else 'MISSED'}")
    for name, seconds in others.items():
        print(f"{name} takes {seconds / ours:.1f} times as long")


if __name__ == "__main__":
    main()
