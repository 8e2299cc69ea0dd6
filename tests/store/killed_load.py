"""A program that loads one delivery; the tests have it killed. Arguments: address of the store, job, number of rows."""

from __future__ import annotations

import sys

from ckan_harvesters.load import load
from tests.store.contracts import UNITS, Row, checked

if __name__ == "__main__":
    address, job, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    rows: list[Row] = [("2021-08-01", UNITS[0], f"d{n}", n) for n in range(count)]
    print(load(address, checked(rows, ckan_resource="r1"), job).state)
