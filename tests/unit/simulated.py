"""The simulated files of each subsystem and what the harvest's check accepts of them, made once for all tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path

import polars as pl

from ckan_harvesters.check import CheckedRows, check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import scope_of
from datasets.demonstration import DemonstrationFile, generate
from datasets.demonstration.generate import makers_of
from datasets.demonstration.habits import Habit
from datasets.model.contract import Contract
from datasets.model.read import read_all
from datasets.model.reference import Reference, read_reference

UNTIL = date(2026, 11, 22)


@dataclass
class Simulated:
    """What was simulated up to a day."""

    until: date = UNTIL
    reference: Reference = field(default_factory=read_reference)
    _folder: tempfile.TemporaryDirectory[str] = field(default_factory=tempfile.TemporaryDirectory)
    _files: dict[str, list[DemonstrationFile]] = field(default_factory=dict)
    _loaded: dict[str, dict[str, pl.DataFrame]] = field(default_factory=dict)

    @cached_property
    def contracts(self) -> dict[str, Contract]:
        """Contracts that are simulated, by name."""
        return {contract.name: contract for contract in read_all(reference=self.reference) if makers_of(contract)}

    def files(self, name: str) -> list[DemonstrationFile]:
        """The files of a subsystem in the order of delivery."""
        if name not in self._files:
            folder = Path(self._folder.name) / name
            self._files[name] = generate([self.contracts[name]], self.reference, folder, seed=1, until=self.until)
        return self._files[name]

    def checked(self, file: DemonstrationFile) -> CheckedRows:
        """What the harvest finds in a file. Raises Refused."""
        scope = scope_of(file.resource, file.agency, file.period, "r1")
        decoded = decode(file.path, file.resource, apart=False)
        return check(decoded, file.resource, self.reference.unit_index, self.reference.agencies, scope, self.reference.province)

    def loaded(self, name: str) -> dict[str, pl.DataFrame]:
        """By dataset, the rows that stand in the end."""
        if name not in self._loaded:
            tables: dict[str, list[pl.DataFrame]] = {}
            for file in self.standing(name):
                tables.setdefault(file.resource.name, []).append(self.checked(file).rows)
            self._loaded[name] = {resource: pl.concat(frames) for resource, frames in tables.items()}
        return self._loaded[name]

    def standing(self, name: str) -> Iterator[DemonstrationFile]:
        """The files that no later one replaces, without declarations of zero."""
        last: dict[tuple[str, str, str], DemonstrationFile] = {}
        for file in self.files(name):
            is_whole = file.resource.delivery.scope == "whole"
            last[file.resource.name, file.agency, "" if is_whole else file.period] = file
        yield from (file for file in last.values() if file.habit is not Habit.ZERO)


@cache
def simulated(until: date = UNTIL) -> Simulated:
    """What was simulated up to that day; made once, shared by the tests of a run."""
    return Simulated(until)


def simulated_subsystems() -> list[str]:
    """Names of the contracts that are simulated, for tests that look at each."""
    return sorted(simulated().contracts)
