"""Large files for benchmarks: as many rows as asked for, which the harvest takes, made in blocks of a bounded number."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random

import polars as pl
import pytest

from ckan_harvesters.check import CheckedRows, check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import scope_of
from datasets.demonstration import copies, scale
from datasets.demonstration.copies import ASIDE, MINUTES, CopiedRows
from datasets.demonstration.generate import makers_of, world_of
from datasets.demonstration.scale import scaled_datasets, write_at_scale
from datasets.demonstration.world import World
from datasets.demonstration.write import csv_lines
from datasets.model.calendar import ZONE
from datasets.model.contract import Contract
from tests.unit.simulated import UNTIL, simulated

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def contract() -> list[Contract]:
    """One contract with single cases is enough: the others are made in the same way."""
    return [simulated().contracts["public_safety"]]


def checked(path: Path, contract: Contract) -> CheckedRows:
    """What the harvest finds in a file."""
    name, agency, period, _ = path.stem.split("_")
    resource = next(one for one in contract.resources if contract.dataset_name(one) == name)
    scope = scope_of(resource, agency, period, "r1")
    reference = simulated().reference
    return check(decode(path, resource), resource, reference.unit_index, reference.agencies, scope, reference.province)


def test_the_datasets_that_are_said_to_be_of_cases_grow_and_no_other(contract: list[Contract]) -> None:
    said = {one.resource.name: one.number for one in scaled_datasets(contract)}
    assert said == {"accidents": "accident", "callouts": "callout"}
    rows = [
        {name: sum(1 for _ in maker(world, contract[0].resource(name))) for name, maker in makers_of(contract[0]).items()}
        for world in (world_of(simulated().reference, 1, UNTIL, scale=factor) for factor in (1.0, 3.0))
    ]
    assert {name for name, number in rows[1].items() if number > rows[0][name] * 2} == set(said)


@pytest.mark.parametrize("name", sorted({one.contract.name for one in scaled_datasets(list(simulated().contracts.values()))}))
def test_the_harvest_takes_copies_with_a_number_a_moment_and_a_place_of_their_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "MADE_ONE_BY_ONE", 1)
    of = simulated().contracts[name]
    written = list(write_at_scale([of], simulated().reference, tmp_path, rows=20_000, seed=1, until=UNTIL))
    assert sum(rows for _, rows in written) == pytest.approx(20_000, abs=len(written))
    for path, rows in written:
        found = checked(path, of)
        assert (found.rejected_rows, found.rows.height) == (0, rows), path.name


def test_a_copy_is_within_half_an_hour_and_some_metres_of_its_row(
    contract: list[Contract], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "BLOCK", 50)
    resource = contract[0].resource("accidents")
    made = [row.values for row in makers_of(contract[0])["accidents"](simulated_world(), resource)][:20]
    rows = CopiedRows(resource, "accident")
    for values in made:
        rows.add(values)
    path = tmp_path / "public-safety-accidents_cong-an-tinh_2025-12A_mo-phong.csv"
    rows.write(path, 205, Random(1), digits=2)
    found = checked(path, contract[0]).rows
    assert found.height == 205
    cases = found.with_columns(of=pl.col("accident").str.head(-2), copy=pl.col("accident").str.tail(2).cast(pl.Int64))
    assert cases.filter(pl.col("copy") == 10)["of"].to_list() == [made[n]["accident"] for n in (3, 7, 11, 15, 19)], "spread evenly"
    assert cases.filter(pl.col("copy") < 10).group_by("of").len()["len"].to_list() == [10] * 20
    both = cases.join(pl.DataFrame(made).rename({"accident": "of"}), on="of", suffix="_made")
    assert both.height == 205 and both["occurred_at"].n_unique() > 150
    away = (
        pl.col("occurred_at").dt.convert_time_zone(str(ZONE)).dt.replace_time_zone(None) - pl.col("occurred_at_made")
    ).dt.total_minutes()
    assert both.select(away.abs().max()).item() in range(MINUTES // 2, MINUTES + 1)
    assert both.filter(pl.col("occurred_at").dt.convert_time_zone(str(ZONE)).dt.date() != pl.col("occurred_at_made").dt.date()).is_empty()
    for side in ("longitude", "latitude"):
        furthest = both.select((pl.col(side) - pl.col(f"{side}_made")).abs().max()).item()
        assert 0.5 * ASIDE < furthest * 100_000 <= ASIDE + 0.01
    same = ("commune", "road", "vehicle", "cause", "deaths", "injured")
    assert all(both[column].to_list() == both[f"{column}_made"].to_list() for column in same if column != "commune")


def simulated_world() -> World:
    return world_of(simulated().reference, 1, UNTIL)


@pytest.mark.parametrize(
    ("name", "resource"), [("documents", "incoming-documents"), ("feedback", "reports"), ("public_safety", "callouts")]
)
def test_rows_that_need_no_copy_are_written_as_any_file_is(name: str, resource: str, tmp_path: Path) -> None:
    of = simulated().contracts[name]
    made = [row.values for row in makers_of(of)[resource](simulated_world(), of.resource(resource))][:300]
    rows = CopiedRows(of.resource(resource), next(one.number for one in scaled_datasets([of]) if one.resource.name == resource))
    for values in made:
        rows.add(values)
    rows.write(tmp_path / "rows.csv", len(made), Random(1), digits=0)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=of.resource(resource).dialect.delimiter, lineterminator="\r\n").writerows(
        csv_lines(of.resource(resource), made)
    )
    assert (tmp_path / "rows.csv").read_bytes() == text.getvalue().encode(of.resource(resource).encoding)


def test_the_same_seed_writes_the_same_bytes_and_another_one_others(
    contract: list[Contract], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "MADE_ONE_BY_ONE", 2_000)

    def bytes_of(folder: str, seed: int) -> list[bytes]:
        files = list(write_at_scale(contract, simulated().reference, tmp_path / folder, rows=5_000, seed=seed, until=UNTIL))
        return [path.read_bytes() for path, _ in files]

    first = bytes_of("first", 1)
    assert bytes_of("again", 1) == first and bytes_of("other", 2) != first


def test_no_more_than_a_block_of_rows_is_made_at_a_time(contract: list[Contract], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "BLOCK", 700)
    heights: list[int] = []
    monkeypatch.setattr(CopiedRows, "_append", lambda rows, file, block: heights.append(block.height))
    monkeypatch.setattr(scale, "MADE_ONE_BY_ONE", 1)
    list(write_at_scale(contract, simulated().reference, tmp_path, rows=30_000, seed=1, until=UNTIL))
    assert max(heights) <= 700 and sum(heights) == pytest.approx(30_000, abs=20)


def test_fewer_rows_than_the_light_version_are_refused(contract: list[Contract], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write a greater number"):
        list(write_at_scale(contract, simulated().reference, tmp_path, rows=10, seed=1, until=UNTIL))
