"""Contracts that tests bring for real statistics: province-level tables, written as a stranger would write them."""

from __future__ import annotations

from pathlib import Path

from datasets.model.contract import Contract
from datasets.model.read import read_contract

DATAPACKAGE = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: real-statistics
version: 1.0.0
title: Số liệu thật để kiểm thử
titles: {en: Real statistics for a test, fr: Statistiques réelles pour un test}
subsystem: {order: 98, owner: cuc-thong-ke}
resources:
  - name: covid-cases
    path: examples/covid-cases.csv
    title: Ca COVID-19 theo tỉnh và ngày
    titles: {en: COVID-19 cases by province and day, fr: Cas de COVID-19 par province et par jour}
    publishers: [so-y-te]
    steward: so-y-te/thu-truong
    access: shared
    legal_basis: quy-che-ioc/dieu-12
    delivery: {scope: whole, column: ngay}
    obligation: {calendar: day, due: "17:00"}
    schema:
      fields:
        - {name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {required: true}}
        - {name: ma_tinh, column: province, title: Mã tỉnh, type: string, refers: {unit: province, on: ngay}, constraints: {required: true}}
        - {name: so_ca, column: cases, title: Số ca, type: integer, constraints: {minimum: 0}}
      primaryKey: [ngay, ma_tinh]
  - name: tourism-turnover
    path: examples/tourism-turnover.csv
    title: Doanh thu du lịch lữ hành theo tỉnh và năm
    titles: {en: Tourism turnover by province and year, fr: "Chiffre d'affaires du tourisme par province et par année"}
    publishers: [cuc-thong-ke]
    steward: cuc-thong-ke/thu-truong
    access: open
    legal_basis: quy-che-ioc/dieu-12
    dialect: {delimiter: ";"}
    delivery: {scope: whole, column: nam}
    obligation: {calendar: year, due: "+90d 17:00"}
    schema:
      fields:
        - {name: nam, column: year, title: Năm, type: year, constraints: {required: true}}
        - {name: tu_ngay, column: since, title: Từ ngày, type: date, constraints: {required: true}}
        - name: ma_tinh
          column: province
          title: Mã tỉnh
          refers: {unit: province, on: tu_ngay}
          constraints: {required: true}
        - {name: ty_dong, column: billion_vnd, title: Tỷ đồng, type: number, decimalChar: ".", constraints: {minimum: 0}}
      missingValues: ["", ".."]
      primaryKey: [nam, ma_tinh]
"""

EXAMPLES = {
    "covid-cases.csv": "ngay,ma_tinh,so_ca\n01/08/2021,40,12\n",
    "tourism-turnover.csv": "nam;tu_ngay;ma_tinh;ty_dong\n2015;2015-01-01;40;1.5\n",
}

# The provinces of the COVID series have the numbers of university admissions; here with the administrative codes of before 2025.
PROVINCE_OF_SERIES = {
    1: "01", 2: "79", 3: "31", 4: "48", 5: "02", 6: "04", 7: "12", 8: "10", 9: "08", 10: "20", 11: "06", 12: "19",
    13: "15", 14: "14", 15: "25", 16: "26", 17: "22", 18: "24", 19: "27", 21: "30", 22: "33", 23: "17", 24: "35", 25: "36",
    26: "34", 27: "37", 28: "38", 29: "40", 30: "42", 31: "44", 32: "45", 33: "46", 34: "49", 35: "51", 36: "62", 37: "52",
    38: "64", 39: "54", 40: "66", 41: "56", 42: "68", 43: "70", 44: "74", 45: "58", 46: "72", 47: "60", 48: "75", 49: "80",
    50: "87", 51: "89", 52: "77", 53: "82", 54: "91", 55: "92", 56: "83", 57: "86", 58: "84", 59: "94", 60: "95", 61: "96",
    62: "11", 63: "67", 64: "93",
}  # fmt: skip


def real_contract(folder: Path) -> Contract:
    """Writes the contract's folder and reads it as any other."""
    (folder / "examples").mkdir(parents=True)
    (folder / "datapackage.yaml").write_text(DATAPACKAGE)
    for name, text in EXAMPLES.items():
        (folder / "examples" / name).write_text(text)
    return read_contract(folder)
