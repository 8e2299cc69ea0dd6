"""Large files for benchmarks: about as many rows as asked for, which the harvest takes, and a bounded number of them in memory."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from ckan_harvesters.check import check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import scope_of
from datasets.demonstration.scale import BLOCK, LargeFile, scaled_datasets, write_at_scale
from datasets.model.contract import Contract
from tests.unit.simulated import UNTIL, simulated

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def contract() -> list[Contract]:
    """One contract with single cases is enough: the others are made in the same way."""
    return [simulated().contracts["public_safety"]]


def test_only_single_cases_grow() -> None:
    names = {one.resource.name for one in scaled_datasets([simulated().contracts["public_safety"]], simulated().reference, 1, UNTIL)}
    assert "accidents" in names and "cameras" not in names


def test_about_as_many_rows_as_asked_for_which_the_harvest_takes(contract: list[Contract], tmp_path: Path) -> None:
    reference = simulated().reference
    written = list(write_at_scale(contract, reference, tmp_path, rows=5_000, seed=1, until=UNTIL))
    assert sum(rows for _, rows in written) == pytest.approx(5_000, rel=0.05)
    path, rows = max((one for one in written if "accidents" in one[0].name), key=lambda one: one[1])
    _, agency, period, _ = path.stem.split("_")
    resource = contract[0].resource("accidents")
    scope = scope_of(resource, agency, period, "r1")
    result = check(decode(path, resource), resource, reference.unit_index, reference.agencies, scope, reference.province)
    assert (result.rejected_rows, result.rows.height) == (0, rows)


def test_no_more_than_a_block_of_rows_waits_in_memory(contract: list[Contract], tmp_path: Path) -> None:
    resource = contract[0].resource("traffic-summary")
    values = dict.fromkeys((field.column for field in resource.schema_.fields), None)
    with ExitStack() as stack:
        file = LargeFile(stack, tmp_path / "large.csv", resource)
        waiting = []
        for _ in range(BLOCK * 2 + 5):
            file.add(values)
            waiting.append(len(file.waiting))
        file.flush()
    assert max(waiting) < BLOCK and file.rows == BLOCK * 2 + 5
    assert len(file.path.read_bytes().splitlines()) == BLOCK * 2 + 5 + resource.dialect.header_row


def test_fewer_rows_than_the_light_version_are_refused(contract: list[Contract], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write a greater number"):
        list(write_at_scale(contract, simulated().reference, tmp_path, rows=10, seed=1, until=UNTIL))
