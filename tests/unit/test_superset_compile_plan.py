"""What an apply would do in Superset, in words: against what is there and what the last import brought."""

from __future__ import annotations

import pytest
import yaml

from control.compile.superset.bundle import Files, digest, identifier
from control.compile.superset.export import compile_contract
from control.compile.superset.inventory import Found, Inventory
from control.compile.superset.mark import DIGEST, KINDS, MARKED_FILE, PARTS, Mark, marked, ours_before, parts
from control.compile.superset.plan import compare
from control.compile.superset.removal import goes_in_words
from datasets.model.contract import Contract
from tests.unit.indicator_contract import contract_with


@pytest.fixture(scope="module")
def contract() -> Contract:
    return contract_with()


@pytest.fixture(scope="module")
def files(contract: Contract) -> Files:
    return compile_contract(contract)


def imported(*exports: Files) -> Inventory:
    """A Superset that holds these exports."""
    there = Inventory({kind: {} for kind in KINDS})
    for number, part in enumerate(p for files in exports for p in parts({"clinic": files})):
        there.by_kind[part.kind][part.uuid] = Found(part.kind, part.uuid, number, part.title)
    return there


def mark_of(files: Files, before: Mark | None = None) -> Mark:
    extra = yaml.safe_load(marked({"clinic": files}, before or Mark())[MARKED_FILE])["extra"]
    return Mark(extra[DIGEST], extra[PARTS])


def words(*changes: object) -> list[str]:
    return [f"{c.kind}: {c.text}" for c in changes]  # type: ignore[attr-defined]


def test_a_new_dashboard_is_named_with_the_number_of_its_charts(files: Files) -> None:
    plan = compare({"clinic": files}, Mark(), imported())
    charts = sum(path.startswith("charts/") for path in files)
    lines = words(*plan.of_subsystem("clinic"))
    assert f'made: dashboard "Phòng khám" is made with {charts} charts' in lines
    assert "made: dataset clinic.indicators_day is made" in lines
    assert not any(line.startswith("made: chart") for line in lines)
    assert any("ledger.source" in line for line in words(*plan.of_subsystem("")))


def test_nothing_is_planned_when_the_same_files_were_imported_and_are_there(files: Files) -> None:
    assert not compare({"clinic": files}, mark_of(files), imported(files)).changes()


def test_what_changes_is_named_and_nothing_else(contract: Contract, files: Files) -> None:
    raw = contract.model_dump(by_alias=True)
    raw["dashboard"]["rows"][0][0]["title"] = "Đường công suất"
    raw["indicators"]["occupancy"]["targets"][0]["value"] = 90
    after = compile_contract(Contract.model_validate(raw))
    lines = words(*compare({"clinic": after}, mark_of(files), imported(files)).changes().lines)
    assert sorted(lines) == [
        'changed: chart "Công suất: diễn biến theo ngày" is changed',
        'changed: dashboard "Phòng khám" is changed',
        "changed: dataset clinic.indicators_day is changed",
    ]


def test_a_chart_that_somebody_deleted_is_made_again(files: Files) -> None:
    there = imported(files)
    uuid = next(part.uuid for part in parts({"clinic": files}) if part.title == "Công suất: ô số")
    del there.by_kind["chart"][uuid]
    assert words(*compare({"clinic": files}, mark_of(files), there).changes().lines) == ['made: chart "Công suất: ô số" is made']


def test_what_is_no_longer_compiled_goes_and_what_people_made_stays(contract: Contract, files: Files) -> None:
    raw = contract.model_dump(by_alias=True)
    raw["dashboard"]["rows"] = raw["dashboard"]["rows"][:2]
    after, there = compile_contract(Contract.model_validate(raw)), imported(files)
    there.by_kind["chart"]["of-a-person"] = Found("chart", "of-a-person", 999, "Biểu đồ của tôi")
    lines = words(*compare({"clinic": after}, mark_of(files), there).changes().lines)
    assert 'dropped: chart "Beds: bảng số liệu" goes' in lines
    assert not any("Biểu đồ của tôi" in line for line in lines)


def test_a_chart_of_a_person_over_a_dataset_that_goes_is_named(files: Files) -> None:
    there = imported(files)
    dataset = next(found for found in there.by_kind["dataset"].values() if found.title == "clinic.indicators_day")
    there.by_kind["chart"]["of-a-person"] = Found("chart", "of-a-person", 999, "Biểu đồ của tôi", dataset.id)
    lines = words(*goes_in_words(there, {dataset.uuid: "dataset"}, {dataset.uuid}))
    assert lines == [
        "dropped: dataset clinic.indicators_day goes",
        'kept: chart "Biểu đồ của tôi", which somebody made, stays without dataset clinic.indicators_day',
    ]


def test_another_subsystem_is_left_alone(files: Files) -> None:
    mark = mark_of(files)
    mark.parts["tourism"] = {"a-chart": ["chart", "0"]}
    there = imported(files)
    there.by_kind["chart"]["a-chart"] = Found("chart", "a-chart", 999, "Du lịch")
    assert not compare({"clinic": files}, mark, there).changes()
    assert mark_of(files, mark).parts["tourism"] == {"a-chart": ["chart", "0"]}


def test_the_mark_does_not_change_the_digest_it_holds(files: Files) -> None:
    assert mark_of(files).digest == digest(files)
    assert marked({"clinic": files}, Mark()).keys() == files.keys()


def test_charts_of_an_import_that_named_nothing_are_known_by_their_keys(contract: Contract, files: Files) -> None:
    old = Mark("0" * 64, {}, is_old=True)
    trend = identifier("chart", "clinic", "beds_trend_1")
    assert ours_before(old, [contract])["clinic"][trend] == "chart"
    there = imported(files)
    there.by_kind["chart"][trend] = Found("chart", trend, 999, "Beds: occupied")
    assert 'dropped: chart "Beds: occupied" goes' in words(*compare({"clinic": files}, old, there, [contract]).changes().lines)
