"""Rows a second of our decode and check, beside Python's csv module with checks row by row, on the same file.

    python bench/check.py [rows]

Both find the same bad rows: a wrong date, a text in a number, an unknown unit, a negative number, a repeated key.
"""

from __future__ import annotations

import csv
import random
import resource as usage
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path

from ckan_harvesters.check import check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import DeliveryScope
from datasets.model.contract import Level, Resource
from datasets.model.reference import read_reference

HEADER = ["ngay", "ma_xa", "co_so", "giuong", "dang_dung", "ti_le", "ghi_chu", "so"]
RESOURCE = Resource.model_validate(
    {
        "name": "beds", "path": "beds.csv", "title": "Giường", "titles": {"en": "Beds"}, "publishers": ["so-y-te"], "steward": "so-y-te/x",
        "access": "open", "legal_basis": "quy-che-ioc/dieu-12", "dialect": {"delimiter": ";"}, "delivery": {"scope": "whole"},
        "obligation": {"calendar": "day", "due": "17:00"}, "allowed_reject_share": 1,
        "schema": {
            "fields": [
                {"name": "ngay", "column": "day", "title": "", "type": "date", "format": "%d/%m/%Y", "constraints": {"required": True}},
                {"name": "ma_xa", "column": "unit", "title": "", "refers": {"unit": "commune", "on": "ngay"}},
                {"name": "co_so", "column": "facility", "title": "", "constraints": {"pattern": "BV[0-9]+"}},
                {"name": "giuong", "column": "beds", "title": "", "type": "integer", "constraints": {"minimum": 0}},
                {"name": "dang_dung", "column": "occupied", "title": "", "type": "integer", "constraints": {"minimum": 0}},
                {"name": "ti_le", "column": "rate", "title": "", "type": "number", "decimalChar": ","},
                {"name": "ghi_chu", "column": "note", "title": ""},
                {"name": "so", "column": "number", "title": "", "type": "integer"},
            ],
            "primaryKey": ["ngay", "ma_xa", "so"],
        },
    }
)  # fmt: skip


def write(path: Path, rows: int, quoted: bool) -> None:
    """A file of that many rows, one in a thousand of them bad; `quoted` puts the notes in quotes."""
    chance = random.Random(1)
    codes = [u.code for u in read_reference().unit_index.valid(Level.COMMUNE, date(2025, 8, 1), "40")]
    mark = '"' if quoted else ""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(";".join(HEADER) + "\r\n")
        for number in range(rows):
            bad = number % 1000 == 999
            day = "31/06/2025" if bad and number % 5000 == 999 else f"{chance.randint(1, 28):02}/{chance.randint(7, 12):02}/2025"
            code = "99999" if bad and number % 5000 == 1999 else chance.choice(codes)
            beds = "x" if bad and number % 5000 == 2999 else "-1" if bad and number % 5000 == 3999 else str(chance.randint(0, 900))
            share = f"{chance.random() * 100:.2f}".replace(".", ",")
            file.write(
                f"{day};{code};BV{chance.randint(1, 90)};{beds};{chance.randint(0, 900)};{share};{mark}ghi chú, dài{mark};{number}\r\n"
            )


def ours(path: Path) -> tuple[int, int]:
    """Accepted and rejected rows by the harvest."""
    reference = read_reference()
    done = check(
        decode(path, RESOURCE), RESOURCE, reference.unit_index, set(reference.agencies), DeliveryScope("so-y-te", key="so-y-te"), "40"
    )
    return done.rows.height, done.rejected_rows


def row_by_row(path: Path) -> tuple[int, int]:
    """Accepted and rejected rows by the csv module and Python."""
    units = read_reference().unit_index
    keys: set[tuple[str, ...]] = set()
    accepted = rejected = 0
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        for day, code, facility, beds, occupied, share, _note, number in reader:
            try:
                on = datetime.strptime(day, "%d/%m/%Y").date()  # noqa: DTZ007 - a date
                float(share.replace(",", "."))
                int(number)
                good = int(beds) >= 0 and int(occupied) >= 0 and facility.startswith("BV") and facility[2:].isdigit()
            except ValueError:
                good = False
            key = (day, code, number)
            if good and key not in keys and units.resolve(code, Level.COMMUNE, on) is not None:
                keys.add(key)
                accepted += 1
            else:
                rejected += 1
    return accepted, rejected


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for quoted in (False, True):
            path = Path(folder) / "beds.csv"
            write(path, rows, quoted)
            print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB, {'with' if quoted else 'without'} quotes")
            for name, run in (("decode + check", ours), ("csv + Python", row_by_row)):
                began = time.perf_counter()
                accepted, rejected = run(path)
                seconds = time.perf_counter() - began
                print(f"  {name:15} {seconds:6.1f} s  {rows / seconds:10,.0f} rows/s  {accepted:,} accepted, {rejected:,} rejected")
    print(f"peak memory {usage.getrusage(usage.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
