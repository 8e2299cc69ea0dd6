"""What a contract says of obligations: each thing that cannot be is named with its file, line, key and what to write."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from datasets.model.consistency_obligation import clauses_not_in_force
from datasets.model.contract import Contract
from datasets.model.read import ContractError, ContractProblem, parse_contract, read_all, read_contract
from datasets.model.reference import FOLDER, Reference, read_reference

pytestmark = pytest.mark.unit

CONTRACT = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: health
version: 1.0.0
title: Y tế
titles: {en: Health}
subsystem: {order: 4, owner: so-y-te}
resources:
  - name: bed-days
    path: examples/bed-days.csv
    title: Giường bệnh theo ngày
    titles: {en: Bed days}
    publishers: [so-y-te]
    steward: so-y-te/truong-phong-nghiep-vu-y
    access: shared
    status: preliminary
    legal_basis: quy-che-ioc/dieu-12
    delivery: {scope: period, calendar: day, column: ngay}
    obligation: {calendar: day, due: 17:00, since: 2026-01-01, localities: true}
    schema:
      fields:
        - {name: ngay, column: day, title: Ngày, type: date, constraints: {required: true}}
        - {name: ma_xa, column: unit, title: Mã xã, refers: {unit: commune, on: ngay}, constraints: {required: true}}
        - {name: giuong, column: beds, title: Giường, type: integer}
      primaryKey: [ngay, ma_xa]
"""
OBLIGATION = "    obligation: {calendar: day, due: 17:00, since: 2026-01-01, localities: true}\n"
HERE = "resources[bed-days]"


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference(today=date(2026, 11, 23))


def contract(folder: Path, reference: Reference | None, right: str = "", wrong: str = "") -> Contract:
    """The contract of a folder, one text in it replaced."""
    assert right in CONTRACT
    (folder / "examples").mkdir(parents=True)
    (folder / "examples" / "bed-days.csv").write_text("…", encoding="utf-8")
    (folder / "datapackage.yaml").write_text(CONTRACT.replace(right, wrong, 1), encoding="utf-8")
    return read_contract(folder, reference)


def problem(folder: Path, reference: Reference | None, right: str, wrong: str) -> ContractProblem:
    """The one thing that is said when a text is replaced, with its file and line."""
    with pytest.raises(ContractError) as caught:
        contract(folder, reference, right, wrong)
    (found,) = caught.value.problems
    assert found.line is not None and str(found).startswith(f"{folder}/datapackage.yaml:{found.line}: {found.key}: ")
    return found


def test_what_is_owed_is_read(tmp_path: Path, reference: Reference) -> None:
    resource = contract(tmp_path, reference).resources[0]
    assert (resource.obligation.since, resource.obligation.localities, resource.status) == (date(2026, 1, 1), True, "preliminary")


def test_without_the_new_keys_a_dataset_is_official_and_owed_from_its_first_apply(tmp_path: Path, reference: Reference) -> None:
    plain = contract(tmp_path / "a", reference, ", since: 2026-01-01, localities: true", "").resources[0].obligation
    assert (plain.since, plain.localities) == (None, False)
    assert contract(tmp_path / "b", reference, "    status: preliminary\n", "").resources[0].status == "official"


PROBLEMS = [
    # what is right, what is written, the key that is named, words of the message
    (OBLIGATION, "", "obligation", 'the key "obligation" is missing; write obligation: {calendar: day, due: "17:00"}'),
    ("obligation: {calendar: day, due", "obligation: {due", "obligation.calendar", 'the key "calendar" is missing; write calendar: month'),
    (
        "obligation: {calendar: day, due: 17:00",
        "obligation: {calendar: day",
        "obligation.due",
        'the key "due" is missing; write due: "17:00"',
    ),
    ("obligation: {calendar: day", "obligation: {calendar: daily", "obligation.calendar", 'write "day" or another of day, week'),
    ("obligation: {calendar: day", "obligation: {frequency: day, calendar: day", "obligation.frequency", "the keys here are calendar, due"),
    (
        "obligation: {calendar: day",
        "obligation: {calendar: month",
        "obligation.calendar",
        "a report is owed for each month, and a delivery covers one day; write calendar: day here, or calendar: month under delivery",
    ),
    ("due: 17:00", "due: 24:00", "obligation.due", 'write "17:00" for the period\'s last day'),
    ("due: 17:00", "due: -1d 17:00", "obligation.due", 'write "17:00" for the period\'s last day'),
    ("due: 17:00", "due: +3wd", "obligation.due", '"+3wd 17:00" for three working days'),
    ("due: 17:00", "due: +400d 17:00", "obligation.due", "400 days after a period is more than a year; write at most 366"),
    ("due: 17:00", "due: 00:00", "obligation.due", '"00:00" is the moment at which the day begins; write "17:00", or "+1d 00:00"'),
    ("since: 2026-01-01", "since: 01/01/2026", "obligation.since", "01/01/2026"),
    ("since: 2026-01-01", "since: 2026-02-30", "obligation.since", "2026-02-30"),
    ("localities: true", "localities: all", "obligation.localities", "write true or false"),
    ("status: preliminary", "status: prelim", "status", 'write "preliminary" or another of estimate'),
    ("so-y-te/truong-phong-nghiep-vu-y", "so-y-te/giam-doc-so", "steward", "is not in the reference; write"),
    ("so-y-te/truong-phong-nghiep-vu-y", "so-y-ta/thu-truong", "steward", 'the agency "so-y-ta" is not in the reference; write so-y-te'),
    ("quy-che-ioc/dieu-12", "quy-che-ioc/dieu-21", "legal_basis", "is no clause of the regulation; write one of quy-che-ioc/dieu-5"),
    ("quy-che-ioc/dieu-12", "quy-che-iok/dieu-12", "legal_basis", "is no regulation of the reference; write quy-che-ioc/dieu-12"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), PROBLEMS, ids=[f"{p[2]}-{n}" for n, p in enumerate(PROBLEMS)])
def test_what_cannot_be_is_named_with_what_to_write(
    tmp_path: Path, reference: Reference, right: str, wrong: str, key: str, words: str
) -> None:
    found = problem(tmp_path, reference, right, wrong)
    assert (found.key, words in found.message) == (f"{HERE}.{key}", True), found


def test_localities_are_counted_by_a_field_that_refers_to_a_unit(tmp_path: Path, reference: Reference) -> None:
    found = problem(tmp_path, reference, ", refers: {unit: commune, on: ngay}", "")
    assert found.key == f"{HERE}.obligation.localities" and "give one refers: {unit: commune}" in found.message


def test_a_delivery_of_the_whole_may_be_owed_by_any_calendar(tmp_path: Path, reference: Reference) -> None:
    by_period, by_whole = "scope: period, calendar: day, column: ngay}", "scope: whole}"
    owed = "\n    obligation: {calendar: "
    whole = contract(tmp_path, reference, f"{by_period}{owed}day", f"{by_whole}{owed}month")
    assert whole.resources[0].obligation.calendar == "month"


def amended(folder: Path, text: str, today: date | None) -> Reference:
    """The reference of the project with days of clause 12, as it is read on a day."""
    copy = Path(shutil.copytree(FOLDER, folder / "reference"))
    path = copy / "regulation.yaml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("        article: Điều 12\n", f"        article: Điều 12\n        {text}\n"), encoding="utf-8")
    return read_reference(copy, today=today)


def test_a_clause_that_has_ended_obliges_nobody(tmp_path: Path) -> None:
    reference = amended(tmp_path, "valid_to: 2026-11-23", date(2026, 11, 23))
    found = problem(tmp_path / "health", reference, "since: 2026-01-01, ", "")
    assert found.key == f"{HERE}.legal_basis"
    assert "was in force up to 2026-11-22 and obliges nobody on 2026-11-23; write one that is: quy-che-ioc/dieu-5, " in found.message
    assert "dieu-12," not in found.message.split("write one")[1]


def test_a_clause_obliges_on_its_last_day(tmp_path: Path) -> None:
    reference = amended(tmp_path, "valid_to: 2026-11-23", date(2026, 11, 22))
    assert contract(tmp_path / "health", reference).resources[0].legal_basis == "quy-che-ioc/dieu-12"


def test_a_clause_that_has_not_begun_says_from_when_something_may_be_owed(tmp_path: Path) -> None:
    reference = amended(tmp_path, "valid_from: 2027-01-01", date(2026, 11, 23))
    found = problem(tmp_path / "a", reference, "since: 2026-01-01, ", "")
    assert found.key == f"{HERE}.legal_basis"
    assert "is in force from 2027-01-01 only; write a clause that is in force, or obligation: {since: 2027-01-01}" in found.message
    assert contract(tmp_path / "b", reference, "since: 2026-01-01", "since: 2027-01-01").resources[0].obligation.since == date(2027, 1, 1)


def test_nothing_can_be_owed_after_a_clause_has_ended(tmp_path: Path) -> None:
    reference = amended(tmp_path, "valid_to: 2027-01-01", date(2026, 11, 23))
    found = problem(tmp_path / "health", reference, "since: 2026-01-01", "since: 2027-02-01")
    assert found.key == f"{HERE}.legal_basis" and "obliges nobody on 2027-02-01" in found.message


def test_a_contract_that_was_right_when_it_was_applied_is_still_read_from_the_ledger(tmp_path: Path) -> None:
    """What is asked of a contract later must not make the rows of an installation unreadable."""
    old = CONTRACT.replace("obligation: {calendar: day, due: 17:00", "obligation: {calendar: month, due: +400d 17:00")
    assert parse_contract(old.encode()).resources[0].obligation.calendar == "month"
    with pytest.raises(ContractError, match="a delivery covers one day"):
        contract(tmp_path, None, "obligation: {calendar: day", "obligation: {calendar: month")


def test_the_day_is_asked_only_by_who_brings_it(tmp_path: Path) -> None:
    """Plan and apply warn of a clause that ended overnight, and go on; a check names it."""
    reference = amended(tmp_path, "valid_to: 2026-11-23", None)
    read = contract(tmp_path / "health", reference, "since: 2026-01-01, ", "")
    assert clauses_not_in_force(read, reference, date(2026, 11, 22)) == []
    ((path, value, message),) = clauses_not_in_force(read, reference, date(2026, 11, 23))
    assert (path, value) == (("resources", 0, "legal_basis"), "quy-che-ioc/dieu-12") and "obliges nobody on 2026-11-23" in message


def test_every_dataset_that_is_shipped_has_an_obligation_in_force_and_a_steward(reference: Reference) -> None:
    for shipped in read_all(reference=reference):
        for resource in shipped.resources:
            clause = reference.clauses[resource.legal_basis]
            assert clause.is_in_force(date(2026, 11, 23)) and clause.article.startswith("Điều ")
            assert resource.steward in reference.positions and resource.obligation.due
