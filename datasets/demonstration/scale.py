"""Large files for benchmarks: single cases of a simulated province, and copies of them until there are as many as asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path

from datasets.demonstration.copies import CopiedRows
from datasets.demonstration.generate import cases_of, makers_of, world_of
from datasets.demonstration.habits import calendar_of_reports
from datasets.demonstration.row import Maker
from datasets.demonstration.world import World
from datasets.model.contract import Contract, Resource
from datasets.model.period import period_of
from datasets.model.reference import Reference

MADE_ONE_BY_ONE = 100_000
"""About so many rows are made case by case; what is asked for beyond them are copies."""


@dataclass(frozen=True)
class Scaled:
    """A dataset of single cases, whose rows grow with the world's scale. Its files are CSV, whatever a department would send."""

    contract: Contract
    resource: Resource
    maker: Maker
    number: str
    """The column that tells one case from another."""

    def files(self, world: World) -> dict[tuple[str, str], CopiedRows]:
        """Rows of each file, by agency and period."""
        calendar = calendar_of_reports(self.resource)
        found: dict[tuple[str, str], CopiedRows] = {}
        for row in self.maker(world, self.resource):
            place = row.agency, period_of(calendar, row.day)
            if place not in found:
                found[place] = CopiedRows(self.resource, self.number)
            found[place].add(row.values)
        return found


def scaled_datasets(contracts: Sequence[Contract]) -> list[Scaled]:
    """Datasets of single cases, as the modules that simulate them name them."""
    return [
        Scaled(contract, contract.resource(name), makers_of(contract)[name], number)
        for contract in contracts
        for name, number in cases_of(contract).items()
    ]


def write_at_scale(
    contracts: Sequence[Contract], reference: Reference, out: Path, *, rows: int, seed: int, until: date
) -> Iterator[tuple[Path, int]]:
    """Write so many rows of single cases as CSV files into `out`, one for each agency and period; gives each with its rows.

    Up to 100,000 rows are made case by case, and are only about as many as asked for; beyond, they are copies of about so many. What is
    held in memory does not grow with the rows. Raises ValueError for fewer rows than scale 1 makes.
    """
    scaled = scaled_datasets(contracts)
    world = world_of(reference, seed, until)
    usual = [sum(1 for _ in one.maker(world, one.resource)) for one in scaled]
    if rows < sum(usual):
        raise ValueError(f"{rows} rows are fewer than the {sum(usual)} of the light version; write a greater number")
    world = world_of(reference, seed, until, scale=max(1.0, min(rows, MADE_ONE_BY_ONE) / sum(usual)))
    out.mkdir(parents=True, exist_ok=True)
    for one, share in zip(scaled, usual, strict=True):
        files = one.files(world)
        made = sum(file.rows for file in files.values())
        times = rows * share / sum(usual) / made if rows > MADE_ONE_BY_ONE else 1.0
        # The same for all files of a dataset: a case that is in several reports keeps its number.
        digits = len(str(ceil(times) - 1)) if times > 1 else 0
        for agency, period in sorted(files):
            file = files[agency, period]
            path = out / f"{one.contract.dataset_name(one.resource)}_{agency}_{period}_mo-phong.csv"
            wanted = round(file.rows * times)
            file.write(path, wanted, world.draw("copies", path.name), digits=digits)
            yield path, wanted
