"""What the guides show can be done as it is written: the examples of contracts, the files of the tutorials."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from textwrap import dedent, indent

import pytest

from ckan_harvesters.check import check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import DeliveryScope, scope_of
from ckan_harvesters.errors import Refused
from control.new import new_contract
from datasets.model.read import parse_contract, read_contract
from datasets.model.reference import read_reference
from datasets.model.unit import UnitIndex

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TODAY = date(2026, 11, 23)

pytestmark = pytest.mark.unit


def test_the_example_of_a_dataset_is_a_contract() -> None:
    guide = (DOCS / "how-to" / "add-a-dataset.md").read_text()
    example, head = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    parsed = parse_contract((head + example).encode(), read_reference())
    assert [resource.name for resource in parsed.resources] == ["water-quality"]


def tutorial_file(folder: Path) -> Path:
    """The file that the tutorial has its reader make, on TODAY."""
    text = re.findall(r"<<END\n(.*?) *END\n", (DOCS / "tutorial.md").read_text(), re.DOTALL)[0]
    lines = [line.strip() for line in text.replace("$DAY", f"{TODAY:%d/%m/%Y}").splitlines()]
    path = folder / "giuong.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_file_of_the_tutorial_is_refused_and_then_accepted(tmp_path: Path) -> None:
    """Refused with line 3 and the column named, because one bad row of two is more than the contract allows; mended, both rows load."""
    reference = read_reference()
    resource = read_contract(ROOT / "datasets" / "health").resource("bed-days")
    period = TODAY.isoformat()
    scope = DeliveryScope("so-y-te", period, TODAY, TODAY + timedelta(days=1), f"so-y-te|{period}")
    units, agencies = UnitIndex(reference.units), set(reference.agencies)
    path = tutorial_file(tmp_path)

    with pytest.raises(Refused) as refused:
        check(decode(path, resource), resource, units, agencies, scope, reference.province)
    assert refused.value.code == "too_many_bad"
    assert [(p.line, p.column, p.rule) for p in refused.value.problems] == [(3, "giuong_su_dung", "type_integer")]

    path.write_text(path.read_text().replace("nhiều", "19"))
    result = check(decode(path, resource), resource, units, agencies, scope, reference.province)
    assert not result.rejected
    assert result.rows.height == 2


def test_the_indicator_of_the_subsystem_s_tutorial_belongs_to_the_contract_that_new_writes(tmp_path: Path) -> None:
    tutorial = (DOCS / "tutorial-subsystem.md").read_text()
    sample = tmp_path / "nuoc.csv"
    sample.write_text(re.findall(r"<<END\n(.*?)END\n", tutorial, re.DOTALL)[0])
    written = new_contract("water", sample, read_reference(), title="Nước sạch", agency="so-y-te", root=tmp_path)
    path = written.folder / "datapackage.yaml"
    indicator = indent(dedent(re.findall(r"```yaml\n(.*?)```", tutorial, re.DOTALL)[0]), "  ")
    path.write_text(path.read_text().replace("\ndashboard:", f"\n{indicator}\ndashboard:").replace("first_row: [", "first_row: [passed, "))
    column = re.findall(r"```yaml\n(.*?)```", tutorial, re.DOTALL)[1]
    wider = path.read_text().replace("      missingValues", f"{column.rstrip()}\n      missingValues")

    assert read_contract(path.parent, read_reference()).indicators["passed"].unit == "%"
    assert parse_contract(wider.encode(), read_reference()).resources[0].schema_.field("ghi_chu").column == "note"


def test_the_published_table_of_the_guide_loads_by_its_contract_alone(tmp_path: Path) -> None:
    guide = (DOCS / "how-to" / "take-a-published-table.md").read_text()
    table = tmp_path / "poverty.csv"
    table.write_text(re.findall(r"```\n(.*?)```", guide, re.DOTALL)[0])
    _, head = re.findall(r"```yaml\n(.*?)```", (DOCS / "how-to" / "add-a-dataset.md").read_text(), re.DOTALL)
    left_out = """    titles: {en: Poverty}
    publishers: [cuc-thong-ke]
    steward: cuc-thong-ke/thu-truong
    access: open
    legal_basis: quy-che-ioc/dieu-12
    obligation: {calendar: year, due: "+30d 17:00"}
"""
    example = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)[0].replace("    # …\n", left_out)
    reference = read_reference()
    resource = parse_contract((head + example).encode(), reference).resources[0]

    scope = scope_of(resource, resource.owner, None, "r1")
    result = check(decode(table, resource), resource, reference.unit_index, reference.agencies, scope, reference.province)

    said = [(str(row["year"]), str(row["rate"]), row["status"]) for row in result.rows.iter_rows(named=True)]
    assert said == [("2014", "14.4", "official"), ("2015", "12.3", "official"), ("2016", "10.4", "preliminary")]
    assert (result.rejected, [one.value for one in result.warnings]) == ([], ["WHOLE COUNTRY"])
