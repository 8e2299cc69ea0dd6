"""Large files for benchmarks: makers of single cases make many times their cases, and rows are written as they come."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from datasets.demonstration.generate import makers_of, world_of
from datasets.demonstration.habits import calendar_of_reports
from datasets.demonstration.row import Maker
from datasets.demonstration.world import World
from datasets.demonstration.write import csv_lines
from datasets.model.contract import Contract, Resource
from datasets.model.period import period_of
from datasets.model.reference import Reference

BLOCK = 2_000
"""Rows that wait for each file."""


@dataclass(frozen=True)
class Scaled:
    """A dataset whose rows grow with the world's scale."""

    contract: Contract
    resource: Resource
    maker: Maker
    rows: int
    """At scale 1."""
    growth: int
    """How many rows more scale 2 makes."""


class LargeFile:
    """A file that is being written, some rows at a time."""

    def __init__(self, stack: ExitStack, path: Path, resource: Resource) -> None:
        stream = stack.enter_context(path.open("w", encoding=resource.encoding, newline=""))
        self.path, self.resource, self.rows = path, resource, 0
        self._writer = csv.writer(stream, delimiter=resource.dialect.delimiter, lineterminator="\r\n")
        self._writer.writerows(csv_lines(resource, []))
        self.waiting: list[dict[str, Any]] = []

    def add(self, values: dict[str, Any]) -> None:
        """One row more."""
        self.waiting.append(values)
        self.rows += 1
        if len(self.waiting) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        """Writes the rows that wait."""
        self._writer.writerows(csv_lines(self.resource, self.waiting, header=False))
        self.waiting.clear()


def scaled_datasets(contracts: Sequence[Contract], reference: Reference, seed: int, until: date) -> list[Scaled]:
    """Datasets of single cases: at scale 2 they have more rows. Their files are CSV, whatever a department would send."""
    one, two = (world_of(reference, seed, until, scale=scale) for scale in (1.0, 2.0))
    found = []
    for contract in contracts:
        for name, maker in makers_of(contract).items():
            resource = contract.resource(name)
            rows, more = (sum(1 for _ in maker(world, resource)) for world in (one, two))
            if more > rows * 1.5:
                found.append(Scaled(contract, resource, maker, rows, more - rows))
    return found


def write_at_scale(
    contracts: Sequence[Contract], reference: Reference, out: Path, *, rows: int, seed: int, until: date
) -> Iterator[tuple[Path, int]]:
    """Write about so many rows of single cases as CSV files into `out`, one for each agency and period; gives each with its rows.

    Rows are written as they are made: what is held in memory does not grow with them. Raises ValueError for fewer rows than scale 1 makes.
    """
    scaled = scaled_datasets(contracts, reference, seed, until)
    base = sum(one.rows for one in scaled)
    if rows < base:
        raise ValueError(f"{rows} rows are fewer than the {base} of the light version; write a greater number")
    factor = 1 + (rows - base) / sum(one.growth for one in scaled)
    world = world_of(reference, seed, until, scale=factor)
    out.mkdir(parents=True, exist_ok=True)
    for one in scaled:
        yield from _write(world, one, out)


def _write(world: World, one: Scaled, out: Path) -> Iterator[tuple[Path, int]]:
    files: dict[tuple[str, str], LargeFile] = {}
    calendar = calendar_of_reports(one.resource)
    with ExitStack() as stack:
        for row in one.maker(world, one.resource):
            agency, period = key = row.agency, period_of(calendar, row.day)
            if key not in files:
                name = f"{one.contract.dataset_name(one.resource)}_{agency}_{period}_mo-phong.csv"
                files[key] = LargeFile(stack, out / name, one.resource)
            files[key].add(row.values)
        for file in files.values():
            file.flush()
    for key in sorted(files):
        yield files[key].path, files[key].rows
