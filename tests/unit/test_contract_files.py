"""What a contract says of wide tables, subtotals, sources and the status of figures: a slip is named with what to write."""

from __future__ import annotations

import pytest

from datasets.model.problem import ContractError, ContractProblem
from datasets.model.read import parse_contract

pytestmark = pytest.mark.unit

CONTRACT = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: yearbook
version: 1.0.0
title: Niên giám
titles: {en: Yearbook}
subsystem: {order: 17, owner: cuc-thong-ke}
resources:
  - name: schools
    path: examples/schools.csv
    title: Trường
    titles: {en: Schools}
    publishers: [cuc-thong-ke]
    steward: cuc-thong-ke/thu-truong
    access: open
    legal_basis: quy-che-ioc/dieu-12
    status: {column: muc, words: {preliminary: [Prel.]}}
    sources: [{title: Niên giám thống kê 2016, path: "https://www.nso.gov.vn/"}]
    encoding: latin-1
    wide: {headers: "{nam} {loai}", value: so}
    subtotals: {column: tinh, values: [CẢ NƯỚC]}
    delivery: {scope: whole, column: nam}
    obligation: {calendar: year, due: "17:00"}
    schema:
      fields:
        - {name: tinh, column: place, title: Tỉnh, refers: {unit: province, by: name, on: nam}, constraints: {required: true}}
        - {name: nam, column: year, title: Năm, type: year, constraints: {required: true}}
        - {name: muc, column: figure_state, title: Mức, within: nam}
        - {name: loai, column: kind, title: Loại, constraints: {required: true}}
        - {name: so, column: schools, title: Số, type: integer, unit: trường}
      primaryKey: [nam, loai, tinh]
"""

SLIPS = [
    ('"{nam} {loai}"', "năm", "wide.headers", 'names no field; write "{nam}"'),
    ('"{nam} {loai}"', '"{nam}{loai}"', "wide.headers", 'two fields of "{nam}{loai}" touch'),
    ('"{nam} {loai}"', '"{nam} {loại}"', "wide.headers", '"loại" is no field here; write loai'),
    ('"{nam} {loai}"', '"{nam} {nam}"', "wide.headers", '"{nam}" is written twice'),
    ("value: so}", "value: sô}", "wide.value", '"sô" is no field here'),
    ("value: so}", "value: nam}", "wide.value", '"nam" is in headers already'),
    ("subtotals: {column: tinh,", "subtotals: {column: nam,", "subtotals.column", '"nam" is no column of the file; write tinh'),
    ("subtotals: {column: tinh,", "subtotals: {column: tnh,", "subtotals.column", '"tnh" is no field here; write tinh'),
    ("{column: tinh, values: [CẢ NƯỚC]}", "{column: tinh, values: []}", "subtotals.values", "write at least 1 of them"),
    ("status: {column: muc,", "status: {column: mức,", "status.column", '"mức" is no field here'),
    ("status: {column: muc,", "status: {column: nam,", "status.column", 'the field "nam" has the type year, not string; write'),
    (", words: {preliminary: [Prel.]}", "", "schema.fields[2].within", "say what is written there: status: {column: muc, words:"),
    ("{preliminary: [Prel.]}", "{prelim: [Prel.]}", "status.words.prelim", "write one of estimate, preliminary, official"),
    ("{preliminary: [Prel.]}", "{preliminary: [Prel.], estimate: [prel.]}", "status.words", "write each word once"),
    ("within: nam", "within: loai", "schema.fields[2].within", 'the field "loai" has the type string, not year; write nam'),
    ("status: {column: muc, words: {preliminary: [Prel.]}}", "status: official", "schema.fields[2].within", "write status: {column: muc}"),
    ("primaryKey: [nam,", "primaryKey: [nam, muc,", "status", "a figure that becomes official stays the same figure"),
    ("within: nam}", "within: nam, constraints: {enum: [Prel.]}}", "schema.fields[2].constraints.enum", "remove enum"),
    (
        "within: nam}",
        "within: nam, categories: [{value: Prel., label: Sơ bộ}]}",
        "schema.fields[2].categories[0].value",
        "stored as one of estimate, preliminary, official",
    ),
    ("on: nam}", "on: nam, at: 2016-12-31}", "schema.fields[0].refers", "write either on: <field> or at: <day>"),
    ("on: nam}", "at: 31/12/2016}", "schema.fields[0].refers.at", "write a day, like 2026-01-31"),
    ("by: name,", "by: names,", "schema.fields[0].refers.by", 'write "name"'),
    (
        "{unit: province, by: name, on: nam}",
        "{agency: true, by: name}",
        "schema.fields[0].refers.by",
        "only units are known by",
    ),
    ("https://www.nso.gov.vn/", "www.nso.gov.vn", "sources[0].path", "write an address, like https://"),
    ("title: Niên giám thống kê 2016, ", "", "sources[0].title", "is missing; write title: "),
    ("encoding: latin-1", "encoding: hex", "encoding", '"hex" is no known encoding'),
]


def problems(right: str, wrong: str) -> list[ContractProblem]:
    assert right in CONTRACT
    with pytest.raises(ContractError) as caught:
        parse_contract(CONTRACT.replace(right, wrong, 1).encode())
    return caught.value.problems


def test_the_contract_is_right_as_it_stands() -> None:
    (resource,) = parse_contract(CONTRACT.encode()).resources
    assert [f.name for f in resource.file_fields] == ["tinh"]
    assert (resource.same_status, resource.status_field and resource.status_field.name) == (None, "muc")


@pytest.mark.parametrize(("right", "wrong", "key", "words"), SLIPS, ids=[f"{n}-{s[2]}" for n, s in enumerate(SLIPS)])
def test_a_slip_is_named_with_its_key_and_what_to_write(right: str, wrong: str, key: str, words: str) -> None:
    found = [(p.key, p.message, p.line) for p in problems(right, wrong)]
    assert any(k == f"resources[schools].{key}" and words in m and line for k, m, line in found), found
