"""What `ioc plan` refuses before any host is asked, what it warns of, and how it is shown."""

from __future__ import annotations

import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from control.cli import app
from control.compile.changes import Change
from control.contracts import export_folder
from control.plan import Part, Plan
from control.plan_text import show
from control.refusals import clauses_not_in_force, ended_targets, missing_editors, same_version
from control.remove import must_be_gone
from control.settings import ROOT
from control.steps import StepFailed
from datasets.model.contract import Contract
from datasets.model.problem import ContractError, ContractProblem
from datasets.model.read import DATASETS, contract_folders, read_all, read_contract
from datasets.model.reference import FOLDER, read_reference
from tests.stack.water_trial import NAME, write

pytestmark = pytest.mark.unit

PASSED = (
    "        - {name: so_dat, column: passed, title: Số mẫu đạt, type: integer, unit: mẫu, constraints: {required: true, minimum: 0}}\n"
)

BAD = {
    "missing measure": ("value: samples\n", "value: sample\n", "indicators.samples-taken.value", "no measure here"),
    "measure of another contract": ("health.population", "health.peoples", "indicators.samples-per-100k.value", "no measure of health"),
    "cycle": ("value: samples\n", "value: samples_taken + samples\n", "indicators.samples-taken.value", "goes in a circle"),
    "mixed units in a share": ("value: passed / samples * 100", "value: passed / hours * 100", "indicators.passed-share.unit", "not %"),
    "mixed units in a sum": ("value: samples\n", "value: samples + hours\n", "indicators.samples-taken.value", "giờ"),
    "zero divisor": (
        "    when_zero: missing\n    calendars: [month, day]",
        "    calendars: [month, day]",
        "passed-share.when_zero",
        "can be zero",
    ),
    "removed column": (PASSED, "", "measures.passed.value", "passed"),
}
"""What is written, what instead of it, the key that is named, and what is said of it."""


@pytest.fixture
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a province's own contracts, with one in it."""
    monkeypatch.setenv("IOC_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("IOC_CONTRACTS", str(tmp_path))
    write(tmp_path)
    return tmp_path


def the_contract(folder: Path) -> Contract:
    return read_contract(folder / NAME)


def test_contracts_are_read_from_the_checkout_and_from_the_provinces_own_folder(contracts: Path) -> None:
    assert contract_folders() == [DATASETS, contracts]
    found = {contract.name: contract for contract in read_all()}
    assert {"health", "public_services", NAME} <= set(found)
    assert export_folder(found[NAME]) == contracts / "dashboards_export" / NAME
    assert export_folder(found["health"]) == ROOT / "dashboards_export" / "health"


def test_a_folder_of_contracts_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IOC_CONTRACTS", str(tmp_path / "none"))
    with pytest.raises(ContractError, match=r"IOC_CONTRACTS: .*none\" is no folder"):
        read_all()


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_computed_is_refused_with_file_line_key_and_advice(contracts: Path, case: str) -> None:
    old, new, key, says = BAD[case]
    source = contracts / NAME / "datapackage.yaml"
    assert old in source.read_text()
    source.write_text(source.read_text().replace(old, new, 1))
    run = CliRunner().invoke(app, ["plan"])
    assert run.exit_code == 1, run.output
    lines = [line for line in run.output.splitlines() if key in line]
    assert lines, run.output
    assert f"{source}:" in lines[0]
    assert says in lines[0]
    assert "Refused; nothing was changed." in run.output


def test_a_contract_that_two_folders_claim_is_refused_naming_both(contracts: Path) -> None:
    source = contracts / NAME / "datapackage.yaml"
    text = source.read_text().replace("name: water-trial", "name: health", 1).replace("order: 95", "order: 4")
    source.write_text(text.replace("health.population", "samples"))
    run = CliRunner().invoke(app, ["plan", "--json"])
    assert run.exit_code == 1
    refused = json.loads(run.output)["refused"]
    assert any(p["file"] == str(source) and "datasets/health/datapackage.yaml" in p["message"] for p in refused), refused


def test_a_target_that_ended_is_named_and_one_that_was_followed_is_not(contracts: Path) -> None:
    source = contracts / NAME / "datapackage.yaml"
    until = source.read_text().replace("from: 2026-01-01,", "from: 2026-01-01, to: 2026-07-01,")
    source.write_text(until)
    [problem] = ended_targets(the_contract(contracts), date(2026, 11, 23))
    assert problem.key == "indicators.passed-share.targets[0].to"
    assert problem.line is not None
    assert problem.file == str(source)
    assert "ended on 2026-07-01" in problem.message
    assert list(ended_targets(the_contract(contracts), date(2026, 6, 30))) == []
    source.write_text(until.replace("targets: [", "targets: [{value: 97, from: 2026-07-01, basis: {kind: proposed}}, "))
    assert list(ended_targets(the_contract(contracts), date(2026, 11, 23))) == []


def test_a_clause_that_ended_is_named_with_those_that_have_not(contracts: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "reference"))
    path = folder / "regulation.yaml"
    path.write_text(path.read_text().replace("article: Điều 12", "article: Điều 12\n        valid_to: 2026-07-01"))
    reference = read_reference(folder)
    problem, *_ = clauses_not_in_force(the_contract(contracts), reference, date(2026, 11, 23))
    assert problem.key == "resources[samples].legal_basis" and problem.file == str(contracts / NAME / "datapackage.yaml")
    assert "was in force up to 2026-06-30 and obliges nobody on 2026-11-23; write one that is: quy-che-ioc/dieu-5" in problem.message
    assert list(clauses_not_in_force(the_contract(contracts), reference, date(2026, 6, 30))) == []


def test_an_agency_for_which_nobody_may_deliver_is_named_by_its_key(contracts: Path) -> None:
    [problem] = missing_editors(the_contract(contracts), ["benh-vien-san-nhi"], ["benh-vien-san-nhi", "so-y-te"])
    assert problem.key == "resources[samples].publishers[1]"
    assert problem.value == "benh-vien-san-nhi"
    assert "/organization/manage_members/benh-vien-san-nhi" in problem.message
    [unknown] = missing_editors(the_contract(contracts), ["benh-vien-san-nhi"], ["so-y-te"])
    assert "no organisation in CKAN yet" in unknown.message


def test_other_content_under_the_same_version_is_warned_of(contracts: Path) -> None:
    [problem] = same_version(the_contract(contracts), "1.0.0")
    assert problem.key == "version"
    assert list(same_version(the_contract(contracts), "0.9.0")) == []


def test_a_contract_that_is_still_written_is_not_removed(contracts: Path) -> None:
    with pytest.raises(StepFailed, match="is still written in") as refused:
        must_be_gone(NAME, read_all())
    assert str(contracts / NAME) in refused.value.advice
    must_be_gone("gone-already", read_all())


def shown(plan: Plan) -> list[str]:
    out = io.StringIO()
    show(plan, Console(file=out, width=200))
    return out.getvalue().splitlines()


def of(*changes: Change, **more: Any) -> Plan:
    return Plan([Part("health", "store", changes)], {"": "shared", "health": "health 1.1.0, 1.0.0 is applied"}, **more)


def test_a_plan_is_grouped_and_each_line_has_its_mark() -> None:
    lines = shown(of(Change("made", "table a is made"), Change("dropped", "view b goes"), Change("kept", "c stays")))
    assert lines == ["health 1.1.0, 1.0.0 is applied", "  store", "    + table a is made", "    - view b goes", "    = c stays"]


def test_long_runs_of_grants_are_counted() -> None:
    grants = [Change("made", f"grant SELECT on health.t to aud_{n}") for n in range(20)]
    lines = shown(of(*grants))
    assert lines[2:] == ["    + grant SELECT on health.t to aud_0, and 19 more of this kind (./ioc plan --json lists them)"]


def test_what_only_stays_is_nothing_to_do() -> None:
    assert shown(of(Change("kept", "rows stay")))[-1] == "Nothing to do."
    assert Plan().nothing_to_do


def test_a_refused_plan_says_so_last_and_never_that_there_is_nothing_to_do() -> None:
    lines = shown(of(refused=[ContractProblem("a/datapackage.yaml", "indicators.x.value", "y", "is wrong; write z", 7)]))
    assert lines[-2:] == ["Refused; nothing was changed.", "  a/datapackage.yaml:7: indicators.x.value: is wrong; write z"]
    assert "Nothing to do." not in lines
