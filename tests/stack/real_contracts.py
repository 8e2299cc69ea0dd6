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
    sources: [{title: "Niên giám thống kê: doanh thu du lịch lữ hành", titles: {en: "Statistical yearbook: turnover of travelling"}, path: "https://www.nso.gov.vn/"}]
    legal_basis: quy-che-ioc/dieu-12
    dialect: {delimiter: ";", headerRows: [3]}
    subtotals:
      column: Cities, provincies
      values: [WHOLE COUNTRY, Red River Delta, Northern midlands and mountain areas, Northern Central area and Central coastal area,
        Central Highlands, South East, Mekong River Delta]
    delivery: {scope: whole, column: year}
    obligation: {calendar: year, due: "+90d 17:00"}
    wide: {headers: "{year}", value: turnover}
    schema:
      fields:
        - name: Cities, provincies
          column: province
          title: Tỉnh, thành phố
          refers: {unit: province, by: name, on: year}
          constraints: {required: true}
        - {name: year, column: year, title: Năm, type: year, constraints: {required: true}}
        - {name: turnover, column: billion_vnd, title: Tỷ đồng, type: number, unit: tỷ đồng, constraints: {minimum: 0}}
      missingValues: ["", ".."]
      primaryKey: [year, "Cities, provincies"]
  - name: schools
    path: examples/schools.csv
    title: Trường phổ thông theo tỉnh, năm và loại trường
    titles: {en: "Schools by province, year and kind", fr: "Écoles par province, année et type"}
    publishers: [cuc-thong-ke]
    steward: cuc-thong-ke/thu-truong
    access: open
    sources: [{title: "Niên giám thống kê: trường phổ thông", titles: {en: "Statistical yearbook: general education"}, path: "https://www.nso.gov.vn/"}]
    legal_basis: quy-che-ioc/dieu-12
    dialect: {delimiter: ";", headerRows: [3]}
    subtotals:
      column: Cities, provincies
      values: [WHOLE COUNTRY, Red River Delta, Northern midlands and mountain areas, Northern Central area and Central coastal area,
        Central Highlands, South East, Mekong River Delta]
    delivery: {scope: whole, column: year}
    obligation: {calendar: year, due: "+90d 17:00"}
    wide: {headers: "{year} {item}", value: schools}
    schema:
      fields:
        - name: Cities, provincies
          column: province
          title: Tỉnh, thành phố
          refers: {unit: province, by: name, at: 2016-12-31}
          constraints: {required: true}
        - {name: year, column: year, title: Năm, type: year, constraints: {required: true}}
        - name: item
          column: kind
          title: Loại trường
          constraints:
            required: true
            enum: [Total, Primary, Lower Secondary, Upper Secondary, Primary and lower secondary, Lower and upper Secondary]
        - {name: schools, column: schools, title: Số trường, type: integer, unit: trường, constraints: {minimum: 0}}
      missingValues: ["", ".."]
      primaryKey: [year, item, "Cities, provincies"]
  - name: poverty
    path: examples/poverty.csv
    title: Tỷ lệ nghèo theo tỉnh và năm
    titles: {en: Poverty rate by province and year, fr: Taux de pauvreté par province et par année}
    publishers: [cuc-thong-ke]
    steward: cuc-thong-ke/thu-truong
    access: open
    sources: [{title: "Niên giám thống kê: tỷ lệ nghèo", titles: {en: "Statistical yearbook: poverty rate"}, path: "https://www.nso.gov.vn/"}]
    legal_basis: quy-che-ioc/dieu-12
    dialect: {delimiter: ";", headerRows: [3]}
    subtotals:
      column: Cities, provincies
      values: [WHOLE COUNTRY, Red River Delta, Northern midlands and mountain areas, Northern Central area and Central coastal area,
        Central Highlands, South East, Mekong River Delta]
    delivery: {scope: whole, column: year}
    obligation: {calendar: year, due: "+90d 17:00"}
    status: {column: status, words: {preliminary: [Prel., Pre.]}}
    wide: {headers: "{year}", value: rate}
    schema:
      fields:
        - name: Cities, provincies
          column: province
          title: Tỉnh, thành phố
          refers: {unit: province, by: name, on: year}
          constraints: {required: true}
        - {name: year, column: year, title: Năm, type: year, constraints: {required: true}}
        - {name: status, column: status, title: Mức độ tin cậy, within: year}
        - {name: rate, column: rate, title: Tỷ lệ nghèo, type: number, unit: "%", total: false, constraints: {minimum: 0, maximum: 100}}
      missingValues: ["", ".."]
      primaryKey: [year, "Cities, provincies"]
  - name: health-establishments
    path: examples/health-establishments.csv
    title: Cơ sở y tế theo tỉnh, năm và loại cơ sở
    titles: {en: "Health establishments by province, year and kind", fr: "Établissements de santé par province, année et type"}
    description: Trong tệp của năm 2016, hai cột phòng khám đa khoa khu vực và bệnh viện điều dưỡng bị đổi chỗ; số liệu được giữ như đã công bố.
    publishers: [cuc-thong-ke]
    steward: cuc-thong-ke/thu-truong
    access: open
    sources: [{title: "Niên giám thống kê: cơ sở y tế", titles: {en: "Statistical yearbook: health establishments"}, path: "https://www.nso.gov.vn/"}]
    legal_basis: quy-che-ioc/dieu-12
    dialect: {delimiter: ";", headerRows: [3]}
    subtotals:
      column: Cities, provincies
      values: [WHOLE COUNTRY, Red River Delta, Northern midlands and mountain areas, Northern Central area and Central coastal area,
        Central Highlands, South East, Mekong River Delta]
    delivery: {scope: whole, column: year}
    obligation: {calendar: year, due: "+90d 17:00"}
    wide: {headers: "{year} {item}", value: establishments}
    schema:
      fields:
        - name: Cities, provincies
          column: province
          title: Tỉnh, thành phố
          refers: {unit: province, by: name, on: year}
          constraints: {required: true}
        - {name: year, column: year, title: Năm, type: year, constraints: {required: true}}
        - {name: item, column: kind, title: Loại cơ sở, constraints: {required: true}}
        - {name: establishments, column: establishments, title: Số cơ sở, type: integer, unit: cơ sở, constraints: {minimum: 0}}
      missingValues: ["", ".."]
      primaryKey: [year, item, "Cities, provincies"]
  - name: units-count
    path: examples/units-count.csv
    title: Số đơn vị hành chính theo tỉnh, năm và loại
    titles: {en: "Administrative units by province, year and kind", fr: "Unités administratives par province, année et type"}
    encoding: latin-1
    publishers: [cuc-thong-ke]
    steward: cuc-thong-ke/thu-truong
    access: open
    sources: [{title: "Niên giám thống kê: đơn vị hành chính", titles: {en: "Statistical yearbook: administrative units"}, path: "https://www.nso.gov.vn/"}]
    legal_basis: quy-che-ioc/dieu-12
    dialect: {delimiter: ";", headerRows: [3]}
    subtotals:
      column: Cities, provincies
      values: [WHOLE COUNTRY, Red River Delta, Northern midlands and mountain areas, North Central area and Central coastal area,
        Central Highlands, South East, Mekong River Delta]
    delivery: {scope: whole, column: year}
    obligation: {calendar: year, due: "+90d 17:00"}
    wide: {headers: "{year} {item}", value: units}
    schema:
      fields:
        - name: Cities, provincies
          column: province
          title: Tỉnh, thành phố
          refers: {unit: province, by: name, on: year}
          constraints: {required: true}
        - {name: year, column: year, title: Năm, type: year, constraints: {required: true}}
        - {name: item, column: kind, title: Loại đơn vị, constraints: {required: true}}
        - {name: units, column: units, title: Số đơn vị, type: integer, unit: đơn vị, constraints: {minimum: 0}}
      missingValues: ["", ".."]
      primaryKey: [year, item, "Cities, provincies"]
"""

EXAMPLES = {
    "covid-cases.csv": "ngay,ma_tinh,so_ca\n01/08/2021,40,12\n",
    "tourism-turnover.csv": "Turnover\n\nCities, provincies;2014;2015\nNghe An;1.0;1.5\n",
    "schools.csv": "Schools\n\nCities, provincies;2015 Total;2015 Primary\nNghe An;10;5\n",
    "poverty.csv": "Poverty\n\nCities, provincies;2015;Prel. 2016\nNghe An;10.0;..\n",
    "health-establishments.csv": "Health\n\nCities, provincies;2015 Total;2015 Hospital\nNghe An;10;5\n",
    "units-count.csv": "Units\n\nCities, provincies;2015 Towns;2015 Wards\nNghe An;10;5\n",
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
