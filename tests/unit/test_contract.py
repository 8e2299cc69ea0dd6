"""A folder with a contract goes in; a contract comes out, or problems that say what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.model.contract import Contract
from datasets.model.read import ContractError, ContractProblem, contract_bytes, parse_contract, read_all, read_applied, read_contract
from datasets.model.reference import Reference, read_reference

pytestmark = pytest.mark.unit

CONTRACT = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: health
version: 1.2.0
title: Y tế
titles: {en: Health}
subsystem: {order: 4, owner: so-y-te}
resources:
  - name: bed-days
    path: examples/bed-days.csv
    title: Giường bệnh theo ngày
    titles: {en: Bed days}
    publishers: [so-y-te, benh-vien-san-nhi]
    steward: so-y-te/truong-phong-nghiep-vu-y
    access: {restricted: [van-phong-ubnd-tinh]}
    legal_basis: quy-che-ioc/dieu-12
    dialect: {delimiter: ";", headerRows: [3]}
    delivery: {scope: period, calendar: day, column: ngay}
    obligation: {calendar: day, due: 17:00}
    schema:
      fields:
        - {name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {required: true, minimum: 2021-01-01}}
        - {name: ma_xa, column: unit, title: Mã xã, refers: {unit: commune, on: ngay}, constraints: {required: true}}
        - {name: ma_co_so, column: facility, title: Mã cơ sở, constraints: {required: true}}
        - {name: giuong, column: beds, title: Giường, type: integer, constraints: {minimum: 0, maximum: 900}}
        - {name: su_dung, column: occupied, title: Đang sử dụng, type: integer}
      missingValues: ["", "-"]
      primaryKey: [ngay, ma_co_so]
    checks:
      - {name: within-reason, rule: occupied <= beds * 1.5, level: warn, say: {vi: Quá nhiều}}
measures:
  beds: {of: bed-days, value: SUM(beds), calendar: day, over_time: sum, over_units: sum}
"""


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


def write(folder: Path, text: str = CONTRACT) -> Path:
    (folder / "examples").mkdir(parents=True)
    (folder / "examples" / "bed-days.csv").write_text("…", encoding="utf-8")
    (folder / "datapackage.yaml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path, right: str, wrong: str, reference: Reference | None = None) -> list[ContractProblem]:
    """What is said of the contract when one text in it is replaced."""
    assert right in CONTRACT
    with pytest.raises(ContractError) as caught:
        read_contract(write(folder, CONTRACT.replace(right, wrong, 1)), reference)
    return caught.value.problems


def test_a_contract_is_read_with_its_folder_and_hash(tmp_path: Path, reference: Reference) -> None:
    folder = write(tmp_path / "health")
    contract = read_contract(folder, reference)
    resource = contract.resource("bed-days")
    assert contract.source == contract_bytes(folder) and len(contract.sha256) == 64 and contract.folder == folder
    assert contract.dataset_name(resource) == "health-bed-days"
    assert (contract.table(resource), contract.view(resource)) == ("bed_days__v1", "bed_days")
    assert resource.key_columns == ["unit_id", "day", "facility"]
    assert resource.access_class == "restricted" and resource.named_agencies == ["van-phong-ubnd-tinh"]
    assert resource.dialect.header_row == 3 and resource.dialect.sheet is None
    assert "beds" in contract.measures


def test_plain_values_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    resource = read_contract(write(tmp_path)).resources[0]
    day, unit = resource.schema_.fields[0], resource.schema_.fields[1]
    assert unit.refers is not None and unit.refers.on == "ngay", "`on` is a key, not true"
    assert resource.obligation.due == "17:00", "17:00 is a time of day, not 1020"
    assert day.constraints.minimum == "2021-01-01", "a date stays as it is written"


def test_a_contract_from_the_ledger_needs_no_folder() -> None:
    contract = read_applied(CONTRACT.encode(), "the applied one")
    assert isinstance(contract, Contract) and contract.folder is None


SHAPES = [
    # what is right, what is written, the key that is named, words of the message
    ("type: date", "type: dat", "resources[bed-days].schema.fields[0].type", '"dat" is written; write "date" or another of'),
    ("steward:", "stewrd:", "resources[bed-days].stewrd", 'the key "stewrd" is not known; write "steward"'),
    ("headerRows", "header_row", "resources[bed-days].dialect.header_row", 'write "headerRows"'),
    ("    steward: so-y-te/truong-phong-nghiep-vu-y\n", "", "resources[bed-days].steward", 'the key "steward" is missing; write steward: '),
    ("version: 1.2.0", "version: 1.2", "version", '1.2 is written, which YAML reads as a number; write a text in quotes, like "1.0.0"'),
    ("version: 1.2.0", "version: 1.2.x", "version", 'write three numbers, like "1.0.0"'),
    ("{restricted: [van-phong-ubnd-tinh]}", "shard", "resources[bed-days].access", 'write "shared" or another of open, shared'),
    ("[van-phong-ubnd-tinh]", "Văn phòng", "resources[bed-days].access.restricted", "write restricted: ["),
    ("publishers: [so-y-te,", "publishers: [Sở Y tế,", "resources[bed-days].publishers[0]", 'like "so-y-te"'),
    ("column: beds,", "column: Số giường,", "resources[bed-days].schema.fields[3].column", 'like "so_giuong"'),
    ("due: 17:00", "due: 5pm", "resources[bed-days].obligation.due", 'write "17:00" for the period\'s last day'),
    ("scope: period", "scope: perid", "resources[bed-days].delivery.scope", 'write "period" or another of whole'),
    ("required: true, m", "required: yess, m", "resources[bed-days].schema.fields[0].constraints.required", "write true or false"),
    ("order: 4", "order: -4", "subsystem.order", "write a number of at least 0"),
    ("say: {vi:", "say: {en:", "resources[bed-days].checks[within-reason].say", "write the text in Vietnamese too"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), SHAPES, ids=[f"{s[2]}-{n}" for n, s in enumerate(SHAPES)])
def test_a_typo_is_named_with_file_line_key_and_what_to_write(tmp_path: Path, right: str, wrong: str, key: str, words: str) -> None:
    (problem,) = problems(tmp_path, right, wrong)
    assert problem.file == str(tmp_path / "datapackage.yaml")
    assert problem.key == key
    assert words in problem.message
    assert problem.line is not None and f"{problem.file}:{problem.line}: {key}: " in str(problem)


AGREEMENTS = [
    ("primaryKey: [ngay,", "primaryKey: [ngya,", "schema.primaryKey[0]", '"ngya" is no field here; write ngay'),
    ("primaryKey: [ngay,", "primaryKey: [day,", "schema.primaryKey[0]", '"day" is no field here; write ngay'),
    ("primaryKey: [ngay,", "primaryKey: [giuong,", "schema.fields[3].constraints", "write constraints: {required: true}"),
    ("column: ngay}", "column: ngayy}", "delivery.column", "write ngay"),
    ("column: ngay}", "column: giuong}", "delivery.column", "has the type integer, not date or datetime; write ngay"),
    (", column: ngay}", "}", "delivery.column", "scope: period needs the column that lies in the period; write column: ngay"),
    ("calendar: day, column", "column", "delivery.calendar", "scope: period needs a calendar; write calendar: day"),
    ("scope: period", "scope: whole", "delivery.calendar", "scope: whole has no calendar; remove it"),
    ("on: ngay}", "on: ngai}", "schema.fields[1].refers.on", '"ngai" is no field here; write ngay'),
    ("title: Mã xã, refers", "title: Mã xã, type: integer, refers", "schema.fields[1].type", "leading zeros of codes; write type: string"),
    ("title: Mã cơ sở,", "title: Mã cơ sở, refers: {unit: commune},", "schema.fields", "ma_xa and ma_co_so both refer to a unit"),
    ("column: occupied", "column: beds", "schema.fields[4].column", 'the field "giuong" already has the column beds'),
    ("column: occupied", "column: line", "schema.fields[4].column", "line is a column that the store adds to every table"),
    ("column: occupied", "column: unit_name", "schema.fields[4].column", "unit_name is a column that the store adds"),
    ("column: occupied", "column: order", "schema.fields[4].column", "order is a word of SQL; write another, like order_value"),
    ("name: su_dung", "name: giuong", "schema.fields[4].name", 'the header "giuong" is written twice'),
    ("minimum: 0, maximum: 900", "minimum: 901, maximum: 900", "schema.fields[3].constraints.minimum", "greater than the maximum 900"),
    ("minimum: 2021-01-01", "minimum: 2021-31-01", "schema.fields[0].constraints.minimum", "write a date in quotes"),
    ('format: "%d/%m/%Y"', 'format: "dd/mm/yyyy"', "schema.fields[0].format", 'write "%d/%m/%Y"'),
    ("path: examples/bed-days.csv", "path: examples/bed-day.csv", "path", 'write "examples/bed-days.csv"'),
    ("path: examples/bed-days.csv", "path: ../secrets.csv", "path", "leaves the contract's folder; write examples/secrets.csv"),
    ("path: examples/bed-days.csv", "path: examples/bed-days.doc", "path", "write one of .csv, .xlsx, .geojson"),
    ("dialect:", "encoding: utf-88\n    dialect:", "encoding", '"utf-88" is no known encoding; write utf-8'),
    ("truong-phong-nghiep-vu-y", "", "steward", "is not agency/position; write so-y-te/thu-truong"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), AGREEMENTS, ids=[f"{a[2]}-{n}" for n, a in enumerate(AGREEMENTS)])
def test_parts_that_do_not_agree_are_named(tmp_path: Path, right: str, wrong: str, key: str, words: str) -> None:
    named = {problem.key: problem.message for problem in problems(tmp_path, right, wrong)}
    assert words in named[f"resources[bed-days].{key}"]


RULES = [
    ("occupied <= bedz", "uses bedz, which is no column here; write beds"),
    ("occupied <= giuong", "uses giuong, which is no column here"),
    ("occupied <=", "is not an SQL expression"),
    ("occupied * 1.5", "is a value, not a condition"),
    ("1 < 2", "uses no column"),
    ("SUM(occupied) < 3", "uses SUM(occupied); write a condition over one row"),
    ("occupied < (SELECT 1)", "uses (SELECT 1); write a condition over one row"),
    ("occupied < 3), (beds < 4", "is more than one expression"),
    ("occupied < 3; DROP TABLE x", "holds a semicolon or a comment"),
    ("occupied < 3 LIMIT 1", "is not an SQL expression"),
    ("occupied < facility", "cannot be computed"),
    ("soundex(facility) = 'x'", "cannot be computed"),
]


@pytest.mark.parametrize(("rule", "words"), RULES, ids=[rule for rule, _ in RULES])
def test_a_rule_must_be_a_condition_over_the_columns_of_the_row(tmp_path: Path, rule: str, words: str) -> None:
    (problem,) = problems(tmp_path, "rule: occupied <= beds * 1.5", f'rule: "{rule}"')
    assert problem.key == "resources[bed-days].checks[within-reason].rule"
    assert rule in problem.message and words in problem.message


@pytest.mark.parametrize(
    "rule",
    [
        "occupied IS NULL OR beds IS NOT NULL",
        "NOT (occupied > beds)",
        "beds BETWEEN 1 AND 9",
        "facility IN ('1', '2')",
        "facility LIKE '40%'",
    ],
)
def test_the_usual_conditions_are_rules(tmp_path: Path, rule: str) -> None:
    folder = write(tmp_path, CONTRACT.replace("rule: occupied <= beds * 1.5", f'rule: "{rule}"'))
    assert read_contract(folder).resources[0].checks[0].rule == rule


AGENCIES = [
    ("order: 4", "order: 5", "subsystem.order", "the place of health among the subsystems is 4"),
    ("name: health", "name: hygiene", "subsystem.order", "4 is the place of the subsystem health; write name: health, or an order of 10"),
    ("owner: so-y-te", "owner: so-yte", "subsystem.owner", "write so-y-te"),
    ("benh-vien-san-nhi]", "benh-vien-san-nhy]", "resources[bed-days].publishers[1]", "write benh-vien-san-nhi"),
    ("[van-phong-ubnd-tinh]", "[khong-co]", "resources[bed-days].access.restricted[0]", "datasets/reference/agencies.yaml"),
    ("truong-phong-nghiep-vu-y", "truong-phong-nghiep-vu", "resources[bed-days].steward", "write so-y-te/truong-phong-nghiep-vu-y"),
    ("quy-che-ioc/dieu-12", "quy-che-ioc/dieu-99", "resources[bed-days].legal_basis", "quy-che-ioc/dieu-12"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), AGENCIES, ids=[a[2] for a in AGENCIES])
def test_agencies_positions_and_clauses_are_those_of_the_reference(
    tmp_path: Path, reference: Reference, right: str, wrong: str, key: str, words: str
) -> None:
    (problem,) = problems(tmp_path, right, wrong, reference)
    assert problem.key == key and words in problem.message


def test_a_document_outside_the_reference_may_be_the_legal_basis(tmp_path: Path, reference: Reference) -> None:
    folder = write(tmp_path, CONTRACT.replace("quy-che-ioc/dieu-12", "thong-tu-54-2015-tt-byt"))
    assert read_contract(folder, reference).resources[0].legal_basis == "thong-tu-54-2015-tt-byt"


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, CONTRACT.replace("type: date", "type: dat").replace("scope: period", "scope: perid"))
    with pytest.raises(ContractError) as caught:
        read_contract(folder)
    assert [problem.line for problem in caught.value.problems] == sorted(p.line or 0 for p in caught.value.problems)
    assert len(caught.value.problems) == 2 and str(caught.value).count("\n") == 1


SYNTAX = [
    ("titles: {en: Health}", "titles: {en: Health", 6, "check the indentation, the brackets and the quotes"),
    ("title: Y tế", "title: Y tế: x", 4, 'put a text that holds ": " in quotes'),
    ("    path:", "\tpath:", 9, "write spaces, not tabs"),
    ("name: health", "name: health\nname: health", 2, 'the key "name" is written twice (lines 2 and 3); remove one'),
    ("name: health", "name: &a [*a]", 2, "unfold without end"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "words"), SYNTAX, ids=["bracket", "colon", "tab", "twice", "alias"])
def test_a_syntax_error_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, words: str) -> None:
    (problem,) = problems(tmp_path, right, wrong)
    assert problem.line == line and words in problem.message


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "the file is empty"), ("title: Y tế".encode("utf-16"), "is not UTF-8"), (b"- a\n- b\n", "is written"), (b"title: \x07", "YAML")],
    ids=["empty", "utf-16", "list", "control character"],
)
def test_a_file_that_is_no_contract_is_said_to_be_none(content: bytes, words: str) -> None:
    with pytest.raises(ContractError, match=words):
        parse_contract(content, file="datapackage.yaml")


def test_a_folder_without_a_contract_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"datapackage.yaml: cannot be read"):
        read_contract(tmp_path)


def test_all_contracts_come_in_the_order_of_their_subsystems(tmp_path: Path) -> None:
    write(tmp_path / "a", CONTRACT)
    write(tmp_path / "b", CONTRACT.replace("name: health", "name: early").replace("order: 4", "order: 1"))
    assert [contract.name for contract in read_all(tmp_path)] == ["early", "health"]


@pytest.mark.parametrize(
    ("name", "resource", "key"), [("health", "other", "name"), ("health-bed", "days", "resources[days].name")], ids=["contract", "dataset"]
)
def test_two_contracts_may_not_claim_one_name(tmp_path: Path, name: str, resource: str, key: str) -> None:
    write(tmp_path / "a")
    other = CONTRACT.replace("name: health", f"name: {name}", 1).replace("name: bed-days", f"name: {resource}", 1)
    other = other.replace("of: bed-days", f"of: {resource}")
    write(tmp_path / "b", other)
    with pytest.raises(ContractError, match="is claimed by") as caught:
        read_all(tmp_path)
    (problem,) = caught.value.problems
    assert problem.key == key and problem.file.endswith("b/datapackage.yaml") and "a/datapackage.yaml" in problem.message


def test_the_problems_of_all_contracts_are_said_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, CONTRACT.replace("type: date", "type: dat"))
    with pytest.raises(ContractError) as caught:
        read_all(tmp_path)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("name", ["ledger", "public", "pg_catalog"])
def test_a_subsystem_may_not_take_a_schema_of_the_store(tmp_path: Path, name: str) -> None:
    (problem,) = problems(tmp_path, "name: health", f"name: {name}")
    assert problem.key == "name" and "write another name" in problem.message
