"""A program that loads one delivery that is owed; the tests have it killed. Arguments: address of the store, job."""

from __future__ import annotations

import sys

from ckan_harvesters.load import load
from tests.store.supplied import delivery, owing

if __name__ == "__main__":
    print(load(sys.argv[1], delivery(owing(), "so-y-te|2026-03-04", 2), sys.argv[2]).state)
