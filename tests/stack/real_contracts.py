"""Contracts that tests bring for real statistics: province-level tables, written as a stranger would write them."""

from __future__ import annotations

from pathlib import Path

from datasets.model.contract import Contract
from datasets.model.read import read_contract

FOLDER = Path(__file__).with_name("real_statistics")

# The provinces of the COVID series have the numbers of university admissions; here with the administrative codes of before 2025.
PROVINCE_OF_SERIES = {
    1: "01", 2: "79", 3: "31", 4: "48", 5: "02", 6: "04", 7: "12", 8: "10", 9: "08", 10: "20", 11: "06", 12: "19",
    13: "15", 14: "14", 15: "25", 16: "26", 17: "22", 18: "24", 19: "27", 21: "30", 22: "33", 23: "17", 24: "35", 25: "36",
    26: "34", 27: "37", 28: "38", 29: "40", 30: "42", 31: "44", 32: "45", 33: "46", 34: "49", 35: "51", 36: "62", 37: "52",
    38: "64", 39: "54", 40: "66", 41: "56", 42: "68", 43: "70", 44: "74", 45: "58", 46: "72", 47: "60", 48: "75", 49: "80",
    50: "87", 51: "89", 52: "77", 53: "82", 54: "91", 55: "92", 56: "83", 57: "86", 58: "84", 59: "94", 60: "95", 61: "96",
    62: "11", 63: "67", 64: "93",
}  # fmt: skip


def real_contracts() -> list[Contract]:
    """`real-statistics` and `real-poverty`, read as any other."""
    return [read_contract(FOLDER / name) for name in ("statistics", "poverty")]
